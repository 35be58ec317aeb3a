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

const STALE_AFTER = 20;
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
 * resumes after the last event it saw. */
export function connect(cache: QueryClient): () => void {
  const source = new EventSource('/api/v1/stream');
  const refresh = new Refresh(cache);
  let heard = Date.now();

  const listen = (): void => {
    heard = Date.now();
    say('live', 0);
  };
  const onTopic = (topic: Topic) => (event: MessageEvent<string>) => {
    listen();
    const change = JSON.parse(event.data) as Change;
    apply(cache, change);
    refresh.mark(topic);
    for (const hearer of hearers) hearer(topic, change);
  };
  const onReset = (): void => {
    listen();
    void cache.invalidateQueries();
  };
  const look = (): void => {
    const silent = Math.round((Date.now() - heard) / 1000);
    if (source.readyState !== EventSource.OPEN)
      say(current.state === 'connecting' ? 'connecting' : 'offline', silent);
    else if (silent > STALE_AFTER) say('stale', silent);
  };

  for (const topic of TOPICS) source.addEventListener(topic, onTopic(topic));
  for (const name of ['open', 'ready', 'ping']) source.addEventListener(name, listen);
  source.addEventListener('reset', onReset);
  source.addEventListener('error', () => say('offline', Math.round((Date.now() - heard) / 1000)));
  const timer = window.setInterval(look, 1000);
  return () => {
    window.clearInterval(timer);
    refresh.stop();
    source.close();
  };
}
