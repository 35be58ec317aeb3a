import { useInfiniteQuery } from '@tanstack/react-query';
import { createFileRoute, Link, useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { documents } from '@/api/questions';
import { statusWords } from '@/lexicon/statuses';
import { plain } from '@/lexicon/words';
import { Answered } from '@/widgets/answered';
import { Grid } from '@/widgets/grid';
import { More } from '@/widgets/more';
import { Page } from '@/widgets/page';
import { Panel } from '@/widgets/panel';
import { Pick } from '@/widgets/pick';
import { Empty } from '@/widgets/states';
import { TickerField } from '@/widgets/ticker-field';
import { DOCUMENT_COLUMNS } from './-columns';
import { parseFilter, STATUSES, TYPES } from './-filter';

export const Route = createFileRoute('/documents/')({
  validateSearch: parseFilter,
  loaderDeps: ({ search }) => search,
  loader: ({ context, deps }) => void context.cache.prefetchInfiniteQuery(documents(deps)),
  component: DocumentsPage,
});

function DocumentsPage() {
  const filter = Route.useSearch();
  const navigate = useNavigate({ from: '/documents/' });
  const query = useInfiniteQuery(documents(filter));
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  const set = (part: Record<string, unknown>) =>
    void navigate({ search: (kept) => parseFilter({ ...kept, ...part }), replace: true });
  const pipeline = (
    <Link to="/pipeline" className="why">
      See the sources
    </Link>
  );
  return (
    <Page title="Documents" lead="Everything that was read, and what became of it.">
      <search
        aria-label="Documents"
        className="-m-1 flex items-center gap-2 p-1 max-sm:overflow-x-auto sm:flex-wrap"
      >
        <TickerField value={filter.ticker ?? undefined} pick={(ticker) => set({ ticker })} />
        <Pick
          label="State"
          value={filter.status ?? undefined}
          choices={STATUSES.map((status) => [status, statusWords(status)])}
          pick={(status) => set({ status })}
        />
        <Pick
          label="Type"
          value={filter.type ?? undefined}
          choices={TYPES.map((type) => [type, plain(type)])}
          pick={(type) => set({ type })}
        />
      </search>
      <Panel title="Newest first" flush>
        <Answered query={query} rows={10} label="Loading documents">
          {() =>
            rows.length === 0 ? (
              <Empty why="No document is like that." action={pipeline} />
            ) : (
              <Grid
                caption="Documents, newest first"
                columns={DOCUMENT_COLUMNS}
                rows={rows}
                rowKey={(row) => row.id}
                foot={<More shown={rows.length} noun="documents" query={query} />}
              />
            )
          }
        </Answered>
      </Panel>
    </Page>
  );
}
