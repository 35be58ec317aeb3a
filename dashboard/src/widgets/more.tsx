import { LoaderCircle } from 'lucide-react';
import { Button } from './button';

interface MoreProps {
  shown: number;
  noun: string;
  query: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
}

/** Below a list: how many are shown, and the button for the next page. */
export function More({ shown, noun, query }: MoreProps) {
  return (
    <div className="flex items-center gap-3 border-line border-t px-4 py-2 text-muted text-xs">
      <span className="num">
        {shown} {noun} shown{query.hasNextPage ? '' : ', all there are'}
      </span>
      {query.hasNextPage && (
        <Button className="ml-auto" disabled={query.isFetchingNextPage} onClick={() => query.fetchNextPage()}>
          {query.isFetchingNextPage && (
            <LoaderCircle aria-hidden className="size-3.5 motion-safe:animate-spin" />
          )}
          Show more
        </Button>
      )}
    </div>
  );
}
