import { Link } from '@tanstack/react-router';
import type { RecommendationRow, Suppression } from '@/api/schema';
import { percent } from '@/format/number';
import { suppressionWords } from '@/lexicon/suppressions';
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
    cell: ({ row: { original: row } }) => (
      <Link
        data-row
        to="/recommendations/$id"
        params={{ id: row.id }}
        className="row-link inline-flex items-center gap-3"
      >
        <Advice action={row.action} />
        <span className="sr-only">{row.ticker}, details</span>
      </Link>
    ),
  },
  {
    id: 'company',
    header: 'Company',
    cell: ({ row: { original: row } }) => (
      <>
        <span className="font-semibold text-ink">{row.ticker}</span>
        <span className="ml-2 text-muted max-lg:hidden">{row.company}</span>
        <span className="block text-faint text-xs md:hidden">
          {windowWords(row.window)}, <Instant at={row.generated_at} />
        </span>
      </>
    ),
  },
  {
    id: 'window',
    header: 'Window',
    meta: { from: 'md' },
    cell: ({ row }) => <span className="whitespace-nowrap">{windowWords(row.original.window)}</span>,
  },
  {
    id: 'probability',
    header: 'Probability of a rise',
    cell: ({ row: { original: row } }) => (
      <Probability value={row.probability} low={row.probability_low} high={row.probability_high} />
    ),
  },
  {
    id: 'expected',
    header: 'Expected',
    meta: { from: 'xl', numeric: true },
    cell: ({ row }) => <Change share={row.original.expected_return} digits={2} />,
  },
  {
    id: 'confidence',
    header: 'Confidence',
    meta: { from: 'lg' },
    cell: ({ row: { original: row } }) => (
      <span className="flex items-center gap-2">
        <span className="num w-11 text-right">{percent(row.confidence, 0)}</span>
        <Meter share={row.confidence} className="w-12" />
      </span>
    ),
  },
  {
    id: 'mode',
    header: 'Mode',
    meta: { from: '2xl' },
    cell: ({ row }) => <span className="text-muted">{plain(row.original.mode)}</span>,
  },
  {
    id: 'suppressions',
    header: 'Held back by',
    meta: { from: 'lg' },
    cell: ({ row }) => <Suppressions suppressions={row.original.suppressions} />,
  },
  {
    id: 'outcome',
    header: 'Outcome',
    meta: { from: 'sm' },
    cell: ({ row: { original: row } }) => (
      <Outcome
        decisionId={row.decision_id}
        verdict={row.verdict}
        reason={row.primary_reason}
        orderStatus={row.order_status}
      />
    ),
  },
  {
    id: 'generated',
    header: 'Generated',
    meta: { from: 'md', numeric: true },
    cell: ({ row }) => (
      <span className="text-muted">
        <Instant at={row.original.generated_at} />
      </span>
    ),
  },
];

function Suppressions({ suppressions }: { suppressions: readonly Suppression[] }) {
  const [first, ...others] = suppressions;
  if (!first) return <span className="text-faint">Nothing</span>;
  return (
    <span className="flex items-center gap-1.5">
      <Tag tone="warn">{suppressionWords(first.code)}</Tag>
      {others.length > 0 && (
        <span
          className="num text-muted text-xs"
          title={others.map(({ code }) => suppressionWords(code)).join(', ')}
        >
          +{others.length}
        </span>
      )}
    </span>
  );
}
