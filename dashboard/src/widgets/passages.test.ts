import { describe, expect, it } from 'vitest';
import type { QuoteInContext } from '@/api/schema';
import { passages } from './passages';

const TEXT = 'A headline\n\nSales rose. 📈 Profit fell hard. Nobody knows why. The end.\nAnother paragraph.';

function quote(words: string, around: [number, number]): QuoteInContext {
  const chars = [...TEXT];
  const start = [...TEXT.slice(0, TEXT.indexOf(words))].length;
  const end = start + [...words].length;
  const [back, ahead] = around;
  return {
    quote: words,
    start,
    end,
    before: chars.slice(Math.max(0, start - back), start).join(''),
    after: chars.slice(end, end + ahead).join(''),
    verbatim: true,
  };
}

const read = (quotes: QuoteInContext[]) =>
  passages(quotes).map(({ pieces }) =>
    pieces.map(({ text, marked }) => (marked ? `[${text}]` : text)).join(''),
  );

describe('passages', () => {
  it('tell a sentence once where two quotes share it', () => {
    const quotes = [quote('Nobody knows why', [20, 1]), quote('Sales rose', [50, 20])];
    expect(read(quotes)).toEqual(['[Sales rose]. 📈 Profit fell hard. [Nobody knows why].']);
  });

  it('stay apart where text between them is unknown', () => {
    expect(read([quote('Sales rose', [0, 1]), quote('The end', [0, 1])])).toEqual([
      '[Sales rose].',
      '[The end].',
    ]);
  });

  it('end with their paragraph', () => {
    expect(read([quote('The end', [11, 15])])).toEqual(['knows why. [The end].']);
  });

  it('mark overlapping quotes as one', () => {
    expect(read([quote('Profit fell', [0, 6]), quote('fell hard', [7, 1])])).toEqual(['[Profit fell hard].']);
  });

  it('hold no quote that the text does not hold', () => {
    expect(passages([{ ...quote('The end', [0, 0]), verbatim: false }])).toEqual([]);
  });
});
