import { useQuery } from '@tanstack/react-query';
import { createFileRoute, Link } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { decision } from '@/api/questions';
import type { DecisionDetail } from '@/api/schema';
import { quantity } from '@/format/decimal';
import { percent } from '@/format/number';
import { becauseWords, reasonWords } from '@/lexicon/checks';
import { actionWords, lower, windowWords } from '@/lexicon/words';
import { CheckList } from '@/widgets/check-list';
import { EvidencePanels } from '@/widgets/evidence/panels';
import { Instant } from '@/widgets/instant';
import { OrderLegs } from '@/widgets/order-legs';
import { Page } from '@/widgets/page';
import { Panel } from '@/widgets/panel';
import { SizingPanel } from '@/widgets/sizing-panel';
import { TrendPanel } from '@/widgets/trend-panel';
import { Verdict } from '@/widgets/verdict';
import { Whole } from '@/widgets/whole';

const TimelinePanel = lazy(() => import('@/widgets/chain-timeline'));

export const Route = createFileRoute('/trading/decisions/$id')({
  loader: ({ context, params }) => void context.cache.prefetchQuery(decision(params.id)),
  component: DecisionPage,
});

function DecisionPage() {
  const { id } = Route.useParams();
  const query = useQuery(decision(id));
  const body = query.data?.decision;
  return (
    <Page
      title={body ? `Decision on ${body.ticker}` : 'Decision'}
      {...(body ? { mark: <Verdict verdict={body.verdict} /> } : {})}
      {...(body ? { lead: <Instant at={body.decided_at} form="full" /> } : {})}
    >
      <Whole query={query} title="Decision">
        {(detail) => <Detail detail={detail} />}
      </Whole>
    </Page>
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
  if (reason === null) return 'No reason was given.';
  const check = checks.find(({ code }) => code === reason);
  return check ? `${becauseWords(reason, check.observed, check.limit)}.` : `${reasonWords(reason)}.`;
}

function Detail({ detail: { decision: body, chain } }: { detail: DecisionDetail }) {
  const { recommendation } = chain;
  const passed = body.checks.filter((check) => check.passed).length;
  return (
    <>
      <p className="max-w-5xl text-base text-ink">
        {because(body)} It was about{' '}
        <Link to="/recommendations/$id" params={{ id: recommendation.id }} className="why font-medium">
          {lower(actionWords(recommendation.action))} {recommendation.ticker} over{' '}
          {windowWords(recommendation.window).toLowerCase()}, a rise at {percent(recommendation.probability)}
        </Link>
        .
      </p>
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <div className="flex min-w-0 flex-col gap-4">
          <Panel
            title="Gates"
            note={`${passed} of ${body.checks.length} passed, policy ${body.policy_version}`}
            flush
          >
            <CheckList checks={body.checks} caption="Every gate of the decision" />
          </Panel>
          <EvidencePanels chain={chain} />
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          <SizingPanel decision={body} />
          <OrderLegs orders={chain.orders} />
          <TrendPanel trend={chain.trend} />
          <Suspense>
            <TimelinePanel chain={chain} />
          </Suspense>
        </div>
      </div>
    </>
  );
}
