// What of the page stands in the address: the tab, and what is chosen or filtered in it.

export const TABS = ['positions', 'orders', 'decisions', 'controls'] as const;
export type Tab = (typeof TABS)[number];

const VERDICTS = ['act', 'skip', 'needs_approval'] as const;

export interface TradingSearch {
  tab?: Tab;
  /** The order whose events are shown. */
  order?: string;
  /** Orders: only those to which something can still happen. */
  open?: boolean;
  /** Decisions: only those that ended so. */
  verdict?: (typeof VERDICTS)[number];
  reason?: string;
  ticker?: string;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function parseSearch(search: Record<string, unknown>): TradingSearch {
  const { order, open, verdict, reason, ticker } = search;
  const tab = TABS.find((known) => known === search.tab);
  const ended = VERDICTS.find((known) => known === verdict);
  return {
    ...(tab ? { tab } : {}),
    ...(typeof order === 'string' && UUID.test(order) ? { order } : {}),
    ...(open === true ? { open } : {}),
    ...(ended ? { verdict: ended } : {}),
    ...(typeof reason === 'string' && reason !== '' ? { reason: reason.slice(0, 60) } : {}),
    ...(typeof ticker === 'string' && ticker !== '' ? { ticker: ticker.slice(0, 12) } : {}),
  };
}
