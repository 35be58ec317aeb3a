import { ShieldAlert, ShieldCheck } from 'lucide-react';
import type { QuoteInContext } from '@/api/schema';
import { type Passage, passages } from './passages';

/** Quotes marked in the sentences around them, and whether the stored text really holds each. */
export function Quotes({ quotes }: { quotes: readonly QuoteInContext[] }) {
  return (
    <>
      {passages(quotes).map((passage) => (
        <Held key={passage.quotes[0]?.[0]} passage={passage} />
      ))}
      {quotes
        .filter(({ verbatim }) => !verbatim)
        .map(({ quote, start }) => (
          <figure key={start} className="border-loss-bar border-l-2 pl-3">
            <blockquote className="max-w-prose text-base text-muted">{quote}</blockquote>
            <figcaption className="mt-1 flex items-center gap-1 text-loss text-xs">
              <ShieldAlert aria-hidden className="size-3.5 shrink-0" />
              The stored text does not hold this quote at this place
            </figcaption>
          </figure>
        ))}
    </>
  );
}

function Held({ passage: { pieces, quotes } }: { passage: Passage }) {
  const places = quotes.map(([from, to]) => `${from}–${to}`).join(' and ');
  return (
    <figure className="border-line-strong border-l-2 pl-3">
      <blockquote className="max-w-prose whitespace-pre-line text-base text-muted">
        {pieces.map(({ text, marked }, index) =>
          marked ? (
            // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a text never change places
            <mark key={index} className="rounded-sm box-decoration-clone px-0.5 py-px">
              {text}
            </mark>
          ) : (
            text
          ),
        )}
      </blockquote>
      <figcaption className="mt-1 flex items-center gap-1 text-faint text-xs">
        <ShieldCheck aria-hidden className="size-3.5 shrink-0" />
        <span className="tabular-nums">Verbatim, characters {places} of the stored text</span>
      </figcaption>
    </figure>
  );
}
