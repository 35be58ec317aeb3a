import { Link, useNavigate } from '@tanstack/react-router';
import type { RecommendationFilter } from '@/api/questions';
import { reasonWords } from '@/lexicon/checks';
import { actionWords, plain, windowWords } from '@/lexicon/words';
import { Pick } from '@/widgets/pick';
import { TickerField } from '@/widgets/ticker-field';
import { VERDICTS } from '@/widgets/verdict';
import { ACTIONS, MODES, parseFilter, WINDOWS } from './-filter';

const SUPPRESSED = [
  ['true', 'Held back'],
  ['false', 'Not held back'],
] as const;

export function Filters({ filter }: { filter: RecommendationFilter }) {
  const navigate = useNavigate({ from: '/recommendations/' });
  const set = (part: Record<string, unknown>) =>
    void navigate({ search: (kept) => parseFilter({ ...kept, ...part }), replace: true });
  return (
    <search
      aria-label="Recommendations"
      className="-m-1 flex items-center gap-2 p-1 max-sm:overflow-x-auto sm:flex-wrap"
    >
      <TickerField value={filter.ticker ?? undefined} pick={(ticker) => set({ ticker })} />
      <Pick
        label="Action"
        value={filter.action ?? undefined}
        choices={ACTIONS.map((action) => [action, actionWords(action)])}
        pick={(action) => set({ action })}
      />
      <Pick
        label="Window"
        value={filter.window ?? undefined}
        choices={WINDOWS.map((window) => [window, windowWords(window)])}
        pick={(window) => set({ window })}
      />
      <Pick
        label="Mode"
        value={filter.mode ?? undefined}
        choices={MODES.map((mode) => [mode, plain(mode)])}
        pick={(mode) => set({ mode })}
      />
      <Pick
        label="Suppression"
        value={
          filter.suppressed === undefined || filter.suppressed === null
            ? undefined
            : String(filter.suppressed)
        }
        choices={SUPPRESSED}
        pick={(value) => set({ suppressed: value === undefined ? undefined : value === 'true' })}
      />
      <Pick
        label="Outcome"
        value={filter.verdict ?? undefined}
        choices={VERDICTS}
        pick={(verdict) => set({ verdict })}
      />
      {filter.suppression && (
        <button
          type="button"
          onClick={() => set({ suppression: undefined })}
          className="inline-flex h-8 items-center gap-1.5 rounded-lg border border-accent bg-accent-soft px-2.5 font-medium text-ink"
        >
          {reasonWords(filter.suppression)} <span aria-hidden>×</span>
          <span className="sr-only">, remove this filter</span>
        </button>
      )}
      {Object.keys(filter).length > 0 && (
        <Link to="/recommendations" search={{}} className="why px-1">
          Clear
        </Link>
      )}
    </search>
  );
}
