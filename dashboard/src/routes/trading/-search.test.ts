import { describe, expect, it } from 'vitest';
import { parseSearch } from './-search';

const ID = '1c5981b7-0a6b-5980-b289-40c9896fe457';

describe('the address of the trading page', () => {
  it('keeps the tab and what is chosen in it', () => {
    const search = { tab: 'orders', order: ID, open: true };
    expect(parseSearch(search)).toEqual(search);
  });

  it('keeps each way a decision can end', () => {
    for (const verdict of ['act', 'skip', 'needs_approval'])
      expect(parseSearch({ tab: 'decisions', verdict })).toEqual({ tab: 'decisions', verdict });
  });

  it('drops what is none of ours', () => {
    expect(parseSearch({ tab: 'risk', order: '../1', open: 'yes', verdict: 'maybe', reason: '' })).toEqual(
      {},
    );
  });
});
