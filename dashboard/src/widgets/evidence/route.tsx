import { Link } from '@tanstack/react-router';
import { ArrowRight } from 'lucide-react';
import type { EvidenceItem } from '@/api/schema';
import { signed } from '@/format/number';
import { plain } from '@/lexicon/words';

/** How news about something else came to speak about this company: through a macro event or through a rival. */
export function Route({ item: { via, event, signal } }: { item: EvidenceItem }) {
  if (!via && !event) return null;
  return (
    <div className="flex flex-col gap-1 rounded-lg bg-sunken px-3 py-2 text-muted">
      {via && (
        <p className="flex flex-wrap items-center gap-1.5">
          {via.origin_ticker && (
            <Link to="/recommendations" search={{ ticker: via.origin_ticker }} className="why">
              {via.origin_ticker}
            </Link>
          )}
          <ArrowRight aria-hidden className="size-3.5 text-faint" />
          <span className="font-medium text-ink">{signal.ticker}</span>
          <span>
            through {plain(via.relation).toLowerCase()}, {via.hops} {via.hops === 1 ? 'step' : 'steps'}
          </span>
        </p>
      )}
      {event && (
        <p>
          {plain(event.type)}, severity {event.severity} of 5
          {event.impact !== null && (
            <>
              , impact on {signal.ticker} {signed(event.impact)}
            </>
          )}
          {event.summary !== '' && <>: {event.summary}</>}
        </p>
      )}
      {event && Object.keys(event.terms).length > 0 && (
        <p className="text-xs tabular-nums">
          {Object.entries(event.terms)
            .map(([term, value]) => `${plain(term).toLowerCase()} ${signed(value)}`)
            .join(' · ')}
        </p>
      )}
    </div>
  );
}
