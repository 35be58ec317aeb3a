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

/** Near enough to put rows in order. */
function approximate(value: string | null): number | null {
  return value === null ? null : Number(value);
}

export const POSITION_COLUMNS: Columns<PositionRow> = [
  {
    id: 'ticker',
    by: (row) => row.ticker,
    header: 'Company',
    cell: (row) => (
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
    by: (row) => approximate(row.quantity),
    header: 'Shares',
    numeric: true,
    cell: (row) => <Quantity value={row.quantity} />,
  },
  {
    id: 'average',
    by: (row) => approximate(row.average_price),
    header: 'Paid',
    numeric: true,
    from: 'lg',
    cell: (row) => <Dollars value={row.average_price} />,
  },
  {
    id: 'last',
    by: (row) => approximate(row.last_price),
    header: 'Last price',
    numeric: true,
    from: 'md',
    cell: (row) => (
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
    by: (row) => approximate(row.market_value),
    header: 'Worth',
    numeric: true,
    from: 'sm',
    cell: (row) => <Dollars value={row.market_value} />,
  },
  {
    id: 'unrealized',
    by: (row) => approximate(row.unrealized),
    header: 'Unrealized',
    numeric: true,
    cell: (row) => (
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
    by: (row) => approximate(row.realized),
    header: 'Realized',
    numeric: true,
    from: 'lg',
    cell: (row) => <Profit value={row.realized} />,
  },
  {
    id: 'why',
    header: 'Why',

    numeric: true,
    from: 'sm',
    cell: (row) =>
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
