// Why a recommendation was held back, and how what was seen stands to what is allowed.

import { fixed, percent } from '@/format/number';
import { checkValue, reasonWords } from './checks';

interface Meaning {
  words: string;
  observed: string;
  shown: (value: number) => string;
}

const score = (value: number) => fixed(value, 2);
const share = (value: number) => percent(value, 0);
const sharp = (value: number) => percent(value, 2);

const SUPPRESSIONS: Record<string, Meaning> = {
  contradictory: { words: 'Contradictory evidence', observed: 'contradiction', shown: score },
  thin: { words: 'Thin evidence', observed: 'independent signals', shown: score },
  stale: { words: 'Stale evidence', observed: 'age of the newest, in windows', shown: score },
  single_source: { words: 'One source dominates', observed: 'share of the largest source', shown: share },
  low_quality: { words: 'Low quality', observed: 'mean quality', shown: score },
  unverified: { words: 'Unverified quotes', observed: 'share verified', shown: share },
  price_already_moved: { words: 'Price already moved', observed: 'standard deviations', shown: score },
  earnings_blackout: { words: 'Earnings near', observed: 'sessions to the report', shown: score },
  illiquid: { words: 'Too little traded', observed: 'dollars a day', shown: score },
  halted: { words: 'Trading halted', observed: '', shown: score },
  duplicate: { words: 'Same as before', observed: '', shown: score },
  cooldown: { words: 'Opposite call too recent', observed: 'hours since', shown: score },
  data_gap: { words: 'Prices missing', observed: '', shown: score },
  calibration_degraded: { words: 'Calibration degraded', observed: 'calibration error', shown: score },
  low_confidence: { words: 'Low confidence', observed: 'confidence', shown: share },
  no_edge: { words: 'No edge after costs', observed: 'edge', shown: sharp },
  weak: { words: 'Weak trend', observed: 'score', shown: score },
};

export function suppressionWords(code: string): string {
  return SUPPRESSIONS[code]?.words ?? reasonWords(code);
}

export function suppressionObserved(code: string): string {
  return SUPPRESSIONS[code]?.observed ?? 'observed';
}

export function suppressionValue(code: string, value: number | null): string {
  const shown = SUPPRESSIONS[code]?.shown;
  return shown === undefined || value === null ? checkValue(code, value) : shown(value);
}
