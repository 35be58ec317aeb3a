import { Link2, Link2Off } from 'lucide-react';
import { lazy, Suspense } from 'react';
import type { Chain } from '@/api/schema';
import { signed } from '@/format/number';
import { eventWords } from '@/lexicon/words';
import { Panel } from '../panel';
import { Empty, Loading } from '../states';
import { Tag } from '../tag';
import { Waterfall } from '../waterfall';
import { evidenceAnchor, sum } from './side';

const Sides = lazy(() => import('./sides'));

/** Everything that speaks for and against: the sum first, then each piece down to its sentence. */
export function EvidencePanels({ chain }: { chain: Chain }) {
  const { evidence_for: pro, evidence_against: contra, intact } = chain;
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
        note={`for ${signed(sum(pro))}, against ${signed(sum(contra))}: weight times direction of each`}
        actions={<Intact intact={intact} />}
      >
        {steps.length === 0 ? (
          <Empty why="No signal of this window carries enough weight to be kept as evidence." />
        ) : (
          <Waterfall steps={steps} total="Together" />
        )}
      </Panel>
      <Suspense fallback={<Loading rows={8} label="Loading the sentences" />}>
        <Sides pro={pro} contra={contra} />
      </Suspense>
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
