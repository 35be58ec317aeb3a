import { useQuery } from '@tanstack/react-query';
import { createFileRoute, Link } from '@tanstack/react-router';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { lazy, Suspense } from 'react';
import { recommendation } from '@/api/questions';
import type { RecommendationDetail } from '@/api/schema';
import { actionWords, windowWords } from '@/lexicon/words';
import { Advice } from '@/widgets/advice';
import { EvidencePanels } from '@/widgets/evidence/panels';
import { Page } from '@/widgets/page';
import { TrendPanel } from '@/widgets/trend-panel';
import { Whole } from '@/widgets/whole';
import { DecisionPanels } from './-decision-panels';
import { Headline, Lead } from './-headline';
import { Held } from './-held';
import { Thesis } from './-thesis';

const TimelinePanel = lazy(() => import('@/widgets/chain-timeline'));

export const Route = createFileRoute('/recommendations/$id')({
  loader: ({ context, params }) => void context.cache.prefetchQuery(recommendation(params.id)),
  component: RecommendationPage,
});

function RecommendationPage() {
  const { id } = Route.useParams();
  const query = useQuery(recommendation(id));
  const body = query.data?.chain.recommendation;
  const title = body ? `${body.ticker} over ${windowWords(body.window).toLowerCase()}` : 'Recommendation';
  return (
    <Page
      title={title}
      tab={body ? `${actionWords(body.action)} ${title}` : title}
      {...(body ? { mark: <Advice action={body.action} large /> } : {})}
      {...(body ? { lead: <Lead body={body} /> } : {})}
      actions={query.data && <Neighbours detail={query.data} />}
    >
      <Whole query={query} title="Recommendation">
        {(detail) => <Detail detail={detail} />}
      </Whole>
    </Page>
  );
}

function Detail({ detail: { chain } }: { detail: RecommendationDetail }) {
  return (
    <>
      <Headline chain={chain} />
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <div className="flex min-w-0 flex-col gap-4">
          <Thesis body={chain.recommendation} />
          <EvidencePanels chain={chain} />
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          <Held chain={chain} />
          <DecisionPanels chain={chain} />
          <TrendPanel trend={chain.trend} />
          <Suspense>
            <TimelinePanel chain={chain} />
          </Suspense>
        </div>
      </div>
    </>
  );
}

const STEP =
  'inline-flex h-8 items-center gap-1 rounded-lg border border-line-strong bg-surface px-2.5 font-medium text-ink hover:bg-hover';

function Neighbours({ detail: { previous_id, next_id } }: { detail: RecommendationDetail }) {
  return (
    <nav aria-label="Of the same company and window" className="flex gap-2">
      {previous_id !== null && (
        <Link to="/recommendations/$id" params={{ id: previous_id }} className={STEP}>
          <ChevronLeft aria-hidden className="size-4" />
          Before
        </Link>
      )}
      {next_id !== null && (
        <Link to="/recommendations/$id" params={{ id: next_id }} className={STEP}>
          After
          <ChevronRight aria-hidden className="size-4" />
        </Link>
      )}
    </nav>
  );
}
