import { useQuery } from '@tanstack/react-query';
import { createFileRoute } from '@tanstack/react-router';
import { pipeline } from '@/api/questions';
import type { Pipeline } from '@/api/schema';
import { Answered } from '@/widgets/answered';
import { Page } from '@/widgets/page';
import { Panel } from '@/widgets/panel';
import { DeadLetters } from './-dead-letters';
import { DocumentStates } from './-document-states';
import { Sources } from './-sources';
import { StageGraph } from './-stage-graph';
import { StageTable } from './-stage-table';

export const Route = createFileRoute('/pipeline/')({
  validateSearch: (search): { queue?: string } =>
    typeof search.queue === 'string' ? { queue: search.queue } : {},
  loader: ({ context }) => void context.cache.prefetchQuery(pipeline),
  component: PipelinePage,
});

function PipelinePage() {
  const query = useQuery(pipeline);
  return (
    <Page title="Pipeline" lead="Whether data flows, and where it waits.">
      <Panel title="Stages" note="in the order in which work goes through them" flush>
        <Answered query={query} rows={6} label="Loading the pipeline">
          {({ stages, now }) => (
            <>
              <StageGraph stages={stages} />
              <StageTable stages={stages} now={now} />
            </>
          )}
        </Answered>
      </Panel>
      {query.data && <Rest data={query.data} />}
    </Page>
  );
}

function Rest({ data }: { data: Pipeline }) {
  const { queue } = Route.useSearch();
  const navigate = Route.useNavigate();
  const queues = data.stages.flatMap((stage) => stage.queues);
  return (
    <>
      <DeadLetters
        queues={queues}
        chosen={queue}
        choose={(next) =>
          void navigate({ search: next ? { queue: next } : {}, replace: true, resetScroll: false })
        }
      />
      <div className="grid gap-4 xl:grid-cols-[minmax(0,2fr)_minmax(0,3fr)]">
        <DocumentStates counts={data.documents} />
        <Sources sources={data.sources} replay={data.replay !== null} />
      </div>
    </>
  );
}
