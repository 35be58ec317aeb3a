// What each check of a gate asks, in which unit its numbers are, and what its failure means as a reason.

import { quantity, wholeDollars } from '@/format/decimal';
import { short } from '@/format/instant';
import { count, figure, fixed, percent } from '@/format/number';
import { ELIGIBILITY } from './eligibility';
import { type Meaning, meaning } from './meaning';
import { plain } from './words';

const CHECKS: Record<string, Meaning> = {
  TRADING_HALTED: meaning('Trading is on', 'Trading halted'),
  REDUCE_ONLY: meaning('Trading is on', 'Only reducing orders allowed'),
  BREAKER_OPEN: meaning('Circuit breakers', 'A circuit breaker is open'),
  DUPLICATE_DECISION: meaning('Not a duplicate', 'Decided already'),
  REC_STALE: meaning('Recommendation age', 'Recommendation too old', 'minutes', '≤'),
  REC_SUPERSEDED: meaning('Newest of its window', 'Superseded'),
  OUTSIDE_WINDOW: meaning('Trading hours', 'Outside trading hours', 'instant'),
  QUOTE_STALE: meaning('Age of the price', 'Price too old', 'seconds', '≤'),
  SPREAD_WIDE: meaning('Spread', 'Spread too wide', 'share', '≤'),
  CONFIDENCE_LOW: meaning('Confidence', 'Confidence too low', 'share', '≥'),
  SOURCES_FEW: meaning('Independent sources', 'Too few independent sources', 'count', '≥'),
  CONTRADICTION_HIGH: meaning('Contradiction', 'Evidence contradicts itself', 'share', '≤'),
  ADV_CAP: meaning('Traded a day', 'Too little is traded', 'dollars'),
  PRICE_LOW: meaning('Price of a share', 'Share price too low', 'dollars', '≥'),
  NAME_CAP: meaning('Exposure to the company', 'Company exposure at its limit', 'share', '<'),
  SECTOR_CAP: meaning('Exposure to the sector', 'Sector exposure at its limit', 'share', '<'),
  GROSS_CAP: meaning('Gross exposure', 'Gross exposure at its limit', 'share', '<'),
  NET_CAP: meaning('Net exposure', 'Net exposure at its limit', 'share', '<'),
  CORR_HIGH: meaning('Correlation to the book', 'Too correlated to the book', 'score', '≤'),
  EARNINGS_BLACKOUT: meaning('Clear of earnings', 'Earnings blackout'),
  COOLDOWN: meaning('Rest after the last exit', 'Still cooling down'),
  MAX_POSITIONS: meaning('Positions held', 'Too many positions', 'count', '≤'),
  MAX_NEW: meaning('New positions today', 'Too many new positions today', 'count', '≤'),
  CORP_ACTION_WINDOW: meaning('Clear of corporate actions', 'Corporate action near'),
  NOT_TRADABLE: meaning('Tradable', 'Not tradable'),
  NOT_SHORTABLE: meaning('Shares free to sell', 'No shares to sell', 'shares', '≤'),
  INSUFFICIENT_BP: meaning('Buying power', 'Not enough cash', 'dollars', '>'),
  NEEDS_APPROVAL: meaning('Within what needs no approval', 'Needs approval', 'share', '≤'),
  PRICE_DRIFT: meaning('Price since the decision', 'Price moved since the decision', 'share', '≤'),
  SIZE: meaning('Worth of the order', 'No size', 'dollars', '≥'),
  BELOW_MIN: meaning('Worth of the order', 'Position would be too small', 'dollars', '≥'),
  NO_EDGE: meaning('Worth of the order', 'No edge to size', 'dollars', '≥'),
  VOL_TARGET: meaning('Volatility target', 'Volatility target'),
  STOP_RISK: meaning('Risk to the stop', 'Risk to the stop'),
  CONTRADICTION: meaning('Contradiction', 'Contradiction', 'score', '≤'),
  ...ELIGIBILITY,
};
const MISSING = '_DATA_MISSING';
const SPANS = { days: 'd', hours: 'h', minutes: 'min', seconds: 's' } as const;

function known(code: string): Meaning {
  const bare = code.endsWith(MISSING) ? code.slice(0, -MISSING.length) : code;
  return CHECKS[bare] ?? meaning(plain(bare), plain(bare));
}

/** What the check asks, whatever its answer. */
export function checkAsks(gate: string, code: string): string {
  return code === 'NOT_ASKED_OF_EXITS' ? plain(gate) : known(code).asks;
}

/** Why nothing was done, where this check is the reason. */
export function reasonWords(code: string): string {
  const words = known(code).fails;
  return code.endsWith(MISSING) ? `${words}: no data` : words;
}

export type Value = number | string | null;

/** One side of a check in its unit; text passes as it stands. */
export function checkValue(code: string, value: Value): string {
  if (value === null) return 'no data';
  const { unit } = known(code);
  if (typeof value === 'string') return unit === 'instant' && isInstant(value) ? `${short(value)} ET` : value;
  switch (unit) {
    case 'share':
      return percent(value, value !== 0 && Math.abs(value) < 0.01 ? 2 : 1);
    case 'count':
      return count(value);
    case 'days':
    case 'hours':
    case 'minutes':
    case 'seconds':
      return `${fixed(value, value % 1 === 0 ? 0 : 1)}\u202f${SPANS[unit]}`;
    case 'score':
      return fixed(value, 2);
    case 'dollars':
      return wholeDollars(value);
    case 'shares':
      return `${quantity(String(value))} sh`;
    default:
      return figure(value);
  }
}

/** How the observed must stand to the limit. */
export function limitWords(code: string, limit: Value): string {
  if (limit === null) return '';
  const { must } = known(code);
  return must !== null && typeof limit === 'number'
    ? `must be ${must} ${checkValue(code, limit)}`
    : `limit ${checkValue(code, limit)}`;
}

/** A check as the reason for an end: what failed, what was seen, what is allowed. */
export function becauseWords(code: string, observed: Value, limit: Value): string {
  const asked = limitWords(code, limit);
  return `${reasonWords(code)}: ${checkValue(code, observed)}${asked === '' ? '' : `, ${asked}`}`;
}

function isInstant(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT/.test(text);
}
