// Money and quantities travel as decimal strings and are formatted as such: Intl takes the digits as they stand,
// so that no float ever rounds an amount.

export type Decimal = string;
type Digits = Intl.StringNumericLiteral;

const DOLLARS = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' });
const WHOLE_DOLLARS = new Intl.NumberFormat('en-US', {
  style: 'currency',
  currency: 'USD',
  maximumFractionDigits: 0,
});
const PLAIN = new Intl.NumberFormat('en-US', { maximumFractionDigits: 9 });

const MINUS = '−';

function typographic(text: string): string {
  return text.replace('-', MINUS);
}

export function dollars(value: Decimal): string {
  return typographic(DOLLARS.format(value as Digits));
}

export function wholeDollars(value: Decimal | number): string {
  return typographic(WHOLE_DOLLARS.format(value as Digits));
}

export function quantity(value: Decimal): string {
  return typographic(PLAIN.format(value as Digits));
}

export type Sign = -1 | 0 | 1;

export function sign(value: Decimal | number): Sign {
  const digits = String(value);
  if (!/[1-9]/.test(digits.split(/e/i)[0] ?? '')) return 0;
  return digits.startsWith('-') ? -1 : 1;
}

/** The amount with its sign always shown, as in +$12.00. */
export function signedDollars(value: Decimal): string {
  return (sign(value) > 0 ? '+' : '') + dollars(value);
}
