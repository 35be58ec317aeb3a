// What of the page stands in the address: the tab, and what is chosen or filtered in it.

export const TABS = ['positions', 'orders', 'decisions', 'controls'] as const;
export type Tab = (typeof TABS)[number];

export interface TradingSearch {
  tab?: Tab;
  /** The order whose events are shown. */
  order?: string;
  /** Orders: only those to which something can still happen. */
  open?: boolean;
  /** Decisions: only those that ended so. */
  verdict?: 'act' | 'skip';
  reason?: string;
  ticker?: string;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function parseSearch(search: Record<string, unknown>): TradingSearch {
  const { order, open, verdict, reason, ticker } = search;
  const tab = TABS.find((known) => known === search.tab);
  return {
    ...(tab ? { tab } : {}),
    ...(typeof order === 'string' && UUID.test(order) ? { order } : {}),
    ...(open === true ? { open } : {}),
    ...(verdict === 'act' || verdict === 'skip' ? { verdict } : {}),
    ...(typeof reason === 'string' && reason !== '' ? { reason: reason.slice(0, 60) } : {}),
    ...(typeof ticker === 'string' && ticker !== '' ? { ticker: ticker.slice(0, 12) } : {}),
  };
}
