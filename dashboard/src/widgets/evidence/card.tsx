import { Link } from '@tanstack/react-router';
import type { EvidenceItem } from '@/api/schema';
import { percent } from '@/format/number';
import { eventWords, plain } from '@/lexicon/words';
import { Score } from '../amount';
import { Instant } from '../instant';
import { Quotes } from '../quotes';
import { Tag } from '../tag';
import { Artifacts } from './artifacts';
import { Route } from './route';
import { SignalTerms } from './signal-terms';

/** One reason: who said what when, the sentence itself, and the way to its bytes. */
export function EvidenceCard({ item }: { item: EvidenceItem }) {
  const { document, signal, quotes } = item;
  return (
    <article className="flex flex-col gap-3 px-4 py-4">
      <header className="flex items-start gap-3">
        <div className="min-w-0 flex-1">
          <h3 className="font-semibold text-base text-ink">
            {document ? (
              <Link data-row to="/documents/$id" params={{ id: document.id }} className="hover:underline">
                {document.title}
              </Link>
            ) : (
              eventWords(signal.event_type)
            )}
          </h3>
          <Byline item={item} />
        </div>
        <div className="text-right font-semibold text-base">
          <Score value={item.contribution} digits={3} />
          <p className="font-normal text-faint text-xs">{percent(item.weight_share, 0)} of the weight</p>
        </div>
      </header>
      <Route item={item} />
      <Quotes quotes={quotes} />
      <SignalTerms item={item} />
      {document && <Artifacts document={document} />}
    </article>
  );
}

function Byline({ item: { document, signal } }: { item: EvidenceItem }) {
  return (
    <p className="mt-1 flex flex-wrap items-center gap-x-2.5 gap-y-1 text-muted text-xs">
      <Tag tone="accent">{plain(signal.layer)}</Tag>
      <Tag>{eventWords(signal.event_type)}</Tag>
      <span className="font-medium text-ink">{document?.publisher ?? signal.publisher ?? signal.source}</span>
      {document?.published_at && (
        <span>
          published <Instant at={document.published_at} />
        </span>
      )}
      <span>
        known <Instant at={document?.known_at ?? signal.known_at} />
      </span>
    </p>
  );
}
