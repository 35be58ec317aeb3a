// What the two sides of the evidence have in common.

import type { EvidenceItem } from '@/api/schema';

export function sum(items: readonly EvidenceItem[]): number {
  return items.reduce((total, item) => total + item.contribution, 0);
}

/** Where on the page a piece of evidence stands. */
export function evidenceAnchor(item: EvidenceItem): string {
  return `evidence-${item.signal.id}`;
}
