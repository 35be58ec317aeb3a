import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { decisions } from '@/api/questions';
import { reasonWords } from '@/lexicon/checks';
import { Answered } from '@/widgets/answered';
import { Grid } from '@/widgets/grid';
import { More } from '@/widgets/more';
import { Newer } from '@/widgets/newer';
import { Panel } from '@/widgets/panel';
import { Pick } from '@/widgets/pick';
import { Empty } from '@/widgets/states';
import { TickerField } from '@/widgets/ticker-field';
import { VERDICTS } from '@/widgets/verdict';
import { DECISION_COLUMNS } from './-decision-columns';
import { Reasons } from './-reasons';
import { parseSearch, type TradingSearch } from './-search';

export default function DecisionsTab({ search }: { search: TradingSearch }) {
  const { verdict, reason, ticker } = search;
  const filter = {
    ...(verdict ? { verdict } : {}),
    ...(reason ? { reason } : {}),
    ...(ticker ? { ticker } : {}),
  };
  const query = useInfiniteQuery(decisions(filter));
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  const reasons = query.data?.pages[0]?.reasons ?? [];
  return (
    <>
      <Filters search={search} />
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_minmax(0,2fr)]">
        <Panel title="By the first gate that said no" note="of all decisions" flush>
          <Answered query={query} rows={6} label="Loading the reasons">
            {() => <Reasons reasons={reasons} chosen={reason} />}
          </Answered>
        </Panel>
        <Panel
          title="Decisions"
          note={reason ? reasonWords(reason) : 'newest first'}
          actions={<Newer topic="decisions" pages={query.data?.pages.length ?? 0} noun="decision" />}
          flush
        >
          <Answered query={query} rows={8} label="Loading decisions">
            {() =>
              rows.length === 0 ? (
                <Empty why="No decision is like that. One is made for every recommendation to buy or sell." />
              ) : (
                <Grid
                  caption="Decisions, newest first"
                  columns={DECISION_COLUMNS}
                  rows={rows}
                  rowKey={(row) => row.id}
                  foot={<More shown={rows.length} noun="decisions" query={query} />}
                />
              )
            }
          </Answered>
        </Panel>
      </div>
    </>
  );
}

function Filters({ search: { verdict, reason, ticker } }: { search: TradingSearch }) {
  const navigate = useNavigate({ from: '/trading/' });
  const set = (part: Record<string, unknown>) =>
    void navigate({ search: (kept) => parseSearch({ ...kept, ...part }), replace: true, resetScroll: false });
  return (
    <search
      aria-label="Decisions"
      className="-m-1 flex items-center gap-2 p-1 max-sm:overflow-x-auto sm:flex-wrap"
    >
      <TickerField value={ticker} pick={(value) => set({ ticker: value })} />
      <Pick
        label="Verdict"
        value={verdict}
        choices={VERDICTS}
        pick={(value) => set({ verdict: value, reason: undefined })}
      />
      {(reason || verdict || ticker) && (
        <Link to="/trading" search={{ tab: 'decisions' }} resetScroll={false} className="why px-1">
          Clear
        </Link>
      )}
    </search>
  );
}
