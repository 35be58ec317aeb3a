import { describe, expect, it } from 'vitest';
import { dollars, quantity, sign, signedDollars, wholeDollars } from './decimal';

describe('decimal strings', () => {
  it('keep digits that a float would lose', () => {
    expect(dollars('90071992547409931.07')).toBe('$90,071,992,547,409,931.07');
    expect(quantity('0.123456789')).toBe('0.123456789');
  });

  it('show a true minus', () => {
    expect(dollars('-1234.5')).toBe('−$1,234.50');
    expect(wholeDollars('-1234.5')).toBe('−$1,235');
  });

  it('say gain with a plus', () => {
    expect(signedDollars('12')).toBe('+$12.00');
    expect(signedDollars('0.00')).toBe('$0.00');
  });

  it.each([
    ['0.000', 0],
    ['-0', 0],
    ['-0.01', -1],
    ['3', 1],
    [0, 0],
    [-2e-7, -1],
  ] as const)('have a sign: %s is %i', (value, expected) => {
    expect(sign(value)).toBe(expected);
  });
});
