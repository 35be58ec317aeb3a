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
      className="grid grid-cols-1 gap-x-6 gap-y-3 border-line border-b bg-sunken px-6 py-4 min-[360px]:grid-cols-2 sm:grid-cols-3 lg:grid-cols-5"
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
      className={`relative rounded-lg border bg-surface px-3 py-2 before:absolute before:top-1/2 before:-left-[0.95rem] before:-translate-y-1/2 before:text-faint before:content-['›'] first:before:content-none ${clock ? 'border-line' : edge}`}
    >
      <p className="flex items-baseline gap-2">
        <span className="min-w-0 break-words font-semibold text-ink">{stageWords(stage.stage)}</span>
        {!clock && (
          <span className="num ml-auto font-semibold text-base text-ink">
            {count(sum.waiting + sum.delayed)}
            <span className="sr-only"> queued</span>
          </span>
        )}
      </p>
      <p className={`mt-0.5 flex items-center gap-1 text-xs ${clock ? 'text-faint' : look}`}>
        <Icon aria-hidden className="size-3.5 shrink-0" />
        <span className="num truncate">{clock ? 'By the clock' : says(state, sum)}</span>
      </p>
    </li>
  );
}

function says(state: Health, { inFlight, oldest }: Load): string {
  const flying = inFlight > 0 ? `, ${count(inFlight)} in flight` : '';
  const age = oldest === null || state === 'idle' ? '' : `, ${span(oldest)}`;
  return `${HEALTH_WORDS[state]}${state === 'busy' ? flying : age}`;
}
