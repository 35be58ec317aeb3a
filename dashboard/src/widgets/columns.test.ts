import { describe, expect, it } from 'vitest';
import { type Columns, nextOrder, ordered } from './columns';

interface Row {
  name: string;
  size: number | null;
}

const COLUMNS: Columns<Row> = [
  { id: 'name', header: 'Name', cell: (row) => row.name, by: (row) => row.name },
  { id: 'size', header: 'Size', cell: (row) => row.size, by: (row) => row.size, numeric: true },
  { id: 'why', header: 'Why', cell: () => 'because' },
];
const ROWS: Row[] = [
  { name: 'b', size: 2 },
  { name: 'c', size: null },
  { name: 'a', size: 10 },
];
const names = (rows: readonly Row[]) => rows.map(({ name }) => name).join('');

describe('the order of a table', () => {
  it('compares numbers as numbers and leaves the unknown last either way', () => {
    expect(names(ordered(ROWS, COLUMNS, { column: 'size', descending: false }))).toBe('bac');
    expect(names(ordered(ROWS, COLUMNS, { column: 'size', descending: true }))).toBe('abc');
  });

  it('is as the rows came where nothing else was asked', () => {
    expect(ordered(ROWS, COLUMNS, null)).toBe(ROWS);
    expect(ordered(ROWS, COLUMNS, { column: 'why', descending: true })).toBe(ROWS);
  });

  it('turns with each click and ends where it began', () => {
    const [name, size] = COLUMNS as [Columns<Row>[number], Columns<Row>[number]];
    expect(nextOrder(null, name)).toEqual({ column: 'name', descending: false });
    expect(nextOrder(null, size)).toEqual({ column: 'size', descending: true });
    expect(nextOrder({ column: 'size', descending: true }, size)).toEqual({
      column: 'size',
      descending: false,
    });
    expect(nextOrder({ column: 'size', descending: false }, size)).toBeNull();
  });
});
