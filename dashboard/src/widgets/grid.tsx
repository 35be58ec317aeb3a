import { type Row, useTable } from '@tanstack/react-table';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useLayoutEffect, useRef, useState } from 'react';
import { type Columns, cellLook, type Features, features } from './columns';
import { GridHead } from './grid-head';

interface GridProps<T extends object> {
  /** Said to those who cannot see what the table stands under. */
  caption: string;
  columns: Columns<T>;
  rows: T[];
  rowKey: (row: T) => string;
  /** Whether the rows are all there are, so that they may be put in another order. */
  whole?: boolean;
  foot?: ReactNode;
}

const ROW = 45;
const MANY = 60;

/** A table whose rows lead somewhere; of many rows only those near the window are drawn. */
export function Grid<T extends object>({
  caption,
  columns,
  rows,
  rowKey,
  whole = false,
  foot,
}: GridProps<T>) {
  const table = useTable({ features, columns, data: rows, getRowId: rowKey, enableSorting: whole });
  const sorted = table.getRowModel().rows;
  const body = useRef<HTMLTableSectionElement>(null);
  const { drawn, before, after, measure } = useDrawn(sorted, body.current);
  return (
    <>
      <table className="w-full border-collapse">
        <caption className="sr-only">{caption}</caption>
        <GridHead headers={table.getHeaderGroups()[0]?.headers ?? []} />
        <tbody ref={body}>
          {before > 0 && <tr aria-hidden style={{ height: before }} />}
          {drawn.map(({ row, index }) => (
            <tr
              key={row.id}
              ref={measure}
              data-index={index}
              className="relative border-line border-b last:border-b-0 focus-within:bg-accent-soft hover:bg-hover"
            >
              {row.getAllCells().map((cell) => (
                <td
                  key={cell.id}
                  className={`px-2 py-2 first:pl-4 last:pr-4 ${cellLook(cell.column.columnDef.meta ?? {})}`}
                >
                  <table.FlexRender cell={cell} />
                </td>
              ))}
            </tr>
          ))}
          {after > 0 && <tr aria-hidden style={{ height: after }} />}
        </tbody>
      </table>
      {foot}
    </>
  );
}

interface Drawn<T extends object> {
  drawn: { row: Row<Features, T>; index: number }[];
  before: number;
  after: number;
  measure: ((element: Element | null) => void) | undefined;
}

function useDrawn<T extends object>(rows: Row<Features, T>[], body: HTMLElement | null): Drawn<T> {
  const [offset, setOffset] = useState(0);
  useLayoutEffect(() => {
    if (body) setOffset(body.getBoundingClientRect().top + window.scrollY);
  }, [body]);
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => ROW,
    overscan: 12,
    scrollMargin: offset,
    getItemKey: (index) => rows[index]?.id ?? index,
    enabled: rows.length > MANY,
  });
  if (rows.length <= MANY) {
    return { drawn: rows.map((row, index) => ({ row, index })), before: 0, after: 0, measure: undefined };
  }
  const items = virtual.getVirtualItems();
  const drawn = items.flatMap(({ index }) => {
    const row = rows[index];
    return row ? [{ row, index }] : [];
  });
  const before = (items[0]?.start ?? offset) - offset;
  const after = virtual.getTotalSize() - ((items.at(-1)?.end ?? offset) - offset);
  return { drawn, before, after, measure: virtual.measureElement };
}
