import { ArrowDown, ArrowUp } from 'lucide-react';
import { type Column, type Columns, cellLook, nextOrder, type Order } from './columns';

interface GridHeadProps<T> {
  columns: Columns<T>;
  order: Order | null;
  setOrder?: (order: Order | null) => void;
}

export function GridHead<T>({ columns, order, setOrder }: GridHeadProps<T>) {
  return (
    <thead>
      <tr className="border-line border-b">
        {columns.map((column) => {
          const sorted =
            order?.column === column.id ? (order.descending ? 'descending' : 'ascending') : undefined;
          return (
            <th
              key={column.id}
              scope="col"
              aria-sort={sorted}
              className={`h-9 px-2 sm:whitespace-nowrap font-medium text-muted text-xs first:pl-4 last:pr-4 ${cellLook(column)}`}
            >
              {setOrder && column.by ? (
                <Sorter column={column} sorted={sorted} sort={() => setOrder(nextOrder(order, column))} />
              ) : (
                column.header
              )}
            </th>
          );
        })}
      </tr>
    </thead>
  );
}

interface SorterProps {
  column: Pick<Column<never>, 'header' | 'numeric'>;
  sorted: 'ascending' | 'descending' | undefined;
  sort: () => void;
}

function Sorter({ column: { header, numeric }, sorted, sort }: SorterProps) {
  const Arrow = sorted === 'ascending' ? ArrowUp : ArrowDown;
  return (
    <button
      type="button"
      onClick={sort}
      className={`inline-flex min-h-6 items-center gap-1 hover:text-ink ${numeric ? 'flex-row-reverse' : ''}`}
    >
      {header}
      <Arrow aria-hidden className={`size-3 ${sorted ? '' : 'opacity-0'}`} />
    </button>
  );
}
