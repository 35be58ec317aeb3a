// How a stage stands, summed over the queues that it reads.

import type { QueueState, StageState } from '@/api/schema';

export interface Load {
  waiting: number;
  inFlight: number;
  delayed: number;
  dead: number;
  done: number;
  recent: number;
  oldest: number | null;
}

export function load(queues: readonly QueueState[]): Load {
  const sum = (pick: (queue: QueueState) => number) =>
    queues.reduce((total, queue) => total + pick(queue), 0);
  const ages = queues.flatMap((queue) =>
    queue.oldest_age_seconds === null ? [] : [queue.oldest_age_seconds],
  );
  return {
    waiting: sum((queue) => queue.waiting),
    inFlight: sum((queue) => queue.in_flight),
    delayed: sum((queue) => queue.delayed),
    dead: sum((queue) => queue.dead),
    done: sum((queue) => queue.done_total),
    recent: sum((queue) => queue.done_last_5m),
    oldest: ages.length > 0 ? Math.max(...ages) : null,
  };
}

export type Health = 'idle' | 'busy' | 'behind' | 'failing';

const BEHIND_AFTER = 300;

/** Dead letters matter most, then work that has waited for five minutes, then whether there is any. */
export function health({ dead, oldest, waiting, inFlight }: Load): Health {
  if (dead > 0) return 'failing';
  if (oldest !== null && oldest > BEHIND_AFTER) return 'behind';
  return waiting + inFlight > 0 ? 'busy' : 'idle';
}

export const HEALTH_WORDS: Record<Health, string> = {
  idle: 'Idle',
  busy: 'Working',
  behind: 'Behind',
  failing: 'Dead letters',
};

export function polls(stage: StageState): boolean {
  return stage.queues.length === 0;
}
