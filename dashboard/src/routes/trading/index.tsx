import { useQuery } from '@tanstack/react-query';
import { createFileRoute } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { equity, positions, tradingStatus } from '@/api/questions';
import { Answered } from '@/widgets/answered';
import { Page } from '@/widgets/page';
import { Loading } from '@/widgets/states';
import { Breakers } from './-breakers';
import { PositionsTab } from './-positions-tab';
import { parseSearch } from './-search';
import { Standing } from './-standing';
import { Tabs } from './-tabs';

const OrdersTab = lazy(() => import('./-orders-tab'));
const DecisionsTab = lazy(() => import('./-decisions-tab'));
const ControlsTab = lazy(() => import('./-controls-tab'));

export const Route = createFileRoute('/trading/')({
  validateSearch: parseSearch,
  loader: ({ context }) => {
    void context.cache.prefetchQuery(tradingStatus);
    void context.cache.prefetchQuery(positions);
    void context.cache.prefetchQuery(equity);
  },
  component: TradingPage,
});

function TradingPage() {
  const search = Route.useSearch();
  const status = useQuery(tradingStatus);
  const tab = search.tab ?? 'positions';
  return (
    <Page title="Trading" lead="What is held, what is pending, and what was decided against.">
      <Answered query={status} rows={2} label="Loading the account">
        {(data) => <Standing status={data} />}
      </Answered>
      <Tabs tab={tab} status={status.data} />
      {tab === 'positions' && <PositionsTab breakers={status.data?.breakers ?? []} />}
      <Suspense fallback={<Loading rows={8} label="Loading this part" />}>
        {tab === 'orders' && <OrdersTab search={search} />}
        {tab === 'decisions' && <DecisionsTab search={search} />}
        {tab === 'controls' && status.data && (
          <ControlsTab status={status.data} breakers={<Breakers breakers={status.data.breakers} />} />
        )}
      </Suspense>
    </Page>
  );
}
