import { Link } from '@tanstack/react-router';
import type { OrderRow } from '@/api/schema';
import { dollars, quantity } from '@/format/decimal';
import { orderTone, statusWords } from '@/lexicon/statuses';
import { plain } from '@/lexicon/words';
import { Instant } from './instant';
import { Panel } from './panel';
import { Tag } from './tag';

/** The orders of one decision: the entry and what protects it. */
export function OrderLegs({ orders }: { orders: readonly OrderRow[] }) {
  return (
    <Panel title="Orders" note={orders.length === 0 ? 'none' : undefined} flush>
      {orders.length === 0 && <p className="px-4 py-3 text-muted">No order came of it.</p>}
      <ul className="flex flex-col">
        {orders.map((order) => (
          <li
            key={order.id}
            className="relative border-line border-b px-4 py-2 last:border-b-0 hover:bg-hover"
          >
            <p className="flex flex-wrap items-center gap-x-2">
              <Link
                to="/trading"
                search={{ tab: 'orders', order: order.id }}
                className="row-link font-medium text-ink"
              >
                {plain(order.leg)}: {order.side} {quantity(order.quantity)} {order.ticker}
              </Link>
              <span className="ml-auto">
                <Tag tone={orderTone(order.status)}>{statusWords(order.status)}</Tag>
              </span>
            </p>
            <p className="text-muted text-xs tabular-nums">
              {priceWords(order)}; {quantity(order.filled_quantity)} filled
              {order.average_price !== null && <> at {dollars(order.average_price)}</>},{' '}
              <Instant at={order.updated_at} />
            </p>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

export function priceWords({
  type,
  limit_price,
  stop_price,
}: Pick<OrderRow, 'type' | 'limit_price' | 'stop_price'>): string {
  const limit = limit_price === null ? '' : ` ${dollars(limit_price)}`;
  const stop = stop_price === null ? '' : ` ${dollars(stop_price)}`;
  return `${plain(type)}${stop}${limit}`;
}
