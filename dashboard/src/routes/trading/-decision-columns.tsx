import { Link } from '@tanstack/react-router';
import type { DecisionRow } from '@/api/schema';
import { quantity } from '@/format/decimal';
import { reasonWords } from '@/lexicon/checks';
import { orderTone, statusWords } from '@/lexicon/statuses';
import { windowWords } from '@/lexicon/words';
import { Advice } from '@/widgets/advice';
import type { Columns } from '@/widgets/columns';
import { Instant } from '@/widgets/instant';
import { Tag } from '@/widgets/tag';
import { Verdict } from '@/widgets/verdict';

export const DECISION_COLUMNS: Columns<DecisionRow> = [
  {
    id: 'verdict',
    header: 'Verdict',
    cell: (row) => (
      <Link data-row to="/trading/decisions/$id" params={{ id: row.id }} className="row-link flex">
        <Verdict verdict={row.verdict} />
        <span className="sr-only">{row.ticker}, every gate</span>
      </Link>
    ),
  },
  {
    id: 'what',
    header: 'On',
    cell: (row) => (
      <span className="inline-flex flex-wrap items-center gap-x-2">
        <Advice action={row.action} />
        <span className="font-semibold text-ink">{row.ticker}</span>
        <span className="text-muted text-xs max-sm:hidden">{windowWords(row.window)}</span>
      </span>
    ),
  },
  {
    id: 'reason',
    header: 'Because',
    cell: (row) => <Because row={row} />,
  },
  {
    id: 'gates',
    header: 'Gates',
    numeric: true,
    from: 'md',
    cell: (row) => (
      <span className="num">
        {row.gates_passed} <span className="text-faint">of {row.gates}</span>
      </span>
    ),
  },
  {
    id: 'decided',
    header: 'Decided',
    numeric: true,
    from: 'sm',
    cell: (row) => (
      <span className="text-muted">
        <Instant at={row.decided_at} />
      </span>
    ),
  },
];

function Because({ row }: { row: DecisionRow }) {
  if (row.verdict !== 'act')
    return <span className="text-ink">{reasonWords(row.primary_reason ?? 'skipped')}</span>;
  return (
    <span className="inline-flex flex-wrap items-center gap-2">
      <span className="num text-ink">{quantity(row.quantity)} shares</span>
      {row.order_status !== null && (
        <Tag tone={orderTone(row.order_status)}>{statusWords(row.order_status)}</Tag>
      )}
    </span>
  );
}
