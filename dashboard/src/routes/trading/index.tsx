import { useQuery } from '@tanstack/react-query';
import { createFileRoute } from '@tanstack/react-router';
import { equity, positions, tradingStatus } from '@/api/questions';
import { Answered } from '@/widgets/answered';
import { Page } from '@/widgets/page';
import { DecisionsTab } from './-decisions-tab';
import { OrdersTab } from './-orders-tab';
import { PositionsTab } from './-positions-tab';
import { parseSearch } from './-search';
import { Standing } from './-standing';
import { Tabs } from './-tabs';

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
      {tab === 'orders' && <OrdersTab search={search} />}
      {tab === 'decisions' && <DecisionsTab search={search} />}
    </Page>
  );
}
