import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { orders } from '@/api/questions';
import { Answered } from '@/widgets/answered';
import { Grid } from '@/widgets/grid';
import { More } from '@/widgets/more';
import { Newer } from '@/widgets/newer';
import { Panel } from '@/widgets/panel';
import { Pick } from '@/widgets/pick';
import { Empty } from '@/widgets/states';
import { TickerField } from '@/widgets/ticker-field';
import { ORDER_COLUMNS } from './-order-columns';
import { OrderPanel } from './-order-panel';
import { parseSearch, type TradingSearch } from './-search';

export default function OrdersTab({ search }: { search: TradingSearch }) {
  const navigate = useNavigate({ from: '/trading/' });
  const filter = {
    ...(search.open ? { open: true } : {}),
    ...(search.ticker ? { ticker: search.ticker } : {}),
  };
  const query = useInfiniteQuery(orders(filter));
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  const set = (part: Record<string, unknown>) =>
    void navigate({ search: (kept) => parseSearch({ ...kept, ...part }), replace: true, resetScroll: false });
  return (
    <>
      <search
        aria-label="Orders"
        className="-m-1 flex items-center gap-2 p-1 max-sm:overflow-x-auto sm:flex-wrap"
      >
        <TickerField value={search.ticker} pick={(ticker) => set({ ticker })} />
        <Pick
          label="State"
          value={search.open ? 'open' : undefined}
          choices={[['open', 'Open']]}
          pick={(value) => set({ open: value === 'open' || undefined })}
        />
      </search>
      <div
        className={`grid items-start gap-4 ${search.order ? 'xl:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]' : ''}`}
      >
        {search.order && (
          <div className="min-w-0 xl:sticky xl:top-16 xl:order-last xl:max-h-[calc(100dvh-5rem)] xl:overflow-y-auto">
            <OrderPanel id={search.order} close={() => set({ order: undefined })} />
          </div>
        )}
        <Panel
          title="Newest first"
          actions={<Newer topic="orders" pages={query.data?.pages.length ?? 0} noun="order change" />}
          flush
        >
          <Answered query={query} rows={8} label="Loading orders">
            {() =>
              rows.length === 0 ? (
                <Empty why="No order is like that. An order is made when a decision passes every gate." />
              ) : (
                <Grid
                  caption="Orders, newest first"
                  columns={ORDER_COLUMNS}
                  rows={rows}
                  rowKey={(row) => row.id}
                  foot={<More shown={rows.length} noun="orders" query={query} />}
                />
              )
            }
          </Answered>
        </Panel>
      </div>
    </>
  );
}
