import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Chain, Instant } from '@/api/schema';
import { plain } from '@/lexicon/words';
import { Instant as Shown } from './instant';
import { Panel } from './panel';
import { Timeline } from './timeline';

/** What happened, oldest first; when a document came out is told where it became known. */
export function steps(timeline: readonly Instant[]): { instant: Instant; published: string | null }[] {
  const published = new Map(
    timeline.filter(({ what }) => what === 'published').map(({ ref, at }) => [ref, at]),
  );
  const known = new Set(timeline.filter(({ what }) => what === 'known').map(({ ref }) => ref));
  return timeline
    .filter(({ what, ref }) => what !== 'published' || !known.has(ref))
    .map((instant, index) => ({ instant, index }))
    .sort((a, b) => Date.parse(a.instant.at) - Date.parse(b.instant.at) || a.index - b.index)
    .map(({ instant }) => ({
      instant,
      published: instant.what === 'known' ? (published.get(instant.ref) ?? null) : null,
    }));
}

/** From the first document to the last fill. */
export default function TimelinePanel({ chain }: { chain: Chain }) {
  const moments = steps(chain.timeline).map(({ instant, published }, index) => ({
    key: `${instant.what}/${instant.ref}/${index}`,
    at: instant.at,
    what: plain(instant.what),
    detail: (
      <>
        <Detail instant={instant} />
        {published !== null && (
          <span className="block text-faint text-xs">
            published <Shown at={published} />
          </span>
        )}
      </>
    ),
  }));
  return (
    <Panel title="Timeline" note={`${moments.length} steps`}>
      <Timeline moments={moments} />
    </Panel>
  );
}

function Detail({ instant: { what, detail, ref } }: { instant: Instant }): ReactNode {
  if (what === 'known' || what === 'published') {
    return (
      <Link to="/documents/$id" params={{ id: ref }} className="hover:underline">
        {detail}
      </Link>
    );
  }
  if (what === 'decided') {
    return (
      <Link to="/trading/decisions/$id" params={{ id: ref }} className="hover:underline">
        {detail}
      </Link>
    );
  }
  return detail;
}
