import { useEffect, useState } from 'react';
import { hear } from '@/api/connection';
import type { Topic } from '@/api/stream';

const EVERY = 5000;
const SAID: Partial<Record<Topic, readonly [one: string, many: string]>> = {
  recommendations: ['recommendation', 'recommendations'],
  decisions: ['decision', 'decisions'],
  orders: ['order change', 'order changes'],
  alerts: ['alert', 'alerts'],
};

export function summary(counts: ReadonlyMap<Topic, number>): string {
  const parts = [...counts].flatMap(([topic, many]) => {
    const words = SAID[topic];
    return words ? [`${many} new ${words[many === 1 ? 0 : 1]}`] : [];
  });
  return parts.join(', ');
}

/** Tells those who listen what came, at most once in five seconds. */
export function Announcer() {
  const [said, setSaid] = useState('');
  useEffect(() => {
    const counts = new Map<Topic, number>();
    const stop = hear((topic) => {
      if (SAID[topic]) counts.set(topic, (counts.get(topic) ?? 0) + 1);
    });
    const timer = window.setInterval(() => {
      if (counts.size > 0) setSaid(summary(counts));
      counts.clear();
    }, EVERY);
    return () => {
      stop();
      window.clearInterval(timer);
    };
  }, []);
  return (
    <p aria-live="polite" className="sr-only">
      {said}
    </p>
  );
}
