import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Tone } from '@/lexicon/statuses';

const TONES: Record<Tone, string> = {
  gain: 'bg-gain-soft text-gain',
  loss: 'bg-loss-soft text-loss',
  warn: 'bg-warn-soft text-warn',
  accent: 'bg-accent-soft text-accent',
  quiet: 'bg-chip text-muted',
};

interface TagProps {
  tone?: Tone;
  icon?: LucideIcon;
  title?: string;
  children: ReactNode;
}

/** A word about a state; the tone only underlines what the word says. */
export function Tag({ tone = 'quiet', icon: Icon, title, children }: TagProps) {
  return (
    <span
      title={title}
      className={`inline-flex h-5 items-center gap-1 whitespace-nowrap rounded-md px-1.5 font-medium text-xs ${TONES[tone]}`}
    >
      {Icon && <Icon aria-hidden className="size-3" strokeWidth={2.5} />}
      {children}
    </span>
  );
}
