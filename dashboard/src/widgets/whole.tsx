import type { ReactNode } from 'react';
import { Answered, type AskedQuery } from './answered';
import { Panel } from './panel';
import { Stale } from './states';

interface WholeProps<T> {
  query: AskedQuery<T>;
  /** What the page is about, said while it is not there. */
  title: string;
  children: (data: T) => ReactNode;
}

/** A page that is one answer: its panels when it is there, one panel in its place until then. */
export function Whole<T>({ query, title, children }: WholeProps<T>) {
  if (query.data === undefined) {
    return (
      <Panel title={title} flush>
        <Answered query={query} rows={12} label={`Loading the ${title.toLowerCase()}`}>
          {children}
        </Answered>
      </Panel>
    );
  }
  return (
    <>
      {query.error && (
        <div className="overflow-clip rounded-xl border border-line">
          <Stale since={new Date(query.dataUpdatedAt).toISOString()} retry={() => void query.refetch()} />
        </div>
      )}
      {children(query.data)}
    </>
  );
}
