import { describe, expect, it } from 'vitest';
import { figure, percent, signed, signedPercent } from './number';

describe('numbers', () => {
  it('never show a signed zero', () => {
    expect(signed(-0.001)).toBe('0.00');
    expect(signedPercent(0.0001)).toBe('0.0\u202f%');
  });

  it('show shares as per cent', () => {
    expect(percent(0.318)).toBe('31.8\u202f%');
  });

  it.each([
    [12, '12'],
    [-1250, '−1,250'],
    [0.12345, '0.1235'],
    [31.456, '31.46'],
    [104_210.55, '104210.6'],
  ])('of unknown kind keep few digits: %d is %s', (value, text) => {
    expect(figure(value)).toBe(text);
  });
});
