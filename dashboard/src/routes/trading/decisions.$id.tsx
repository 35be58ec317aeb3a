import { useQuery } from '@tanstack/react-query';
import { createFileRoute, Link } from '@tanstack/react-router';
import { Ban, CircleCheck } from 'lucide-react';
import { decision } from '@/api/questions';
import type { DecisionDetail } from '@/api/schema';
import { quantity } from '@/format/decimal';
import { percent } from '@/format/number';
import { checkAsks, checkLimit, checkMust, checkValue, reasonWords } from '@/lexicon/checks';
import { actionWords, windowWords } from '@/lexicon/words';
import { Answered } from '@/widgets/answered';
import { CheckList } from '@/widgets/check-list';
import { EvidencePanels } from '@/widgets/evidence/panels';
import { Instant } from '@/widgets/instant';
import { OrderLegs } from '@/widgets/order-legs';
import { Page } from '@/widgets/page';
import { Panel } from '@/widgets/panel';
import { SizingPanel } from '@/widgets/sizing-panel';
import { Tag } from '@/widgets/tag';

export const Route = createFileRoute('/trading/decisions/$id')({
  loader: ({ context, params }) => void context.cache.prefetchQuery(decision(params.id)),
  component: DecisionPage,
});

function DecisionPage() {
  const { id } = Route.useParams();
  const query = useQuery(decision(id));
  const title = query.data ? `Decision on ${query.data.decision.ticker}` : 'Decision';
  return (
    <Page title={title}>
      {query.data && !query.error ? (
        <Detail detail={query.data} />
      ) : (
        <Panel title="Decision" flush>
          <Answered query={query} rows={12} label="Loading the decision">
            {(detail) => <Detail detail={detail} />}
          </Answered>
        </Panel>
      )}
    </Page>
  );
}

function Detail({ detail: { decision: body, chain } }: { detail: DecisionDetail }) {
  const passed = body.checks.filter((check) => check.passed).length;
  return (
    <>
      <Summary detail={{ decision: body, chain }} />
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <Panel
          title="Gates"
          note={`${passed} of ${body.checks.length} passed, policy ${body.policy_version}; all are asked, none left out`}
          flush
        >
          <CheckList checks={body.checks} caption="Every gate of the decision" />
        </Panel>
        <div className="flex min-w-0 flex-col gap-4">
          <SizingPanel decision={body} />
          <OrderLegs orders={chain.orders} />
        </div>
      </div>
      <EvidencePanels chain={chain} />
    </>
  );
}

/** Why, in one sentence: the gate with what it saw and what it allows, or the number of shares. */
export function because({
  verdict,
  primary_reason: reason,
  checks,
  quantity: shares,
}: DecisionDetail['decision']): string {
  if (verdict === 'act') return `Every gate passed: ${quantity(shares)} shares.`;
  const check = checks.find(({ code }) => code === reason);
  if (reason === null || !check) return reason === null ? 'No reason was given.' : `${reasonWords(reason)}.`;
  const limit =
    check.limit === null
      ? ''
      : `, ${checkMust(reason) ? `must be ${checkMust(reason)} ` : 'of '}${checkLimit(reason, check.limit)}`;
  return `${reasonWords(reason)}: ${checkAsks(check.gate, reason).toLowerCase()} ${checkValue(reason, check.observed)}${limit}.`;
}

function Summary({ detail: { decision: body, chain } }: { detail: DecisionDetail }) {
  const { recommendation } = chain;
  const acted = body.verdict === 'act';
  return (
    <section
      aria-label="In short"
      className="flex flex-col gap-2 rounded-xl border border-line bg-surface p-4 shadow-panel"
    >
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Tag tone={acted ? 'gain' : 'quiet'} icon={acted ? CircleCheck : Ban}>
          {acted ? 'Acted' : 'Skipped'}
        </Tag>
        <Link to="/recommendations/$id" params={{ id: recommendation.id }} className="why text-base">
          {actionWords(recommendation.action)} {recommendation.ticker} over{' '}
          {windowWords(recommendation.window).toLowerCase()}, a rise at {percent(recommendation.probability)}
        </Link>
        <span className="text-muted text-xs sm:ml-auto">
          <Instant at={body.decided_at} form="full" />
        </span>
      </p>
      <p className="text-base text-ink">{because(body)}</p>
    </section>
  );
}
