// The filter of the list, as it stands in the address.

import type { RecommendationFilter } from '@/api/questions';
import type { Advice, Mode, Verdict, Window } from '@/api/schema';

export const ACTIONS = ['buy', 'sell', 'hold', 'watch'] as const satisfies readonly Advice[];
export const MODES = ['informational', 'paper', 'live'] as const satisfies readonly Mode[];
export const WINDOWS = ['intraday', '1d', '7d', '30d', '90d'] as const satisfies readonly Window[];
export const VERDICTS = ['act', 'skip', 'needs_approval'] as const satisfies readonly Verdict[];

function oneOf<T extends string>(value: unknown, choices: readonly T[]): T | undefined {
  return choices.find((choice) => choice === value);
}

function text(value: unknown, longest: number): string | undefined {
  const words = typeof value === 'string' || typeof value === 'number' ? String(value).slice(0, longest) : '';
  return words === '' ? undefined : words;
}

/** Keep what is a filter; an address that was typed wrongly shows more, never an error. */
export function parseFilter(search: Record<string, unknown>): RecommendationFilter {
  const found = {
    ticker: text(search.ticker, 12),
    action: oneOf(search.action, ACTIONS),
    mode: oneOf(search.mode, MODES),
    window: oneOf(search.window, WINDOWS),
    verdict: oneOf(search.verdict, VERDICTS),
    suppressed: typeof search.suppressed === 'boolean' ? search.suppressed : undefined,
    suppression: text(search.suppression, 60),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}
