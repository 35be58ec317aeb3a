import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { X } from 'lucide-react';
import { order } from '@/api/questions';
import type { OrderDetail, OrderEventRow } from '@/api/schema';
import { dollars, quantity } from '@/format/decimal';
import { figure } from '@/format/number';
import { orderTone, statusWords } from '@/lexicon/statuses';
import { plain } from '@/lexicon/words';
import { Answered } from '@/widgets/answered';
import { CheckList } from '@/widgets/check-list';
import { FigureList } from '@/widgets/figures';
import { Hash } from '@/widgets/hash';
import { Instant } from '@/widgets/instant';
import { priceWords } from '@/widgets/order-legs';
import { Panel } from '@/widgets/panel';
import { Tag } from '@/widgets/tag';
import { Timeline } from '@/widgets/timeline';

/** One order: what it is, what happened to it, and why it exists. */
export function OrderPanel({ id, close }: { id: string; close: () => void }) {
  const query = useQuery(order(id));
  const row = query.data?.order;
  return (
    <Panel
      title={row ? `${plain(row.leg)}: ${row.side} ${quantity(row.quantity)} ${row.ticker}` : 'Order'}
      note={row && <Tag tone={orderTone(row.status)}>{statusWords(row.status)}</Tag>}
      actions={
        <button
          type="button"
          onClick={close}
          aria-label="Close this order"
          className="grid size-7 place-items-center rounded-md text-muted hover:bg-hover hover:text-ink"
        >
          <X aria-hidden className="size-4" />
        </button>
      }
      flush
    >
      <Answered query={query} rows={8} label="Loading the order">
        {(detail) => <Detail detail={detail} />}
      </Answered>
    </Panel>
  );
}

function Detail({ detail: { order: row, events, fills, evaluation } }: { detail: OrderDetail }) {
  const moments = events.map((event) => ({
    key: String(event.seq),
    at: event.at,
    what: plain(event.kind),
    detail: eventWords(event),
  }));
  return (
    <>
      <div className="flex flex-col gap-4 p-4">
        <p className="flex flex-wrap gap-x-4 [&>a]:min-h-6">
          {row.decision_id !== null && (
            <Link to="/trading/decisions/$id" params={{ id: row.decision_id }} className="why">
              The decision behind it
            </Link>
          )}
          {row.recommendation_id !== null && (
            <Link to="/recommendations/$id" params={{ id: row.recommendation_id }} className="why">
              The recommendation behind it
            </Link>
          )}
          {row.parent_id !== null && (
            <Link
              to="/trading"
              search={{ tab: 'orders', order: row.parent_id }}
              resetScroll={false}
              className="why"
            >
              The entry it protects
            </Link>
          )}
        </p>
        <FigureList
          figures={[
            { label: 'Type', value: priceWords(row) },
            {
              label: 'Good',
              value: row.time_in_force === 'gtc' ? 'until canceled' : `for the ${row.time_in_force}`,
            },
            {
              label: 'Filled',
              value: `${quantity(row.filled_quantity)} of ${quantity(row.quantity)}${row.average_price === null ? '' : ` at ${dollars(row.average_price)}`}`,
            },
            ...(row.status_reason === null ? [] : [{ label: 'Reason', value: row.status_reason }]),
            {
              label: 'Order id',
              value: <Hash value={row.client_order_id} label="client order id" shown={16} />,
            },
          ]}
        />
        <h3 className="font-semibold text-ink">What happened</h3>
        {moments.length === 0 ? <p className="text-muted">Nothing yet.</p> : <Timeline moments={moments} />}
        {fills.length > 0 && (
          <>
            <h3 className="font-semibold text-ink">Fills</h3>
            <ul className="flex flex-col gap-1">
              {fills.map((fill) => (
                <li key={fill.id} className="num flex flex-wrap gap-x-3 text-muted">
                  <span className="text-ink">
                    {quantity(fill.quantity)} at {dollars(fill.price)}
                  </span>
                  <span>fee {dollars(fill.fee)}</span>
                  <span className="ml-auto text-xs">
                    <Instant at={fill.at} form="full" />
                  </span>
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
      {evaluation && (
        <details className="border-line border-t">
          <summary className="px-4 py-2 text-muted hover:bg-hover">Checked again before it was sent</summary>
          <CheckList checks={evaluation.checks} caption="Checks before the order was sent" />
        </details>
      )}
    </>
  );
}

function eventWords({ source, detail }: OrderEventRow): string {
  const said = Object.entries(detail).map(([key, value]) => {
    const shown =
      typeof value === 'number'
        ? figure(value)
        : typeof value === 'object'
          ? JSON.stringify(value)
          : String(value);
    return `${plain(key).toLowerCase()} ${shown}`;
  });
  return [`told by ${source}`, ...said].join(', ');
}
