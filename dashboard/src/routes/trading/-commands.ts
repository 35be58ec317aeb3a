// What may be said to the account, when it makes sense, and how it is said.

import { answered, api } from '@/api/client';
import type { ApprovalRow, Outcome, TradingStatus } from '@/api/schema';

export const COMMANDS = ['pause', 'resume', 'flatten', 'halt', 'rearm'] as const;
export type Command = (typeof COMMANDS)[number];

export interface Said {
  command: Command;
  reason: string;
  cancelOrders: boolean;
  flatten: boolean;
}

/** Shortest reason that the API takes. */
export const SHORTEST = 3;

/** The commands that lead anywhere from where the account stands. */
export function sensible({
  state,
  halts_when_flat: halting,
}: Pick<TradingStatus, 'state' | 'halts_when_flat'>): readonly Command[] {
  if (state === 'halted') return ['flatten', 'rearm'];
  if (halting) return ['halt', 'rearm'];
  if (state === 'reducing') return ['resume', 'flatten', 'halt'];
  return ['pause', 'flatten', 'halt'];
}

/** Whether a command is asked for a second time before it is given: it sells, or stops what sells. */
export function asksTwice(command: Command): boolean {
  return command === 'halt' || command === 'flatten' || command === 'rearm';
}

/** A key under which a request counts once; works on plain http too, where randomUUID is not there. */
function once(): { header: { 'Idempotency-Key': string } } {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return {
    header: { 'Idempotency-Key': Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('') },
  };
}

export function say({ command, reason, cancelOrders, flatten }: Said): Promise<Outcome> {
  const params = once();
  switch (command) {
    case 'pause':
      return answered(api.POST('/api/v1/trading/pause', { params, body: { reason } }));
    case 'resume':
      return answered(api.POST('/api/v1/trading/resume', { params, body: { reason } }));
    case 'flatten':
      return answered(api.POST('/api/v1/trading/flatten', { params, body: { reason } }));
    case 'rearm':
      return answered(api.POST('/api/v1/trading/rearm', { params, body: { reason } }));
    case 'halt':
      return answered(
        api.POST('/api/v1/trading/halt', { params, body: { reason, cancel_orders: cancelOrders, flatten } }),
      );
  }
}

export interface Answer {
  id: string;
  decision: 'approve' | 'reject';
  reason: string;
}

export function decide({ id, decision, reason }: Answer): Promise<ApprovalRow> {
  return answered(
    api.POST('/api/v1/approvals/{approval_id}/decision', {
      params: { path: { approval_id: id }, ...once() },
      body: { decision, reason },
    }),
  );
}
