import { Link2, Link2Off } from 'lucide-react';
import type { Chain, EvidenceItem } from '@/api/schema';
import { signed } from '@/format/number';
import { eventWords } from '@/lexicon/words';
import { Panel } from '../panel';
import { Empty } from '../states';
import { Tag } from '../tag';
import { Waterfall } from '../waterfall';
import { EvidenceCard } from './card';

function sum(items: readonly EvidenceItem[]): number {
  return items.reduce((total, item) => total + item.contribution, 0);
}

export function evidenceAnchor(item: EvidenceItem): string {
  return `evidence-${item.signal.id}`;
}

/** Everything that speaks for and against: the sum first, then each piece down to its sentence. */
export function EvidencePanels({ chain }: { chain: Chain }) {
  const { evidence_for: pro, evidence_against: contra, trend, intact } = chain;
  const steps = [...pro, ...contra].map((item) => ({
    key: item.signal.id,
    label: item.document?.title ?? item.event?.summary ?? eventWords(item.signal.event_type),
    note: item.document?.publisher ?? item.signal.source,
    value: item.contribution,
    href: `#${evidenceAnchor(item)}`,
  }));
  return (
    <>
      <Panel
        title="Evidence"
        note={`for ${signed(sum(pro))}, against ${signed(sum(contra))}, trend score ${signed(trend.score)}`}
        actions={<Intact intact={intact} />}
      >
        {steps.length === 0 ? (
          <Empty why="No signal of this window carries enough weight to be kept as evidence." />
        ) : (
          <Waterfall steps={steps} total="Together" />
        )}
      </Panel>
      <Side title="For" items={pro} />
      <Side title="Against" items={contra} />
    </>
  );
}

function Intact({ intact }: { intact: boolean }) {
  return intact ? (
    <Tag tone="gain" icon={Link2} title="Each quote was looked up in the stored text just now">
      Chain intact
    </Tag>
  ) : (
    <Tag tone="loss" icon={Link2Off} title="At least one quote is not in the stored text">
      Chain broken
    </Tag>
  );
}

function Side({ title, items }: { title: string; items: readonly EvidenceItem[] }) {
  const note = items.length === 0 ? 'nothing' : `${items.length} of it, ${signed(sum(items))}`;
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
