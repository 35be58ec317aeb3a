// Quotes of one text with the sentences around them, those that meet put together: a sentence is told once.

import type { QuoteInContext } from '@/api/schema';

export interface Piece {
  text: string;
  marked: boolean;
}

type Range = readonly [from: number, to: number];

export interface Passage {
  pieces: Piece[];
  /** Where the quotes stand in the stored text, in characters. */
  quotes: Range[];
}

interface Stretch {
  from: number;
  chars: string[];
  quotes: Range[];
}

/** Offsets count characters as Python does; a JavaScript string counts some of them twice. */
function stretch({ before, quote, after, start, end }: QuoteInContext): Stretch {
  const lead = [...before];
  return { from: start - lead.length, chars: [...lead, ...quote, ...after], quotes: [[start, end]] };
}

function joined(stretches: readonly Stretch[]): Stretch[] {
  const met: Stretch[] = [];
  for (const next of [...stretches].sort((a, b) => a.from - b.from)) {
    const last = met.at(-1);
    const end = last ? last.from + last.chars.length : 0;
    if (last && next.from <= end) {
      last.chars.push(...next.chars.slice(end - next.from));
      last.quotes.push(...next.quotes);
    } else {
      met.push({ ...next, chars: [...next.chars], quotes: [...next.quotes] });
    }
  }
  return met;
}

/** The part from the paragraph of the first quote to that of the last. */
function trimmed({ from, chars, quotes }: Stretch): Range {
  const first = Math.min(...quotes.map(([start]) => start)) - from;
  const last = Math.max(...quotes.map(([, end]) => end)) - from;
  const begin = first > 0 ? chars.lastIndexOf('\n', first - 1) + 1 : 0;
  const stop = chars.indexOf('\n', last);
  return [begin, stop === -1 ? chars.length : stop];
}

function cut(whole: Stretch): Passage {
  const { from, chars, quotes } = whole;
  const [begin, stop] = trimmed(whole);
  const marked = (at: number) => quotes.some(([start, end]) => at + from >= start && at + from < end);
  const pieces: Piece[] = [];
  for (let at = begin; at < stop; at += 1) {
    const last = pieces.at(-1);
    const text = chars[at] ?? '';
    if (last && last.marked === marked(at)) last.text += text;
    else pieces.push({ text, marked: marked(at) });
  }
  return { pieces, quotes: [...quotes].sort(([a], [b]) => a - b) };
}

export function passages(quotes: readonly QuoteInContext[]): Passage[] {
  return joined(quotes.filter(({ verbatim }) => verbatim).map(stretch)).map(cut);
}
