import { Link } from '@tanstack/react-router';
import type { DocumentRow } from '@/api/schema';
import { documentTone, statusWords } from '@/lexicon/statuses';
import { lower, plain } from '@/lexicon/words';
import type { Columns } from '@/widgets/columns';
import { Instant } from '@/widgets/instant';
import { Tag } from '@/widgets/tag';

const NAMED = 4;

export const DOCUMENT_COLUMNS: Columns<DocumentRow> = [
  {
    id: 'title',
    header: 'Document',
    cell: (row) => (
      <>
        <Link data-row to="/documents/$id" params={{ id: row.id }} className="row-link font-medium text-ink">
          {row.title || 'Without a title'}
        </Link>
        <span className="block text-muted text-xs">
          {row.publisher}, {plain(row.document_type).toLowerCase()}
          {row.revision > 1 && <>, revision {row.revision}</>}
        </span>
      </>
    ),
  },
  {
    id: 'tickers',
    header: 'Names',
    from: 'md',
    cell: (row) => <Tickers tickers={row.tickers} />,
  },
  {
    id: 'status',
    header: 'State',
    cell: (row) => (
      <span className="flex flex-col items-start">
        <Tag tone={documentTone(row.status)}>{statusWords(row.status)}</Tag>
        {row.status_reason !== null && (
          <span className="text-faint text-xs">{lower(plain(row.status_reason))}</span>
        )}
      </span>
    ),
  },
  {
    id: 'known',
    header: 'Known',
    numeric: true,
    from: 'sm',
    cell: (row) => (
      <span className="text-muted">
        <Instant at={row.known_at} />
      </span>
    ),
  },
];

function Tickers({ tickers }: { tickers: readonly string[] }) {
  if (tickers.length === 0) return <span className="text-faint">–</span>;
  const more = tickers.length - NAMED;
  return (
    <span className="font-medium text-ink">
      {tickers.slice(0, NAMED).join(' ')}
      {more > 0 && <span className="font-normal text-faint"> +{more}</span>}
    </span>
  );
}
