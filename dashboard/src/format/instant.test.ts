import { describe, expect, it } from 'vitest';
import { clock, full, secondsBetween, short, span, utc } from './instant';

describe('instants', () => {
  it('are shown as New York had them, in summer and in winter', () => {
    expect(full('2025-04-17T14:42:05Z')).toBe('Thu 17 Apr 2025, 10:42:05 ET');
    expect(clock('2025-01-17T14:42:05Z')).toBe('09:42');
  });

  it('begin a day at 00, not at 24', () => {
    expect(short('2025-04-17T04:00:00Z')).toBe('17 Apr 00:00');
  });

  it('keep their UTC beside them', () => {
    expect(utc('2025-04-17T14:42:05Z')).toBe('2025-04-17 14:42:05 UTC');
  });
});

describe('spans', () => {
  it.each([
    [0, '0 s'],
    [42.4, '42 s'],
    [311, '5 min 11 s'],
    [7500, '2 h 5 min'],
    [7200, '2 h'],
    [90_061, '1 d 1 h'],
  ])('of %d seconds read %s', (seconds, text) => {
    expect(span(seconds).replaceAll('\u202f', ' ')).toBe(text);
  });

  it('lie between two instants', () => {
    expect(secondsBetween('2025-04-17T14:42:05Z', '2025-04-17T14:43:05+00:00')).toBe(60);
  });
});
