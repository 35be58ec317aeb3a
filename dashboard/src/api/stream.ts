// The one stream of a tab: changes go into the query cache as they come; what they do not carry is asked for again.

import type { InfiniteData, QueryClient } from '@tanstack/react-query';
import type { Change, OrderPage, TradingStatus, UiConfig } from './schema';

export const TOPICS = [
  'alerts',
  'clock',
  'decisions',
  'documents',
  'equity',
  'orders',
  'recommendations',
  'trading',
] as const;
export type Topic = (typeof TOPICS)[number];

/** Which kept answers a topic makes old. */
const MAKES_OLD: Record<Topic, readonly string[]> = {
  alerts: ['alerts'],
  clock: [],
  decisions: ['decisions', 'trading-status', 'recommendations'],
  documents: ['documents'],
  equity: ['equity', 'positions', 'trading-status'],
  orders: ['orders', 'order', 'positions', 'trading-status', 'recommendations'],
  recommendations: ['recommendations'],
  trading: ['trading-status', 'approvals'],
};
const REFRESH_EVERY = 1000;

/** Write what a change carries into the cache. */
export function apply(cache: QueryClient, change: Change): void {
  if (change.type === 'clock') {
    cache.setQueryData<UiConfig>(['ui-config'], (config) => moved(config, change.data));
  } else if (change.type === 'trading') {
    const { state, reason } = change.data as Partial<Pick<TradingStatus, 'state' | 'reason'>>;
    if (state === undefined || reason === undefined) return; // of an approval, which is asked for again
    cache.setQueryData<TradingStatus>(['trading-status'], (kept) => kept && { ...kept, state, reason });
  } else if (change.type === 'orders') {
    const fresh = change.data as { status: string; filled_quantity: string };
    cache.setQueriesData<InfiniteData<OrderPage>>({ queryKey: ['orders'] }, (kept) =>
      updated(kept, change.key, fresh),
    );
  }
}

function moved(config: UiConfig | undefined, data: Change['data']): UiConfig | undefined {
  if (!config?.replay) return config;
  const { now, stage, finished_at } = data as { now: string; stage: string; finished_at: string | null };
  const { starts_at, ends_at } = config.replay;
  const [from, to] = [Date.parse(starts_at), Date.parse(ends_at)];
  const share = to > from ? (Date.parse(now) - from) / (to - from) : 1;
  const progress = finished_at ? 1 : Math.min(1, Math.max(0, share));
  return { ...config, now, replay: { ...config.replay, now, stage, finished_at, progress } };
}

function updated(
  kept: InfiniteData<OrderPage> | undefined,
  id: string,
  fresh: { status: string; filled_quantity: string },
): InfiniteData<OrderPage> | undefined {
  if (!kept) return kept;
  const { status, filled_quantity } = fresh;
  const items = (page: OrderPage) =>
    page.items.map((row) => (row.id === id ? { ...row, status, filled_quantity } : row));
  return { ...kept, pages: kept.pages.map((page) => ({ ...page, items: items(page) })) };
}

/** Ask again for what is old, at most once a second, and only while someone looks. A list that was paged through is
 * left as it stands, so that it does not move under its reader. */
export class Refresh {
  private readonly cache: QueryClient;
  private readonly old = new Set<string>();
  private timer: number | undefined;

  constructor(cache: QueryClient) {
    this.cache = cache;
  }

  mark(topic: Topic): void {
    for (const key of MAKES_OLD[topic]) this.old.add(key);
    if (this.old.size > 0 && this.timer === undefined) {
      this.timer = window.setTimeout(() => this.flush(), REFRESH_EVERY);
    }
  }

  stop(): void {
    window.clearTimeout(this.timer);
  }

  private flush(): void {
    this.timer = undefined;
    if (document.hidden) {
      this.timer = window.setTimeout(() => this.flush(), REFRESH_EVERY);
      return;
    }
    const old = new Set(this.old);
    this.old.clear();
    void this.cache.invalidateQueries({
      predicate: ({ queryKey, state }) => old.has(String(queryKey[0])) && !pagedThrough(state.data),
    });
  }
}

function pagedThrough(data: unknown): boolean {
  const pages = (data as InfiniteData<unknown> | undefined)?.pages;
  return Array.isArray(pages) && pages.length > 1;
}
