// The keyboard: g and a letter goes to a page, j and k walk the rows of a page, / leads to its filter.

import { useEffect } from 'react';
import { PLACES, type Place } from './places';

export interface Doing {
  go: (to: Place['to']) => void;
  palette: () => void;
  sheet: () => void;
}

const PATIENCE = 1000;

function typing(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest('input, textarea, select, [contenteditable], [role=dialog]') !== null
  );
}

/** Put the focus on the row after (or before) the one that has it. */
export function walk(step: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>('main [data-row]')];
  const active = document.activeElement;
  const at = rows.findIndex((row) => row === active || row.closest('tr, li')?.contains(active));
  const next =
    at === -1 ? (step === 1 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + step));
  rows[next]?.focus();
  rows[next]?.scrollIntoView({ block: 'nearest' });
}

function toFilter(doing: Doing): void {
  const field = document.querySelector<HTMLElement>('main [data-search]');
  if (field) field.focus();
  else doing.palette();
}

/** One press outside of any field; `before` is the key before it, if that was just now. */
export function press(key: string, before: string, doing: Doing): boolean {
  const place = before === 'g' ? PLACES.find((candidate) => candidate.key === key) : undefined;
  if (place) doing.go(place.to);
  else if (key === 'j') walk(1);
  else if (key === 'k') walk(-1);
  else if (key === '/') toFilter(doing);
  else if (key === '?') doing.sheet();
  else return false;
  return true;
}

export function useKeys(doing: Doing): void {
  useEffect(() => {
    let before = '';
    let at = 0;
    const listen = (event: KeyboardEvent) => {
      if (event.key === 'k' && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        doing.palette();
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
      const recent = event.timeStamp - at < PATIENCE ? before : '';
      before = event.key;
      at = event.timeStamp;
      if (press(event.key, recent, doing)) event.preventDefault();
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, [doing]);
}
