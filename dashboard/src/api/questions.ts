// Every question the dashboard asks, with the key under which its answer is kept.

import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { answered, api } from './client';
import type { operations } from './schema';

type Asked<Operation extends keyof operations> = NonNullable<operations[Operation]['parameters']['query']>;
type Filter<Operation extends keyof operations> = {
  [Name in Exclude<keyof Asked<Operation>, 'cursor' | 'limit'>]?: NonNullable<Asked<Operation>[Name]>;
};
export type RecommendationFilter = Filter<'listRecommendations'>;
export type DecisionFilter = Filter<'listDecisions'>;
export type OrderFilter = Filter<'listOrders'>;
export type DocumentFilter = Filter<'listDocuments'>;

const PAGE = 50;

interface Page {
  next_cursor: string | null;
}

/** Where a list begins and how it goes on: the API's keyset cursors. */
const PAGES = {
  initialPageParam: null as string | null,
  getNextPageParam: (last: Page) => last.next_cursor,
  placeholderData: keepPreviousData,
};

function place(cursor: string | null) {
  return cursor === null ? { limit: PAGE } : { limit: PAGE, cursor };
}

export const uiConfig = queryOptions({
  queryKey: ['ui-config'],
  queryFn: ({ signal }) => answered(api.GET('/api/v1/ui-config', { signal })),
  refetchInterval: 30_000,
});

export const pipeline = queryOptions({
  queryKey: ['pipeline'],
  queryFn: ({ signal }) => answered(api.GET('/api/v1/pipeline', { signal })),
  refetchInterval: 2000,
});

/** How many are dead is part of the question: when another job dies, the list is asked for again. */
export const deadLetters = (queue: string, dead: number) =>
  queryOptions({
    queryKey: ['dead-letters', queue, dead],
    queryFn: ({ signal }) =>
      answered(api.GET('/api/v1/dlq/{queue}', { signal, params: { path: { queue }, query: { limit: 50 } } })),
  });

export const recommendations = (filter: RecommendationFilter) =>
  infiniteQueryOptions({
    ...PAGES,
    queryKey: ['recommendations', filter],
    queryFn: ({ signal, pageParam }) =>
      answered(
        api.GET('/api/v1/recommendations', { signal, params: { query: { ...filter, ...place(pageParam) } } }),
      ),
  });

export const recommendation = (id: string) =>
  queryOptions({
    queryKey: ['recommendation', id],
    queryFn: ({ signal }) =>
      answered(
        api.GET('/api/v1/recommendations/{recommendation_id}', {
          signal,
          params: { path: { recommendation_id: id } },
        }),
      ),
  });

export const tradingStatus = queryOptions({
  queryKey: ['trading-status'],
  queryFn: ({ signal }) => answered(api.GET('/api/v1/trading/status', { signal })),
});

export const positions = queryOptions({
  queryKey: ['positions'],
  queryFn: ({ signal }) => answered(api.GET('/api/v1/positions', { signal })),
});

export const equity = queryOptions({
  queryKey: ['equity'],
  queryFn: ({ signal }) => answered(api.GET('/api/v1/portfolio/equity', { signal })),
});

export const orders = (filter: OrderFilter) =>
  infiniteQueryOptions({
    ...PAGES,
    queryKey: ['orders', filter],
    queryFn: ({ signal, pageParam }) =>
      answered(api.GET('/api/v1/orders', { signal, params: { query: { ...filter, ...place(pageParam) } } })),
  });

export const order = (id: string) =>
  queryOptions({
    queryKey: ['order', id],
    queryFn: ({ signal }) =>
      answered(api.GET('/api/v1/orders/{order_id}', { signal, params: { path: { order_id: id } } })),
  });

export const decisions = (filter: DecisionFilter) =>
  infiniteQueryOptions({
    ...PAGES,
    queryKey: ['decisions', filter],
    queryFn: ({ signal, pageParam }) =>
      answered(
        api.GET('/api/v1/decisions', { signal, params: { query: { ...filter, ...place(pageParam) } } }),
      ),
  });

export const decision = (id: string) =>
  queryOptions({
    queryKey: ['decision', id],
    queryFn: ({ signal }) =>
      answered(api.GET('/api/v1/decisions/{decision_id}', { signal, params: { path: { decision_id: id } } })),
  });

export const documents = (filter: DocumentFilter) =>
  infiniteQueryOptions({
    ...PAGES,
    queryKey: ['documents', filter],
    queryFn: ({ signal, pageParam }) =>
      answered(
        api.GET('/api/v1/documents', { signal, params: { query: { ...filter, ...place(pageParam) } } }),
      ),
  });

export const document = (id: string) =>
  queryOptions({
    queryKey: ['document', id],
    queryFn: ({ signal }) =>
      answered(api.GET('/api/v1/documents/{document_id}', { signal, params: { path: { document_id: id } } })),
  });

export const search = (words: string) =>
  queryOptions({
    queryKey: ['search', words],
    queryFn: ({ signal }) =>
      answered(api.GET('/api/v1/search', { signal, params: { query: { q: words, limit: 6 } } })),
    enabled: words.length > 0,
    placeholderData: keepPreviousData,
  });
