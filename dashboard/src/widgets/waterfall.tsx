import { signed } from '@/format/number';

export interface Step {
  key: string;
  label: string;
  note: string;
  value: number;
  href: string;
}

interface Placed {
  from: number;
  to: number;
}

/** Where each bar begins and ends when every one goes on from where the last one stopped. */
export function placed(values: readonly number[]): Placed[] {
  let sum = 0;
  return values.map((value) => {
    const from = sum;
    sum += value;
    return { from, to: sum };
  });
}

/** Reasons for and against as bars that build on one another, each leading to its evidence. */
export function Waterfall({ steps, total }: { steps: readonly Step[]; total: string }) {
  const bars = placed(steps.map((step) => step.value));
  const ends = [0, ...bars.flatMap(({ from, to }) => [from, to])];
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const scale = high > low ? 100 / (high - low) : 0;
  const at = (value: number) => (value - low) * scale;
  const sum = bars.at(-1)?.to ?? 0;
  return (
    <ol className="flex flex-col">
      {steps.map((step, index) => (
        <li
          key={step.key}
          className="relative grid grid-cols-[minmax(0,1fr)_4.5rem] items-center gap-x-3 rounded-md px-2 py-1 hover:bg-hover sm:grid-cols-[minmax(0,1fr)_minmax(0,1fr)_4.5rem]"
        >
          <a href={step.href} title={step.label} className="row-link min-w-0 truncate text-ink">
            {step.label}
            <span className="text-faint text-xs"> {step.note}</span>
          </a>
          <Bar {...(bars[index] ?? { from: 0, to: 0 })} at={at} />
          <Amount value={step.value} />
        </li>
      ))}
      <li className="mt-1 grid grid-cols-[minmax(0,1fr)_4.5rem] items-center gap-x-3 border-line border-t px-2 pt-2 pb-1 font-medium sm:grid-cols-[minmax(0,1fr)_minmax(0,1fr)_4.5rem]">
        <span className="text-ink">{total}</span>
        <Bar from={0} to={sum} at={at} />
        <Amount value={sum} />
      </li>
    </ol>
  );
}

function Bar({ from, to, at }: Placed & { at: (value: number) => number }) {
  const [left, right] = [at(Math.min(from, to)), at(Math.max(from, to))];
  const style = { left: `${left}%`, width: `max(2px, ${right - left}%)` };
  return (
    <span aria-hidden className="relative order-last col-span-2 h-3 sm:order-none sm:col-span-1">
      <span className="absolute inset-y-[-4px] w-px bg-line-strong" style={{ left: `${at(0)}%` }} />
      <span
        className={`absolute inset-y-0 rounded-sm ${to < from ? 'bg-loss-bar' : 'bg-gain-bar'}`}
        style={style}
      />
    </span>
  );
}

function Amount({ value }: { value: number }) {
  const up = value >= 0;
  return (
    <data value={value} className={`num text-right font-medium ${up ? 'text-gain' : 'text-loss'}`}>
      <span aria-hidden className="mr-1 text-[0.65em]">
        {up ? '▲' : '▼'}
      </span>
      {signed(value, 3)}
    </data>
  );
}
