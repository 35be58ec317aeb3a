import { ShieldAlert, ShieldCheck } from 'lucide-react';
import type { QuoteInContext } from '@/api/schema';

/** The part of the context that is of the quote's own paragraph. */
export function sameParagraph({ before, after }: QuoteInContext): { before: string; after: string } {
  return { before: before.slice(before.lastIndexOf('\n') + 1), after: after.split('\n', 1)[0] ?? '' };
}

/** A quote marked in the sentences around it, and whether the stored text really holds it there. */
export function Quote({ quote }: { quote: QuoteInContext }) {
  const { before, after } = sameParagraph(quote);
  const Icon = quote.verbatim ? ShieldCheck : ShieldAlert;
  return (
    <figure className="border-line-strong border-l-2 pl-3">
      <blockquote className="max-w-prose text-base text-muted">
        {before}
        <mark className="rounded-sm box-decoration-clone px-0.5 py-px font-medium">{quote.quote}</mark>
        {after}
      </blockquote>
      <figcaption
        className={`mt-1 flex items-center gap-1 text-xs ${quote.verbatim ? 'text-faint' : 'text-loss'}`}
      >
        <Icon aria-hidden className="size-3.5" />
        {quote.verbatim ? (
          <span>
            Verbatim, characters{' '}
            <span className="num">
              {quote.start}–{quote.end}
            </span>{' '}
            of the stored text
          </span>
        ) : (
          'The stored text does not hold this quote at this place'
        )}
      </figcaption>
    </figure>
  );
}
