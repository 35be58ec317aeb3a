import { useQueryClient } from '@tanstack/react-query';
import { ArrowUp } from 'lucide-react';
import { useEffect, useState } from 'react';
import { hear } from '@/api/connection';
import type { Topic } from '@/api/stream';
import { count } from '@/format/number';

interface NewerProps {
  topic: Topic & ('recommendations' | 'decisions' | 'orders');
  /** How many pages are shown; one page renews itself, more are left as they stand. */
  pages: number;
  noun: string;
}

/** While a list was paged through: how many changes wait to be shown, and the way to them. */
export function Newer({ topic, pages, noun }: NewerProps) {
  const cache = useQueryClient();
  const [waiting, setWaiting] = useState(0);
  useEffect(() => {
    setWaiting(0);
    return hear((heard) => heard === topic && pages > 1 && setWaiting((many) => many + 1));
  }, [topic, pages]);
  if (waiting === 0) return null;
  return (
    <button
      type="button"
      onClick={() => {
        window.scrollTo({ top: 0 });
        void cache.resetQueries({ queryKey: [topic] });
      }}
      className="inline-flex h-7 items-center gap-1.5 rounded-lg bg-accent px-2.5 font-medium text-accent-ink text-xs"
    >
      <ArrowUp aria-hidden className="size-3.5" />
      {count(waiting)} newer {noun}
      {waiting === 1 ? '' : 's'}
    </button>
  );
}
