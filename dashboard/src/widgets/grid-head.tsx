import type { Header } from '@tanstack/react-table';
import { FlexRender } from '@tanstack/react-table';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { cellLook, type Features } from './columns';

const SORTS = { asc: 'ascending', desc: 'descending' } as const;

export function GridHead<T extends object>({ headers }: { headers: Header<Features, T, unknown>[] }) {
  return (
    <thead>
      <tr className="border-line border-b">
        {headers.map((header) => {
          const sorted = header.column.getIsSorted();
          return (
            <th
              key={header.id}
              scope="col"
              {...(sorted === false ? {} : { 'aria-sort': SORTS[sorted] })}
              className={`h-9 whitespace-nowrap px-2 font-medium text-muted text-xs first:pl-4 last:pr-4 ${cellLook(header.column.columnDef.meta ?? {})}`}
            >
              {header.column.getCanSort() ? <Sorter header={header} /> : <FlexRender header={header} />}
            </th>
          );
        })}
      </tr>
    </thead>
  );
}

function Sorter<T extends object>({ header }: { header: Header<Features, T, unknown> }) {
  const sorted = header.column.getIsSorted();
  const Arrow = sorted === 'asc' ? ArrowUp : ArrowDown;
  return (
    <button
      type="button"
      onClick={header.column.getToggleSortingHandler()}
      className="inline-flex min-h-6 items-center gap-1 hover:text-ink"
    >
      <FlexRender header={header} />
      <Arrow aria-hidden className={`size-3 ${sorted === false ? 'opacity-0' : ''}`} />
    </button>
  );
}
