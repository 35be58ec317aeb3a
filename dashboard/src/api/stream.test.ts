// @vitest-environment jsdom

import { QueryClient } from '@tanstack/react-query';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Change, UiConfig } from './schema';
import { apply, Refresh } from './stream';

const CONFIG: UiConfig = {
  mode: 'REPLAY',
  now: '2025-04-01T00:00:00Z',
  account: 'paper',
  risk_tier: 'moderate',
  version: '0.1.0',
  replay: {
    tape: 'april',
    starts_at: '2025-04-01T00:00:00Z',
    ends_at: '2025-04-11T00:00:00Z',
    now: '2025-04-01T00:00:00Z',
    stage: 'parser',
    finished_at: null,
    progress: 0,
    summary: null,
  },
};

function change(type: string, key: string, data: Record<string, unknown>): Change {
  return { v: 1, type, key, at: '2025-04-02T00:00:00Z', data };
}

describe('a change', () => {
  it('of the clock moves the time and the progress', () => {
    const cache = new QueryClient();
    cache.setQueryData(['ui-config'], CONFIG);

    apply(
      cache,
      change('clock', 'april', { now: '2025-04-06T00:00:00Z', stage: 'broker', finished_at: null }),
    );

    const config = cache.getQueryData<UiConfig>(['ui-config']);
    expect(config).toMatchObject({ now: '2025-04-06T00:00:00Z', replay: { stage: 'broker', progress: 0.5 } });
  });

  it('of an order is seen in every list that shows it', () => {
    const cache = new QueryClient();
    const page = { items: [{ id: 'a', status: 'accepted', filled_quantity: '0' }], next_cursor: null };
    for (const filter of [{}, { open: true }]) {
      cache.setQueryData(['orders', filter], { pages: [page], pageParams: [null] });
    }

    apply(cache, change('orders', 'a', { status: 'filled', filled_quantity: '5' }));

    for (const filter of [{}, { open: true }]) {
      expect(cache.getQueryData(['orders', filter])).toMatchObject({
        pages: [{ items: [{ status: 'filled', filled_quantity: '5' }] }],
      });
    }
  });

  it('of what was never asked for writes nothing', () => {
    const cache = new QueryClient();
    apply(
      cache,
      change('clock', 'april', { now: '2025-04-06T00:00:00Z', stage: 'broker', finished_at: null }),
    );
    expect(cache.getQueryData(['ui-config'])).toBeUndefined();
  });
});

describe('asking again', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function watched() {
    const cache = new QueryClient();
    const old = (key: readonly unknown[]) => cache.getQueryState([...key])?.isInvalidated;
    return { cache, refresh: new Refresh(cache), old };
  }

  it('happens once a second however many changes come', () => {
    const { cache, refresh } = watched();
    const asked = vi.spyOn(cache, 'invalidateQueries');
    for (let many = 0; many < 50; many += 1) refresh.mark('decisions');
    vi.advanceTimersByTime(1000);
    expect(asked).toHaveBeenCalledOnce();
  });

  it('leaves a list alone through which someone has paged', () => {
    const { cache, refresh, old } = watched();
    cache.setQueryData(['orders', {}], { pages: [{}, {}], pageParams: [null, 'c'] });
    cache.setQueryData(['orders', { open: true }], { pages: [{}], pageParams: [null] });
    cache.setQueryData(['documents', {}], { pages: [{}], pageParams: [null] });

    refresh.mark('orders');
    vi.advanceTimersByTime(1000);

    expect(old(['orders', {}])).toBe(false);
    expect(old(['orders', { open: true }])).toBe(true);
    expect(old(['documents', {}])).toBe(false);
  });

  it('stops when the page is left', () => {
    const { cache, refresh } = watched();
    const asked = vi.spyOn(cache, 'invalidateQueries');
    refresh.mark('orders');
    refresh.stop();
    vi.advanceTimersByTime(5000);
    expect(asked).not.toHaveBeenCalled();
  });
});
