import { CircleCheck, OctagonAlert } from 'lucide-react';
import type { BreakerRow } from '@/api/schema';
import { figure, percent } from '@/format/number';
import { plain } from '@/lexicon/words';
import { Meter } from '@/widgets/meter';
import { Panel } from '@/widgets/panel';
import { Tag } from '@/widgets/tag';

/** Falls are shares of equity, everything else is counted. */
export function breakerValue(value: number | null): string {
  if (value === null) return 'no data';
  return Math.abs(value) < 1 ? percent(value) : figure(value);
}

function filled({ observed, limit }: BreakerRow): number {
  return observed === null || limit === null || limit === 0 ? 0 : Math.max(0, observed / limit);
}

/** What stops new entries by itself, and how near it is. */
export function Breakers({ breakers }: { breakers: readonly BreakerRow[] }) {
  const open = breakers.filter(({ state }) => state !== 'closed').length;
  return (
    <Panel title="Circuit breakers" note={open === 0 ? 'none open' : `${open} open`} flush>
      {breakers.length === 0 && <p className="px-4 py-3 text-muted">None was measured yet.</p>}
      <ul className="flex flex-col">
        {breakers.map((breaker) => (
          <li
            key={`${breaker.scope}/${breaker.kind}`}
            className="border-line border-b px-4 py-2.5 last:border-b-0"
          >
            <p className="flex items-center gap-2">
              <span className="text-ink">{plain(breaker.kind)}</span>
              {breaker.scope !== 'global' && <span className="text-faint text-xs">{breaker.scope}</span>}
              <span className="ml-auto">
                <Tag
                  tone={breaker.state === 'closed' ? 'gain' : 'loss'}
                  icon={breaker.state === 'closed' ? CircleCheck : OctagonAlert}
                >
                  {plain(breaker.state)}
                </Tag>
              </span>
            </p>
            <Meter
              share={filled(breaker)}
              tone={breaker.state === 'closed' ? 'accent' : 'loss'}
              className="mt-2 w-full"
            />
            <p className="mt-1 text-muted text-xs">
              <span className="num">
                {breakerValue(breaker.observed)} of {breakerValue(breaker.limit)}
              </span>
              {breaker.state === 'closed' ? ' at its last change' : breaker.reason && `, ${breaker.reason}`}
            </p>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
