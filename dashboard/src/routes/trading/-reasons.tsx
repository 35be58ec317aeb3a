import { Link } from '@tanstack/react-router';
import type { ReasonCount } from '@/api/schema';
import { count, percent } from '@/format/number';
import { reasonWords } from '@/lexicon/checks';
import { Meter } from '@/widgets/meter';
import { parseSearch } from './-search';

/** How often which gate was the first to say no; each bar leads to those decisions. */
export function Reasons({
  reasons,
  chosen,
}: {
  reasons: readonly ReasonCount[];
  chosen: string | undefined;
}) {
  const total = reasons.reduce((sum, { decisions }) => sum + decisions, 0);
  const most = Math.max(1, ...reasons.map(({ decisions }) => decisions));
  if (total === 0) return <p className="px-4 py-3 text-muted">Nothing was decided yet.</p>;
  const ranked = [...reasons].sort(
    (a, b) => Number(b.verdict === 'act') - Number(a.verdict === 'act') || b.decisions - a.decisions,
  );
  return (
    <ul className="flex flex-col py-1">
      {ranked.map(({ verdict, primary_reason: reason, decisions }) => {
        const acted = verdict === 'act';
        const search = parseSearch({ tab: 'decisions', verdict, ...(!acted && reason ? { reason } : {}) });
        return (
          <li
            key={`${verdict}/${reason}`}
            className={`relative grid grid-cols-[minmax(0,1fr)_3rem_3.5rem] items-center gap-x-3 px-4 py-1.5 hover:bg-hover ${reason !== null && reason === chosen ? 'bg-accent-soft' : ''}`}
          >
            <span className="min-w-0">
              <Link to="/trading" search={search} resetScroll={false} className="row-link text-ink">
                {acted ? 'Acted: every gate passed' : reasonWords(reason ?? 'skipped')}
              </Link>
              <Meter share={decisions / most} tone={acted ? 'gain' : 'accent'} className="mt-1.5 w-full" />
            </span>
            <span className="num text-right font-medium text-ink">{count(decisions)}</span>
            <span className="num text-right text-muted text-xs">{percent(decisions / total)}</span>
          </li>
        );
      })}
    </ul>
  );
}
