import { useSyncExternalStore } from 'react';
import { type Connection, connection } from '@/api/connection';
import { span } from '@/format/instant';

const FACES: Record<Connection['state'], { words: string; dot: string; says: string }> = {
  connecting: {
    words: 'Connecting',
    dot: 'border-2 border-current',
    says: 'The stream of changes is being opened',
  },
  live: { words: 'Live', dot: 'bg-current', says: 'Changes are shown as they happen' },
  stale: {
    words: 'Stale',
    dot: 'border-2 border-current',
    says: 'Nothing was heard for longer than it should be',
  },
  offline: {
    words: 'Offline',
    dot: 'rotate-45 rounded-none border-2 border-current',
    says: 'The API does not answer; the browser goes on trying',
  },
};

/** Whether what is shown is what is: in words, with a shape of its own for each state. */
export function StreamState() {
  const { state, silent } = useSyncExternalStore(connection.subscribe, connection.snapshot);
  const { words, dot, says } = FACES[state];
  const since = state === 'stale' || (state === 'offline' && silent > 0) ? ` ${span(silent)}` : '';
  return (
    <span title={says} data-stream={state} className="flex items-center gap-1.5 px-1 font-medium text-xs">
      <span aria-hidden className={`size-2 rounded-full ${dot}`} />
      <span className="num">
        {words}
        {since}
      </span>
    </span>
  );
}
