import { Inbox, RotateCw, TriangleAlert, WifiOff } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { failure } from '@/api/client';
import { Button } from './button';
import { Instant } from './instant';

const PATIENCE = 150;

/** A skeleton, but only of what takes so long that one would wonder; its room is taken from the start. */
export function Loading({ rows = 5, label = 'Loading' }: { rows?: number; label?: string }) {
  const [waited, setWaited] = useState(false);
  useEffect(() => {
    const timer = window.setTimeout(() => setWaited(true), PATIENCE);
    return () => window.clearTimeout(timer);
  }, []);
  return (
    <div role="status" aria-label={label} className="flex flex-col gap-3 p-4">
      {Array.from({ length: rows }, (_, row) => (
        <div
          // biome-ignore lint/suspicious/noArrayIndexKey: the rows are alike and never move
          key={row}
          data-skeleton={waited || undefined}
          className={`h-5 rounded-md ${waited ? 'bg-sunken motion-safe:animate-pulse' : ''}`}
          style={{ width: `${96 - ((row * 17) % 40)}%` }}
        />
      ))}
    </div>
  );
}

interface EmptyProps {
  /** Why there is nothing. */
  why: string;
  /** The one thing to do about it. */
  action?: ReactNode;
}

export function Empty({ why, action }: EmptyProps) {
  return (
    <div className="flex flex-col items-center gap-3 px-6 py-10 text-center text-muted">
      <Inbox aria-hidden className="size-6 text-faint" strokeWidth={1.5} />
      <p className="max-w-md">{why}</p>
      {action}
    </div>
  );
}

/** What the API said instead of an answer, and a way to ask again. */
export function Failed({ error, retry }: { error: unknown; retry?: () => void }) {
  const { title, message, requestId, status } = failure(error);
  const Icon = status === 0 ? WifiOff : TriangleAlert;
  return (
    <div role="alert" className="flex flex-col items-start gap-3 p-4 sm:flex-row sm:items-center">
      <Icon aria-hidden className="size-5 shrink-0 text-loss" />
      <div className="min-w-0 flex-1">
        <p className="font-semibold text-ink">{title}</p>
        <p className="break-words text-muted">{message}</p>
        {requestId !== null && (
          <p className="text-faint text-xs">
            Request <code className="font-mono">{requestId}</code>
          </p>
        )}
      </div>
      {retry && (
        <Button onClick={retry}>
          <RotateCw aria-hidden className="size-3.5" />
          Retry
        </Button>
      )}
    </div>
  );
}

/** Said above data that is kept although asking again failed. */
export function Stale({ since, retry }: { since: string; retry: () => void }) {
  return (
    <div
      role="status"
      className="flex items-center gap-2 border-line border-b bg-warn-soft px-4 py-1.5 text-warn text-xs"
    >
      <WifiOff aria-hidden className="size-3.5 shrink-0" />
      <span>
        Not current: as of <Instant at={since} form="full" />
      </span>
      <button
        type="button"
        onClick={retry}
        className="ml-auto min-h-6 font-semibold underline underline-offset-2"
      >
        Retry
      </button>
    </div>
  );
}
