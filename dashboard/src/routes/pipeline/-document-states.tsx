import { Link } from '@tanstack/react-router';
import type { StatusCount } from '@/api/schema';
import { count, percent } from '@/format/number';
import { documentEnded, documentTone, statusWords } from '@/lexicon/statuses';
import { lower, plain } from '@/lexicon/words';
import { parseFilter } from '@/routes/documents/-filter';
import { Meter } from '@/widgets/meter';
import { Panel } from '@/widgets/panel';
import { Empty } from '@/widgets/states';

/** Where every document stands, and for which reason it ended there. */
export function DocumentStates({ counts }: { counts: readonly StatusCount[] }) {
  const total = counts.reduce((sum, { documents }) => sum + documents, 0);
  const under = counts
    .filter(({ status }) => !documentEnded(status))
    .reduce((sum, row) => sum + row.documents, 0);
  const note =
    total === 0 ? undefined : `${count(total)} in all, ${under === 0 ? 'none' : count(under)} on the way`;
  return (
    <Panel title="Documents by state" note={note} flush>
      {total === 0 ? (
        <Empty why="No document has come in yet. A source that is due fetches the first ones by itself." />
      ) : (
        <ul className="flex flex-col py-1">
          {[...counts]
            .sort((a, b) => b.documents - a.documents)
            .map((row) => (
              <StateRow key={`${row.status}/${row.reason}`} row={row} total={total} />
            ))}
        </ul>
      )}
    </Panel>
  );
}

function StateRow({ row, total }: { row: StatusCount; total: number }) {
  const { status, reason, documents } = row;
  return (
    <li className="relative grid grid-cols-[minmax(0,1fr)_4rem_3.5rem] items-center gap-x-3 px-4 py-1.5 hover:bg-hover">
      <span className="min-w-0">
        <Link data-row to="/documents" search={parseFilter({ status })} className="row-link text-ink">
          {statusWords(status)}
          {reason !== null && <span className="text-muted">: {lower(plain(reason))}</span>}
        </Link>
        <Meter share={documents / total} tone={documentTone(status)} className="mt-1.5 w-full" />
      </span>
      <span className="num text-right font-medium text-ink">{count(documents)}</span>
      <span className="num text-right text-muted text-xs">{percent(documents / total)}</span>
    </li>
  );
}
