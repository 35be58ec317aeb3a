import { Link } from '@tanstack/react-router';
import type { RecommendationRow, Suppression } from '@/api/schema';
import { percent } from '@/format/number';
import { reasonWords } from '@/lexicon/checks';
import { plain, windowWords } from '@/lexicon/words';
import { Advice } from '@/widgets/advice';
import { Change } from '@/widgets/amount';
import type { Columns } from '@/widgets/columns';
import { Instant } from '@/widgets/instant';
import { Meter } from '@/widgets/meter';
import { Outcome } from '@/widgets/outcome';
import { Probability } from '@/widgets/probability';
import { Tag } from '@/widgets/tag';

export const COLUMNS: Columns<RecommendationRow> = [
  {
    id: 'action',
    header: 'Action',
    cell: (row) => (
      <Link
        data-row
        to="/recommendations/$id"
        params={{ id: row.id }}
        className="row-link flex items-center gap-3"
      >
        <Advice action={row.action} />
        <span className="sr-only">{row.ticker}, details</span>
      </Link>
    ),
  },
  {
    id: 'company',
    header: 'Company',
    cell: (row) => (
      <span className="block sm:max-w-36 2xl:max-w-56">
        <span className="block font-semibold text-ink">{row.ticker}</span>
        <span className="block truncate text-faint text-xs max-md:hidden">{row.company}</span>
        <span className="block text-faint text-xs md:hidden">
          {windowWords(row.window)}, <Instant at={row.generated_at} />
        </span>
        <span className="sm:hidden">{row.decision_id !== null && <OutcomeOf row={row} />}</span>
      </span>
    ),
  },
  {
    id: 'window',
    header: 'Window',
    from: 'md',
    cell: (row) => <span className="whitespace-nowrap">{windowWords(row.window)}</span>,
  },
  {
    id: 'probability',
    header: 'Chance of a rise',
    cell: (row) => (
      <Probability value={row.probability} low={row.probability_low} high={row.probability_high} />
    ),
  },
  {
    id: 'expected',
    header: 'Expected',
    from: 'xl',
    numeric: true,
    cell: (row) => <Change share={row.expected_return} digits={2} />,
  },
  {
    id: 'confidence',
    header: 'Confidence',
    from: 'lg',
    cell: (row) => (
      <span className="block w-14">
        <span className="num">{percent(row.confidence, 0)}</span>
        <Meter share={row.confidence} className="mt-1 w-full" />
      </span>
    ),
  },
  {
    id: 'mode',
    header: 'Mode',
    from: '2xl',
    cell: (row) => <span className="text-muted">{plain(row.mode)}</span>,
  },
  {
    id: 'suppressions',
    header: 'Held back by',
    from: 'lg',
    cell: (row) => <Suppressions suppressions={row.suppressions} />,
  },
  {
    id: 'outcome',
    header: 'Outcome',
    from: 'sm',
    cell: (row) => <OutcomeOf row={row} />,
  },
  {
    id: 'generated',
    header: 'Generated',
    from: 'md',
    numeric: true,
    cell: (row) => (
      <span className="text-muted">
        <Instant at={row.generated_at} />
      </span>
    ),
  },
];

function Suppressions({ suppressions }: { suppressions: readonly Suppression[] }) {
  const [first, ...others] = suppressions;
  if (!first) return <span className="text-faint">Nothing</span>;
  return (
    <span className="flex items-center gap-1.5">
      <Tag tone="warn">{reasonWords(first.code)}</Tag>
      {others.length > 0 && (
        <span
          className="num text-muted text-xs"
          title={others.map(({ code }) => reasonWords(code)).join(', ')}
        >
          +{others.length}
        </span>
      )}
    </span>
  );
}

function OutcomeOf({ row }: { row: RecommendationRow }) {
  return (
    <Outcome
      decisionId={row.decision_id}
      verdict={row.verdict}
      reason={row.primary_reason}
      orderStatus={row.order_status}
    />
  );
}
