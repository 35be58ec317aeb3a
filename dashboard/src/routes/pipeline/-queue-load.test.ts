import { describe, expect, it } from 'vitest';
import type { QueueState } from '@/api/schema';
import { health, load } from './-queue-load';

function queue(part: Partial<QueueState>): QueueState {
  return {
    queue: 'parsing',
    waiting: 0,
    in_flight: 0,
    delayed: 0,
    dead: 0,
    open: 0,
    oldest_open_at: null,
    oldest_age_seconds: null,
    done_last_5m: 0,
    done_total: 0,
    delivered: 0,
    retried: 0,
    reclaimed: 0,
    lost: 0,
    died: 0,
    lease_left_seconds: null,
    took_p50_seconds: null,
    took_p95_seconds: null,
    ...part,
  };
}

describe('the load of a stage', () => {
  it('is the sum of its queues, as old as the oldest of them', () => {
    const sum = load([
      queue({ waiting: 3, oldest_age_seconds: 2 }),
      queue({ waiting: 4, oldest_age_seconds: 7, dead: 1 }),
    ]);
    expect(sum).toMatchObject({ waiting: 7, dead: 1, oldest: 7 });
  });

  it('of no queue has no age', () => {
    expect(load([]).oldest).toBeNull();
  });
});

describe('the health of a stage', () => {
  it.each([
    [{}, 'idle'],
    [{ in_flight: 1, oldest_age_seconds: 1 }, 'busy'],
    [{ waiting: 212, oldest_age_seconds: 311 }, 'behind'],
    [{ waiting: 212, oldest_age_seconds: 311, dead: 1 }, 'failing'],
  ] as const)('with %o is %s', (part, expected) => {
    expect(health(load([queue(part)]))).toBe(expected);
  });
});
