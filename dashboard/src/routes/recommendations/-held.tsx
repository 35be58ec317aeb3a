import { Link } from '@tanstack/react-router';
import type { Chain } from '@/api/schema';
import { checkAsks, checkValue, limitWords, reasonWords } from '@/lexicon/checks';
import { CheckList } from '@/widgets/check-list';
import { Panel } from '@/widgets/panel';
import { Tag } from '@/widgets/tag';

/** Why it went no further: each reason with what was seen and what is allowed, and the checks behind them. */
export function Held({ chain: { recommendation, eligibility } }: { chain: Chain }) {
  const { suppressions } = recommendation;
  return (
    <Panel title="Held back by" note={suppressions.length === 0 ? 'nothing' : undefined} flush>
      {suppressions.length === 0 && <p className="px-4 py-3 text-muted">No reason not to act was found.</p>}
      <ul className="flex flex-col">
        {suppressions.map(({ code, observed, limit }) => (
          <li
            key={code}
            className="flex flex-wrap items-center gap-x-3 gap-y-1 border-line border-b px-4 py-2 last:border-b-0"
          >
            <Link to="/recommendations" search={{ suppression: code }} title="Others held back by this">
              <Tag tone="warn">{reasonWords(code)}</Tag>
            </Link>
            <span className="ml-auto text-right text-muted text-xs tabular-nums">
              {checkAsks('', code).toLowerCase()}{' '}
              <strong className="font-semibold text-ink">{checkValue(code, observed)}</strong>
              {limit !== null && <>, {limitWords(code, limit)}</>}
            </span>
          </li>
        ))}
      </ul>
      {eligibility && eligibility.checks.length > 0 && (
        <details className="border-line border-t">
          <summary className="px-4 py-2 text-muted hover:bg-hover">
            Every check of eligibility: {eligibility.checks.filter((check) => check.passed).length} of{' '}
            {eligibility.checks.length} passed
          </summary>
          <CheckList checks={eligibility.checks} caption="Checks of eligibility" />
        </details>
      )}
    </Panel>
  );
}
