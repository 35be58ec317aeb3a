import { type Columns, cellLook } from './columns';

interface GridRowProps<T> {
  row: T;
  columns: Columns<T>;
}

export function GridRow<T>({ row, columns }: GridRowProps<T>) {
  return (
    <tr className="relative border-line border-b last:border-b-0 focus-within:bg-accent-soft hover:bg-hover">
      {columns.map((column) => (
        <td key={column.id} className={`px-2 py-2 first:pl-4 last:pr-4 ${cellLook(column)}`}>
          {column.cell(row)}
        </td>
      ))}
    </tr>
  );
}
