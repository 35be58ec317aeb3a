import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Failed, Loading, Stale } from './states';

export type AskedQuery<T> = Pick<UseQueryResult<T>, 'data' | 'error' | 'dataUpdatedAt' | 'refetch'>;

interface AnsweredProps<T> {
  query: AskedQuery<T>;
  rows?: number;
  label?: string;
  children: (data: T) => ReactNode;
}

/** What a question has led to so far: a skeleton, a problem, the answer, or the last answer with a word of warning. */
export function Answered<T>({ query, rows, label, children }: AnsweredProps<T>) {
  const { data, error } = query;
  const retry = () => void query.refetch();
  if (data === undefined) {
    if (error) return <Failed error={error} retry={retry} />;
    return <Loading {...(rows === undefined ? {} : { rows })} {...(label === undefined ? {} : { label })} />;
  }
  return (
    <>
      {error && <Stale since={new Date(query.dataUpdatedAt).toISOString()} retry={retry} />}
      {children(data)}
    </>
  );
}
