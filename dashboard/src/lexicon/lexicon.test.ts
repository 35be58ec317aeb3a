import { describe, expect, it } from 'vitest';
import { becauseWords, checkAsks, checkValue, limitWords, reasonWords } from './checks';
import { sizingSteps } from './sizing';
import { plain } from './words';

const narrow = (text: string) => text.replaceAll('\u202f', ' ');

describe('checks', () => {
  it('show their numbers in their unit', () => {
    expect(narrow(checkValue('SECTOR_CAP', 0.318))).toBe('31.8 %');
    expect(narrow(checkValue('SPREAD_WIDE', 0.0005))).toBe('0.05 %');
    expect(narrow(checkValue('REC_STALE', 12.5))).toBe('12.5 min');
    expect(checkValue('INSUFFICIENT_BP', 51_234.5)).toBe('$51,235');
    expect(checkValue('OUTSIDE_WINDOW', '2025-04-17T14:42:05+00:00')).toBe('17 Apr 10:42 ET');
  });

  it('say that an input was missing instead of showing a number', () => {
    expect(checkValue('CORR_HIGH_DATA_MISSING', null)).toBe('no data');
    expect(reasonWords('CORR_HIGH_DATA_MISSING')).toBe('Too correlated to the book: no data');
  });

  it('name an unknown code by itself', () => {
    expect(checkAsks('novel', 'SOME_NEW_GATE')).toBe('Some new gate');
    expect(checkAsks('cooldown', 'NOT_ASKED_OF_EXITS')).toBe('Cooldown');
  });

  it('give a reason in one sentence', () => {
    const words = becauseWords('SECTOR_CAP', 0.318, 0.3);
    expect(narrow(words)).toBe('Sector exposure at its limit: 31.8 %, must be < 30.0 %');
    expect(becauseWords('OUTSIDE_WINDOW', 'closed', '09:35-15:50')).toBe(
      'Outside trading hours: closed, limit 09:35-15:50',
    );
  });

  it('compare a size with the least worth', () => {
    expect(limitWords('BELOW_MIN', 100)).toBe('must be ≥ $100');
  });
});

describe('suppressions', () => {
  it('are checks by another name', () => {
    expect(reasonWords('single_source')).toBe('One source leads');
    expect(reasonWords('moon_phase')).toBe('Moon phase');
    expect(narrow(checkValue('stale', 90.25))).toBe('90.3 h');
    expect(checkValue('thin', null)).toBe('no data');
  });
});

describe('sizing', () => {
  it('is told in the order in which it is done, strangers last', () => {
    const steps = sizingSteps({ weight: 0.02, other: 7, kelly: 0.1 });
    expect(steps.map((step) => step.words)).toEqual(['Full Kelly', 'Weight', 'Other']);
  });
});

it('plain words begin with a capital', () => {
  expect(plain('macro_event')).toBe('Macro event');
});
