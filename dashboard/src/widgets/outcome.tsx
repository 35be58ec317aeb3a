import { Link } from '@tanstack/react-router';
import { reasonWords } from '@/lexicon/checks';
import { statusWords } from '@/lexicon/statuses';
import { Verdict } from './verdict';

interface OutcomeProps {
  decisionId: string | null;
  verdict: string | null;
  reason: string | null;
  orderStatus: string | null;
}

/** What the account did with a recommendation, leading to the decision that says why. */
export function Outcome({ decisionId, verdict, reason, orderStatus }: OutcomeProps) {
  if (decisionId === null) return <span className="text-faint">Not put forward</span>;
  const acted = verdict === 'act';
  const words = acted
    ? orderStatus
      ? statusWords(orderStatus)
      : 'No order yet'
    : reasonWords(reason ?? 'skipped');
  return (
    <Link
      to="/trading/decisions/$id"
      params={{ id: decisionId }}
      className="group relative z-10 inline-flex min-h-6 flex-col items-start justify-center"
    >
      <Verdict verdict={verdict} />
      <span className="whitespace-nowrap text-muted text-xs group-hover:text-ink group-hover:underline">
        {words}
      </span>
    </Link>
  );
}
