import { Banknote, CircleHelp, FileClock, type LucideIcon, Sparkles } from 'lucide-react';
import type { ReactNode } from 'react';
import type { ReplayState, UiConfig } from '@/api/schema';
import { day, full, span } from '@/format/instant';
import { percent } from '@/format/number';
import { stageWords } from '@/lexicon/words';
import { Instant } from '@/widgets/instant';

interface Face {
  icon: LucideIcon;
  look: string;
  says: string;
}

const FACES: Record<UiConfig['mode'], Face> = {
  PAPER: {
    icon: Sparkles,
    look: 'bg-paper text-paper-ink',
    says: 'Simulated broker; no real money can move',
  },
  REPLAY: {
    icon: FileClock,
    look: 'bg-replay text-replay-ink',
    says: 'A recorded tape; no real money can move',
  },
  LIVE: { icon: Banknote, look: 'bg-live text-live-ink', says: 'Real money moves' },
};

interface BannerProps {
  config: UiConfig | undefined;
  children: ReactNode;
}

/** Whose money moves, and what time it is where that happens. */
export function Banner({ config, children }: BannerProps) {
  const face = config && FACES[config.mode];
  const Icon = face?.icon ?? CircleHelp;
  return (
    <div
      className={`sticky top-0 z-30 ${face?.look ?? 'bg-sunken text-muted'}`}
      data-mode={config?.mode ?? 'unknown'}
    >
      <div className="flex h-12 items-center gap-x-3 px-3 md:px-6">
        <p className="flex min-w-0 items-center gap-2">
          <Icon aria-hidden className="size-4 shrink-0" />
          <strong className="font-bold tracking-wide">{config?.mode ?? 'MODE UNKNOWN'}</strong>
          {config?.replay ? <Tape replay={config.replay} /> : <Account config={config} says={face?.says} />}
        </p>
        <div className="ml-auto flex items-center gap-1.5">{children}</div>
      </div>
      {config?.replay && <Progress replay={config.replay} />}
    </div>
  );
}

function Account({ config, says }: { config: UiConfig | undefined; says: string | undefined }) {
  if (!config) return <span className="truncate max-sm:sr-only">the API has not answered yet</span>;
  return (
    <span className="truncate max-sm:sr-only">
      {says} · account {config.account} · {config.risk_tier}
    </span>
  );
}

function Tape({ replay }: { replay: ReplayState }) {
  const done = replay.finished_at !== null;
  return (
    <span className="flex min-w-0 items-baseline gap-2">
      <span className="num whitespace-nowrap font-semibold">
        <span className="sm:hidden">
          <Instant at={replay.now} />
        </span>
        <span className="max-sm:hidden">
          <Instant at={replay.now} form="full" />
        </span>
      </span>
      <span
        className="truncate max-lg:sr-only"
        title={`From ${full(replay.starts_at)} to ${full(replay.ends_at)}`}
      >
        tape {replay.tape}, {day(replay.starts_at)} to {day(replay.ends_at)}
      </span>
      <span className="whitespace-nowrap max-md:sr-only">
        {done
          ? 'played to its end'
          : `${percent(replay.progress, 0)}, at ${stageWords(replay.stage).toLowerCase()}`}
      </span>
    </span>
  );
}

function Progress({ replay }: { replay: ReplayState }) {
  const left = span((Date.parse(replay.ends_at) - Date.parse(replay.now)) / 1000);
  return (
    <progress
      aria-label="Replay"
      max={1}
      value={replay.progress}
      title={replay.finished_at ? 'Played to its end' : `${left} of the tape left`}
      className="absolute inset-x-0 bottom-0 block h-0.5 w-full appearance-none bg-transparent [&::-moz-progress-bar]:bg-accent [&::-webkit-progress-bar]:bg-transparent [&::-webkit-progress-value]:bg-accent"
    />
  );
}
