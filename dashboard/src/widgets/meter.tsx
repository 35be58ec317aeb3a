import type { Tone } from '@/lexicon/statuses';

const FILLS: Record<Tone, string> = {
  gain: 'bg-gain-bar',
  loss: 'bg-loss-bar',
  warn: 'bg-warn-bar',
  accent: 'bg-accent',
  quiet: 'bg-line-strong',
};

interface MeterProps {
  /** In [0, 1]; what lies beyond is drawn full. */
  share: number;
  tone?: Tone;
  className?: string;
}

/** A bar beside the number that it repeats; nothing for those who hear the number. */
export function Meter({ share, tone = 'accent', className = 'w-full' }: MeterProps) {
  const width = `${Math.min(1, Math.max(0, share)) * 100}%`;
  return (
    <span aria-hidden className={`block h-1.5 overflow-hidden rounded-full bg-line ${className}`}>
      <span className={`block h-full rounded-full ${FILLS[tone]}`} style={{ width }} />
    </span>
  );
}
