import { useInfiniteQuery } from '@tanstack/react-query';
import { createFileRoute, Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { recommendations } from '@/api/questions';
import { Answered } from '@/widgets/answered';
import { Grid } from '@/widgets/grid';
import { More } from '@/widgets/more';
import { Newer } from '@/widgets/newer';
import { Page } from '@/widgets/page';
import { Panel } from '@/widgets/panel';
import { Empty } from '@/widgets/states';
import { COLUMNS } from './-columns';
import { parseFilter } from './-filter';
import { Filters } from './-filters';

export const Route = createFileRoute('/recommendations/')({
  validateSearch: parseFilter,
  loaderDeps: ({ search }) => search,
  loader: ({ context, deps }) => void context.cache.prefetchInfiniteQuery(recommendations(deps)),
  component: RecommendationsPage,
});

function RecommendationsPage() {
  const filter = Route.useSearch();
  const query = useInfiniteQuery(recommendations(filter));
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  const filtered = Object.keys(filter).length > 0;
  return (
    <Page title="Recommendations" lead="What would be done now, how sure that is, and what became of it.">
      <Filters filter={filter} />
      <Panel
        title="Newest first"
        actions={
          <Newer topic="recommendations" pages={query.data?.pages.length ?? 0} noun="recommendation" />
        }
        flush
      >
        <Answered query={query} rows={10} label="Loading recommendations">
          {() =>
            rows.length === 0 ? (
              <Nothing filtered={filtered} />
            ) : (
              <Grid
                caption="Recommendations, newest first"
                columns={COLUMNS}
                rows={rows}
                rowKey={(row) => row.id}
                foot={<More shown={rows.length} noun="recommendations" query={query} />}
              />
            )
          }
        </Answered>
      </Panel>
    </Page>
  );
}

function Nothing({ filtered }: { filtered: boolean }) {
  if (filtered) {
    const clear = (
      <Link to="/recommendations" search={{}} className="why">
        Clear the filters
      </Link>
    );
    return <Empty why="No recommendation is like that." action={clear} />;
  }
  const look = (
    <Link to="/pipeline" className="why">
      See how far the pipeline is
    </Link>
  );
  return (
    <Empty why="Nothing is recommended yet: a trend over 1 or 7 days has to form first." action={look} />
  );
}
