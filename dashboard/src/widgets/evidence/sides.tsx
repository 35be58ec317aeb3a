import { useEffect } from 'react';
import type { EvidenceItem } from '@/api/schema';
import { signed } from '@/format/number';
import { Panel } from '../panel';
import { EvidenceCard } from './card';
import { evidenceAnchor, sum } from './side';

/** What speaks for it and what against, each down to the sentence. */
export default function Sides({
  pro,
  contra,
}: {
  pro: readonly EvidenceItem[];
  contra: readonly EvidenceItem[];
}) {
  // The browser looked for the place in the address before it was there.
  useEffect(() => {
    if (window.location.hash) document.getElementById(window.location.hash.slice(1))?.scrollIntoView();
  }, []);
  return (
    <>
      <Side title="For" items={pro} />
      <Side title="Against" items={contra} />
    </>
  );
}

function Side({ title, items }: { title: string; items: readonly EvidenceItem[] }) {
  const note =
    items.length === 0
      ? 'nothing'
      : `${items.length} ${items.length === 1 ? 'piece' : 'pieces'}, ${signed(sum(items))}`;
  return (
    <Panel title={title} note={note} flush>
      {items.length === 0 ? (
        <p className="px-4 py-3 text-muted">Nothing that is known speaks {title.toLowerCase()} it.</p>
      ) : (
        <ul className="flex flex-col">
          {items.map((item) => (
            <li
              key={item.signal.id}
              id={evidenceAnchor(item)}
              className="scroll-mt-16 border-line border-b last:border-b-0 target:bg-accent-soft"
            >
              <EvidenceCard item={item} />
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
