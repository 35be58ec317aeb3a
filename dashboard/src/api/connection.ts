// Whether changes arrive: one EventSource a tab, its state for whoever shows it, its events for whoever counts them.

import type { QueryClient } from '@tanstack/react-query';
import type { Change } from './schema';
import { apply, Refresh, TOPICS, type Topic } from './stream';

export type ConnectionState = 'connecting' | 'live' | 'stale' | 'offline';
export interface Connection {
  state: ConnectionState;
  /** Seconds since anything was heard; a heartbeat comes every 15. */
  silent: number;
}

/** Seconds: a heartbeat and a bit without one; how long opening may take; how often a lost stream is opened again. */
const STALE_AFTER = 20;
const PATIENCE = 5;
const REOPEN_EVERY = 3;
type Listener = () => void;
type Hearer = (topic: Topic, change: Change) => void;

let current: Connection = { state: 'connecting', silent: 0 };
const listeners = new Set<Listener>();
const hearers = new Set<Hearer>();

function say(state: ConnectionState, silent: number): void {
  if (state === current.state && silent === current.silent) return;
  current = { state, silent };
  for (const listener of listeners) listener();
}

export const connection = {
  subscribe(listener: Listener): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  snapshot: (): Connection => current,
};

/** Call for every change that arrives; returns how to stop. */
export function hear(hearer: Hearer): () => void {
  hearers.add(hearer);
  return () => hearers.delete(hearer);
}

/** Open the stream and keep the cache in step with it; returns how to close it. The browser reconnects by itself and
 * resumes after the last event it saw; where it gave up, a new stream is opened and everything is asked for again. */
export function connect(cache: QueryClient): () => void {
  const refresh = new Refresh(cache);
  let heard = Date.now();
  let source = open();

  function listen(): void {
    heard = Date.now();
    say('live', 0);
  }

  function renew(): void {
    listen();
    void cache.invalidateQueries();
  }

  function take(topic: Topic, event: MessageEvent<string>): void {
    listen();
    const change = JSON.parse(event.data) as Change;
    apply(cache, change);
    refresh.mark(topic);
    for (const hearer of hearers) hearer(topic, change);
  }

  function open(): EventSource {
    const opened = new EventSource('/api/v1/stream');
    for (const topic of TOPICS) opened.addEventListener(topic, (event) => take(topic, event));
    for (const name of ['ready', 'ping']) opened.addEventListener(name, listen);
    opened.addEventListener('reset', renew);
    return opened;
  }

  const timer = window.setInterval(() => {
    const silent = Math.round((Date.now() - heard) / 1000);
    if (source.readyState === EventSource.CLOSED && silent % REOPEN_EVERY === 0) {
      source = open();
      source.addEventListener('ready', renew);
    }
    if (source.readyState === EventSource.OPEN) {
      if (silent > STALE_AFTER) say('stale', silent);
    } else if (current.state !== 'connecting' || silent > PATIENCE) say('offline', silent);
  }, 1000);
  return () => {
    window.clearInterval(timer);
    refresh.stop();
    source.close();
  };
}
