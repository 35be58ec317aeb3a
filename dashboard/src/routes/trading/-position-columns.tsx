import { Link } from '@tanstack/react-router';
import type { PositionRow } from '@/api/schema';
import { sign } from '@/format/decimal';
import { Change, Dollars, Profit, Quantity } from '@/widgets/amount';
import type { Columns } from '@/widgets/columns';
import { Instant } from '@/widgets/instant';

/** The price against what was paid; for a short position a fall is a gain. */
export function gain({ average_price, last_price, quantity }: PositionRow): number | null {
  if (last_price === null || sign(average_price) === 0) return null;
  return (Number(last_price) / Number(average_price) - 1) * sign(quantity);
}

export const POSITION_COLUMNS: Columns<PositionRow> = [
  {
    id: 'ticker',
    accessorFn: (row) => row.ticker,
    header: 'Company',
    cell: ({ row: { original: row } }) => (
      <>
        <Link
          data-row
          to="/recommendations"
          search={{ ticker: row.ticker }}
          className="row-link font-semibold text-ink"
        >
          {row.ticker}
        </Link>
        <span className="ml-2 text-muted max-md:hidden">{row.company}</span>
        <span className="block text-faint text-xs max-sm:hidden">{row.sector}</span>
      </>
    ),
  },
  {
    id: 'quantity',
    accessorFn: (row) => Number(row.quantity),
    header: 'Shares',
    meta: { numeric: true },
    cell: ({ row }) => <Quantity value={row.original.quantity} />,
  },
  {
    id: 'average',
    accessorFn: (row) => Number(row.average_price),
    header: 'Paid',
    meta: { numeric: true, from: 'lg' },
    cell: ({ row }) => <Dollars value={row.original.average_price} />,
  },
  {
    id: 'last',
    accessorFn: (row) => Number(row.last_price),
    header: 'Last price',
    meta: { numeric: true, from: 'md' },
    cell: ({ row: { original: row } }) => (
      <>
        <Dollars value={row.last_price} />
        <span className="block text-faint text-xs">
          <Instant at={row.last_price_at} />
        </span>
      </>
    ),
  },
  {
    id: 'value',
    accessorFn: (row) => Number(row.market_value),
    header: 'Worth',
    meta: { numeric: true, from: 'sm' },
    cell: ({ row }) => <Dollars value={row.original.market_value} />,
  },
  {
    id: 'unrealized',
    accessorFn: (row) => Number(row.unrealized),
    header: 'Unrealized',
    meta: { numeric: true },
    cell: ({ row: { original: row } }) => (
      <>
        <Profit value={row.unrealized} />
        <span className="block text-xs">
          <Change share={gain(row)} />
        </span>
      </>
    ),
  },
  {
    id: 'realized',
    accessorFn: (row) => Number(row.realized),
    header: 'Realized',
    meta: { numeric: true, from: 'lg' },
    cell: ({ row }) => <Profit value={row.original.realized} />,
  },
  {
    id: 'why',
    header: 'Why',
    enableSorting: false,
    meta: { numeric: true, from: 'sm' },
    cell: ({ row: { original: row } }) =>
      row.last_order_id === null ? (
        <span className="text-faint">–</span>
      ) : (
        <Link
          to="/trading"
          search={{ tab: 'orders', order: row.last_order_id }}
          className="why relative z-10"
          aria-label={`Last order in ${row.ticker}`}
        >
          last order
        </Link>
      ),
  },
];
