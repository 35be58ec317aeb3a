// What a table's columns are: TanStack's definitions with our own look, and the features that our tables use.

import {
  type CellData,
  type ColumnDef,
  createSortedRowModel,
  type RowData,
  rowSortingFeature,
  sortFn_alphanumeric,
  sortFn_basic,
  type TableFeatures,
  tableFeatures,
} from '@tanstack/react-table';

export const features = tableFeatures({
  rowSortingFeature,
  sortedRowModel: createSortedRowModel(),
  sortFns: { basic: sortFn_basic, alphanumeric: sortFn_alphanumeric },
});
export type Features = typeof features;
export type Columns<T extends object> = ColumnDef<Features, T, unknown>[];

type From = 'sm' | 'md' | 'lg' | 'xl' | '2xl';

export interface Look {
  /** From which width of the window on the column is shown. */
  from?: From;
  /** Numbers stand right, under one another. */
  numeric?: boolean;
}

declare module '@tanstack/react-table' {
  interface ColumnMeta<TFeatures extends TableFeatures, TData extends RowData, TValue extends CellData>
    extends Look {}
}

const SHOWN_FROM: Record<From, string> = {
  sm: 'hidden sm:table-cell',
  md: 'hidden md:table-cell',
  lg: 'hidden lg:table-cell',
  xl: 'hidden xl:table-cell',
  '2xl': 'hidden 2xl:table-cell',
};

export function cellLook({ from, numeric }: Look): string {
  return `${from ? SHOWN_FROM[from] : ''} ${numeric ? 'text-right' : 'text-left'}`;
}
