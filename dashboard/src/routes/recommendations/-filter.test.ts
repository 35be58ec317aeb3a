import { describe, expect, it } from 'vitest';
import { parseFilter } from './-filter';

describe('the filter in the address', () => {
  it('keeps what it knows', () => {
    const search = { ticker: 'NVDA', action: 'buy', suppressed: false, suppression: 'thin', verdict: 'skip' };
    expect(parseFilter(search)).toEqual(search);
  });

  it('keeps decisions that need a yes', () => {
    expect(parseFilter({ verdict: 'needs_approval' })).toEqual({ verdict: 'needs_approval' });
  });

  it('leaves out what makes no sense, so that the API is never asked for it', () => {
    expect(parseFilter({ action: 'short', mode: '', window: 7, suppressed: 'yes', page: 3 })).toEqual({});
  });

  it('takes a ticker that looks like a number', () => {
    expect(parseFilter({ ticker: 600519 })).toEqual({ ticker: '600519' });
  });
});
