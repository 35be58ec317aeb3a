import { fixed, percent } from '@/format/number';

interface ProbabilityProps {
  value: number;
  low: number;
  high: number;
}

const FROM = 0.35;
const TO = 0.65;
/** A range narrower than this is told with a decimal. */
const NARROW = 0.03;

function place(share: number): number {
  return Math.min(100, Math.max(0, ((share - FROM) / (TO - FROM)) * 100));
}

/** The chance of a rise with the range it may lie in, on a line from 35 % to 65 % with an even chance in the middle. */
export function Probability({ value, low, high }: ProbabilityProps) {
  const [from, to] = [place(low), place(high)];
  const digits = high - low < NARROW ? 1 : 0;
  return (
    <span className="inline-flex items-center gap-x-2 max-sm:flex-col max-sm:items-end">
      <data value={value} className="num w-12 text-right font-medium text-ink">
        {percent(value)}
      </data>
      <svg aria-hidden viewBox="0 0 100 12" preserveAspectRatio="none" className="hidden h-3 w-20 sm:block">
        <rect x="0" y="5.5" width="100" height="1" className="fill-line" />
        <rect x="49.5" y="1" width="1" height="10" className="fill-line-strong" />
        <rect
          x={from}
          y="4"
          width={Math.max(1, to - from)}
          height="4"
          rx="2"
          className="fill-accent opacity-40"
        />
        <rect x={place(value) - 1.5} y="2" width="3" height="8" rx="1" className="fill-accent" />
      </svg>
      <span className="num text-muted text-xs">
        {fixed(low * 100, digits)}–{percent(high, digits)}
      </span>
    </span>
  );
}
