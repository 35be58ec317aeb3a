import { CircleAlert, CircleCheck, CircleDashed, type LucideIcon, Timer, TriangleAlert } from 'lucide-react';
import type { StageState } from '@/api/schema';
import { span } from '@/format/instant';
import { count } from '@/format/number';
import { stageWords } from '@/lexicon/words';
import { HEALTH_WORDS, type Health, health, type Load, load, polls } from './-queue-load';

const FACES: Record<Health, { icon: LucideIcon; look: string; edge: string }> = {
  idle: { icon: CircleCheck, look: 'text-faint', edge: 'border-line' },
  busy: { icon: CircleDashed, look: 'text-accent', edge: 'border-accent' },
  behind: { icon: TriangleAlert, look: 'text-warn', edge: 'border-warn-bar' },
  failing: { icon: CircleAlert, look: 'text-loss', edge: 'border-loss-bar' },
};

/** The stages as a chain, each with how much lies before it. */
export function StageGraph({ stages }: { stages: readonly StageState[] }) {
  return (
    <ol
      aria-label="Stages in order"
      className="grid grid-cols-2 gap-x-5 gap-y-3 border-line border-b bg-sunken p-4 sm:grid-cols-3 lg:grid-cols-5"
    >
      {stages.map((stage) => (
        <StageNode key={stage.stage} stage={stage} />
      ))}
    </ol>
  );
}

function StageNode({ stage }: { stage: StageState }) {
  const sum = load(stage.queues);
  const state = health(sum);
  const clock = polls(stage);
  const { icon, look, edge } = FACES[state];
  const Icon = clock ? Timer : icon;
  return (
    <li
      className={`stage-node relative rounded-lg border bg-surface px-3 py-2 ${clock ? 'border-line' : edge}`}
    >
      <p className="flex items-center gap-1.5">
        <span className="truncate font-semibold text-ink">{stageWords(stage.stage)}</span>
        <span
          className={`ml-auto inline-flex shrink-0 items-center gap-1 text-xs ${clock ? 'text-faint' : look}`}
        >
          <Icon aria-hidden className="size-3.5" />
          {clock ? 'By the clock' : HEALTH_WORDS[state]}
        </span>
      </p>
      {clock ? <p className="mt-1 text-muted text-xs">reads no queue</p> : <Waiting sum={sum} />}
    </li>
  );
}

function Waiting({ sum }: { sum: Load }) {
  return (
    <p className="num mt-1 truncate text-muted text-xs">
      <strong className="font-semibold text-ink text-sm">{count(sum.waiting + sum.delayed)}</strong> queued
      {sum.inFlight > 0 && <>, {count(sum.inFlight)} in flight</>}
      {sum.oldest !== null && <>, oldest {span(sum.oldest)}</>}
      {sum.oldest === null && sum.done > 0 && <>, {count(sum.done)} done</>}
    </p>
  );
}
