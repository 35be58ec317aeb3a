import { Link } from '@tanstack/react-router';
import { Ban, CircleCheck } from 'lucide-react';
import { reasonWords } from '@/lexicon/checks';
import { statusWords } from '@/lexicon/statuses';
import { Tag } from './tag';

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
      <Tag tone={acted ? 'gain' : 'quiet'} icon={acted ? CircleCheck : Ban}>
        {acted ? 'Acted' : 'Skipped'}
      </Tag>
      <span className="whitespace-nowrap text-muted text-xs group-hover:text-ink group-hover:underline">
        {words}
      </span>
    </Link>
  );
}
