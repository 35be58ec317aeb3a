// Instants arrive in UTC and are shown as New York's clocks had them.

const ZONE = 'America/New_York';
const PARTS = new Intl.DateTimeFormat('en-US', {
  timeZone: ZONE,
  weekday: 'short',
  year: 'numeric',
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});

type Part = 'weekday' | 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second';

function parts(iso: string): Record<Part, string> {
  const found = PARTS.formatToParts(new Date(iso)).map(({ type, value }) => [type, value]);
  return Object.fromEntries(found) as Record<Part, string>;
}

export function day(iso: string): string {
  const at = parts(iso);
  return `${at.day} ${at.month} ${at.year}`;
}

export function clock(iso: string): string {
  const at = parts(iso);
  return `${at.hour}:${at.minute}`;
}

/** 17 Apr 10:42 */
export function short(iso: string): string {
  const at = parts(iso);
  return `${at.day} ${at.month} ${at.hour}:${at.minute}`;
}

/** Thu 17 Apr 2025, 10:42:05 ET */
export function full(iso: string): string {
  const at = parts(iso);
  return `${at.weekday} ${at.day} ${at.month} ${at.year}, ${at.hour}:${at.minute}:${at.second} ET`;
}

/** The same instant in UTC, for the title of a shown one. */
export function utc(iso: string): string {
  return `${new Date(iso)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.000Z$|Z$/, '')} UTC`;
}

const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
] as const;

/** A span in its two largest units: "2 h 5 min". */
export function span(seconds: number): string {
  let rest = Math.max(0, Math.round(seconds));
  const said: string[] = [];
  for (const [unit, size] of UNITS) {
    const many = Math.floor(rest / size);
    rest -= many * size;
    if (many > 0) said.push(`${many}\u202f${unit}`);
    if (said.length === 2 || (said.length === 1 && many === 0)) break;
  }
  return said.join(' ') || '0\u202fs';
}

export function secondsBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / 1000;
}
