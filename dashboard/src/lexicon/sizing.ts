// The steps from a probability to a number of shares, in the order in which they are taken.

import { wholeDollars } from '@/format/decimal';
import { figure, fixed, percent } from '@/format/number';
import { plain } from './words';

interface Step {
  words: string;
  says: string;
  shown: (value: number) => string;
}

const share = (value: number) => percent(value, 2);
const STEPS: Record<string, Step> = {
  kelly: { words: 'Full Kelly', says: 'from the lower end of the probability', shown: share },
  kelly_share: { words: 'Share of Kelly', says: 'what the risk tier takes of it', shown: share },
  volatility: { words: 'Volatility target', says: 'the most by the volatility target', shown: share },
  stop_distance: {
    words: 'Stop distance',
    says: 'dollars from entry to stop',
    shown: (value) => `$${fixed(value)}`,
  },
  stop: { words: 'Stop risk', says: 'the most by what the stop would lose', shown: share },
  weight: { words: 'Weight', says: 'the least of these, less the haircut', shown: share },
  price: { words: 'Price', says: 'of a share', shown: (value) => `$${fixed(value)}` },
  equity: { words: 'Equity', says: 'what the weight is a share of', shown: wholeDollars },
  notional: { words: 'Worth', says: 'of whole shares at that price', shown: wholeDollars },
};

export interface SizingStep {
  key: string;
  words: string;
  says: string;
  value: string;
}

/** The steps present, known ones first and in order. */
export function sizingSteps(sizing: Record<string, unknown>): SizingStep[] {
  const order = Object.keys(STEPS);
  const place = (key: string) => (order.includes(key) ? order.indexOf(key) : order.length);
  return Object.entries(sizing)
    .sort(([a], [b]) => place(a) - place(b) || a.localeCompare(b))
    .map(([key, value]) => {
      const step = STEPS[key];
      const shown = typeof value === 'number' ? (step?.shown ?? figure)(value) : String(value);
      return { key, words: step?.words ?? plain(key), says: step?.says ?? '', value: shown };
    });
}
