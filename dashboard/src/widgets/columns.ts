// What the columns of a table are, and the order that a reader may put its rows in.

import type { ReactNode } from 'react';

/** From which width of the window on a column is shown. */
export type From = 'sm' | 'md' | 'lg' | 'xl' | '2xl';

export interface Column<T> {
  id: string;
  header: string;
  cell: (row: T) => ReactNode;
  /** By what the rows are put in order; without it the column is none to sort by. */
  by?: (row: T) => string | number | null;
  from?: From;
  /** Numbers stand right, under one another. */
  numeric?: boolean;
}
export type Columns<T> = readonly Column<T>[];

export interface Order {
  column: string;
  descending: boolean;
}

const SHOWN_FROM: Record<From, string> = {
  sm: 'hidden sm:table-cell',
  md: 'hidden md:table-cell',
  lg: 'hidden lg:table-cell',
  xl: 'hidden xl:table-cell',
  '2xl': 'hidden 2xl:table-cell',
};

export function cellLook({ from, numeric = false }: Pick<Column<unknown>, 'from' | 'numeric'>): string {
  return `${from ? SHOWN_FROM[from] : ''} ${numeric ? 'text-right' : 'text-left'}`;
}

/** The order after a click on a column: first up (numbers: down), then the other way, then as the rows came. */
export function nextOrder(order: Order | null, { id, numeric = false }: Column<never>): Order | null {
  if (order?.column !== id) return { column: id, descending: numeric };
  return order.descending === numeric ? { column: id, descending: !numeric } : null;
}

/** The rows in that order; those without a value stand last either way. */
export function ordered<T>(rows: readonly T[], columns: Columns<T>, order: Order | null): readonly T[] {
  const by = columns.find(({ id }) => id === order?.column)?.by;
  if (!order || !by) return rows;
  const turn = order.descending ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [left, right] = [by(a), by(b)];
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    return (left < right ? -1 : left > right ? 1 : 0) * turn;
  });
}
