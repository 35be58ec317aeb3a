// States of documents and orders: their words, and whether they are good, bad, waiting or neither.

import { plain } from './words';

export type Tone = 'gain' | 'loss' | 'warn' | 'accent' | 'quiet';

const ORDERS: Record<string, Tone> = {
  filled: 'gain',
  partially_filled: 'accent',
  initialized: 'accent',
  submitting: 'accent',
  submitted: 'accent',
  accepted: 'accent',
  triggered: 'accent',
  pending_update: 'accent',
  pending_cancel: 'accent',
  denied: 'loss',
  rejected: 'loss',
  unknown: 'loss',
  canceled: 'quiet',
  expired: 'quiet',
  replaced: 'quiet',
};

export function orderTone(status: string): Tone {
  return ORDERS[status] ?? 'quiet';
}

const DOCUMENTS: Record<string, Tone> = {
  extracted: 'gain',
  classified: 'gain',
  stored: 'accent',
  parsed: 'accent',
  duplicate: 'quiet',
  withdrawn: 'quiet',
  rejected: 'warn',
  failed: 'loss',
};

export function documentTone(status: string): Tone {
  return DOCUMENTS[status] ?? 'quiet';
}

/** Whether a document's way ends here. */
export function documentEnded(status: string): boolean {
  return status !== 'stored' && status !== 'parsed';
}

export function statusWords(status: string): string {
  return plain(status);
}
