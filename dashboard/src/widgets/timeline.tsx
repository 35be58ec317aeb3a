import type { ReactNode } from 'react';
import { secondsBetween, span } from '@/format/instant';
import { Instant } from './instant';

export interface Moment {
  key: string;
  at: string;
  what: string;
  detail: ReactNode;
}

/** What happened on the way, each with the time since the one before. */
export function Timeline({ moments }: { moments: readonly Moment[] }) {
  return (
    <ol className="relative ml-1.5 flex flex-col gap-3 border-line border-l pl-4">
      {moments.map((moment, index) => {
        const before = moments[index - 1];
        const since = before ? secondsBetween(before.at, moment.at) : 0;
        return (
          <li key={moment.key} className="relative">
            <span
              aria-hidden
              className="absolute top-1.5 -left-[1.34rem] size-2.5 rounded-full border-2 border-accent bg-surface"
            />
            <p className="flex flex-wrap items-baseline gap-x-2">
              <span className="font-medium text-ink">{moment.what}</span>
              <span className="text-muted text-xs">
                <Instant at={moment.at} form="full" />
              </span>
              {since > 0 && <span className="num text-faint text-xs">+{span(since)}</span>}
            </p>
            <p className="break-words text-muted">{moment.detail}</p>
          </li>
        );
      })}
    </ol>
  );
}
