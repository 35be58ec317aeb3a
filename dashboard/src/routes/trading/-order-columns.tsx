import { Link } from '@tanstack/react-router';
import type { OrderRow } from '@/api/schema';
import { quantity } from '@/format/decimal';
import { orderTone, statusWords } from '@/lexicon/statuses';
import { plain } from '@/lexicon/words';
import { Advice } from '@/widgets/advice';
import { Dollars } from '@/widgets/amount';
import type { Columns } from '@/widgets/columns';
import { Instant } from '@/widgets/instant';
import { priceWords } from '@/widgets/order-legs';
import { Tag } from '@/widgets/tag';
import { parseSearch } from './-search';

export const ORDER_COLUMNS: Columns<OrderRow> = [
  {
    id: 'side',
    header: 'Side',
    cell: (row) => (
      <Link
        data-row
        to="/trading"
        search={(kept) => parseSearch({ ...kept, tab: 'orders', order: row.id })}
        resetScroll={false}
        className="row-link flex"
      >
        <Advice action={row.side} />
        <span className="sr-only">{row.ticker}, events</span>
      </Link>
    ),
  },
  {
    id: 'ticker',
    header: 'Order',
    cell: (row) => (
      <>
        <span className="font-semibold text-ink">{row.ticker}</span>
        <span className="ml-2 text-muted">{plain(row.leg)}</span>
        <span className="block text-faint text-xs sm:hidden">
          <Instant at={row.created_at} />
        </span>
      </>
    ),
  },
  {
    id: 'price',
    header: 'Type',
    from: 'lg',
    cell: (row) => <span className="whitespace-nowrap text-muted">{priceWords(row)}</span>,
  },
  {
    id: 'filled',
    header: 'Filled',
    numeric: true,
    cell: (row) => (
      <span className="num">
        {quantity(row.filled_quantity)} <span className="text-faint">of {quantity(row.quantity)}</span>
      </span>
    ),
  },
  {
    id: 'average',
    header: 'At',
    numeric: true,
    from: 'md',
    cell: (row) => <Dollars value={row.average_price} />,
  },
  {
    id: 'status',
    header: 'State',
    cell: (row) => (
      <span title={row.status_reason ?? undefined}>
        <Tag tone={orderTone(row.status)}>{statusWords(row.status)}</Tag>
      </span>
    ),
  },
  {
    id: 'created',
    header: 'Created',
    numeric: true,
    from: 'sm',
    cell: (row) => (
      <span className="text-muted">
        <Instant at={row.created_at} />
      </span>
    ),
  },
];
