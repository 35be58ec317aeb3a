// The filter of the list, as it stands in the address.

import type { DocumentFilter } from '@/api/questions';
import type { DocumentStatus, DocumentType } from '@/api/schema';

export const STATUSES = [
  'stored',
  'parsed',
  'extracted',
  'classified',
  'duplicate',
  'rejected',
  'withdrawn',
  'failed',
] as const satisfies readonly DocumentStatus[];
export const TYPES = [
  'news',
  'filing',
  'macro_event',
  'press_release',
  'web_scrape',
] as const satisfies readonly DocumentType[];

export function parseFilter({ ticker, status, type }: Record<string, unknown>): DocumentFilter {
  const found = {
    ticker: typeof ticker === 'string' && ticker !== '' ? ticker.slice(0, 12) : undefined,
    status: STATUSES.find((known) => known === status),
    type: TYPES.find((known) => known === type),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}
