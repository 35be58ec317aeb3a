import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Chain, Instant } from '@/api/schema';
import { plain } from '@/lexicon/words';
import { Panel } from '@/widgets/panel';
import { Timeline } from '@/widgets/timeline';

/** From the first document to the last fill. */
export function TimelinePanel({ chain }: { chain: Chain }) {
  const moments = [...chain.timeline]
    .map((instant, index) => ({ instant, index }))
    .sort((a, b) => Date.parse(a.instant.at) - Date.parse(b.instant.at) || a.index - b.index)
    .map(({ instant, index }) => ({
      key: `${instant.what}/${instant.ref}/${index}`,
      at: instant.at,
      what: plain(instant.what),
      detail: <Detail instant={instant} />,
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
