// Shares, scores and counts: measured floats, shown with as many digits as they mean.

const COUNT = new Intl.NumberFormat('en-US');
const MINUS = '−';

export function count(value: number): string {
  return COUNT.format(value);
}

/** 0.0123 as "1.2 %"; a narrow no-break space keeps the sign with its number. */
export function percent(share: number, digits = 1): string {
  return `${fixed(share * 100, digits)}\u202f%`;
}

export function signedPercent(share: number, digits = 1): string {
  return `${signed(share * 100, digits)}\u202f%`;
}

export function fixed(value: number, digits = 2): string {
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && /[1-9]/.test(text) ? MINUS + text : text;
}

export function signed(value: number, digits = 2): string {
  const text = fixed(value, digits);
  return value > 0 && /[1-9]/.test(text) ? `+${text}` : text;
}

/** Up to four significant digits, for numbers of unknown kind. */
export function figure(value: number): string {
  if (Number.isInteger(value)) return count(value).replace('-', MINUS);
  const size = Math.abs(value);
  const digits = size >= 100 ? 1 : size >= 1 ? 2 : size >= 0.001 ? 4 : 6;
  return fixed(value, digits);
}
