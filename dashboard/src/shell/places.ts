// Where one can go: the pages of the rail, each with the key that follows g.

import { type LucideIcon, Newspaper, Scale, Wallet, Workflow } from 'lucide-react';

export interface Place {
  to: '/pipeline' | '/recommendations' | '/trading' | '/documents';
  name: string;
  key: string;
  icon: LucideIcon;
}

export const PLACES: readonly Place[] = [
  { to: '/pipeline', name: 'Pipeline', key: 'p', icon: Workflow },
  { to: '/recommendations', name: 'Recommendations', key: 'r', icon: Scale },
  { to: '/trading', name: 'Trading', key: 't', icon: Wallet },
  { to: '/documents', name: 'Documents', key: 'd', icon: Newspaper },
];
