import { lazy, type ReactNode, Suspense, useState } from 'react';
import { type Columns, type Order, ordered } from './columns';
import { GridHead } from './grid-head';
import { GridRow } from './grid-row';

const LongBody = lazy(() => import('./long-body'));

interface GridProps<T> {
  /** Said to those who cannot see what the table stands under. */
  caption: string;
  columns: Columns<T>;
  rows: readonly T[];
  rowKey: (row: T) => string;
  /** Whether the rows are all there are, so that they may be put in another order. */
  whole?: boolean;
  foot?: ReactNode;
}

const MANY = 120;

/** A table whose rows lead somewhere; of many rows only those near the window are drawn. */
export function Grid<T>({ caption, columns, rows, rowKey, whole = false, foot }: GridProps<T>) {
  const [order, setOrder] = useState<Order | null>(null);
  const shown = whole ? ordered(rows, columns, order) : rows;
  const draw = (row: T) => <GridRow key={rowKey(row)} row={row} columns={columns} />;
  const body = <tbody>{shown.slice(0, MANY).map(draw)}</tbody>;
  return (
    <>
      <table className="w-full border-collapse">
        <caption className="sr-only">{caption}</caption>
        <GridHead columns={columns} order={order} {...(whole ? { setOrder } : {})} />
        {rows.length <= MANY ? (
          body
        ) : (
          <Suspense fallback={body}>
            <LongBody
              count={shown.length}
              draw={(index) => shown[index] !== undefined && draw(shown[index])}
            />
          </Suspense>
        )}
      </table>
      {foot}
    </>
  );
}
