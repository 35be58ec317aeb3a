import { CircleCheck, CirclePause, Clock4, Disc3, TriangleAlert } from 'lucide-react';
import type { SourceState } from '@/api/schema';
import { span } from '@/format/instant';
import { count } from '@/format/number';
import type { Columns } from '@/widgets/columns';
import { Grid } from '@/widgets/grid';
import { Instant } from '@/widgets/instant';
import { Panel } from '@/widgets/panel';
import { Empty } from '@/widgets/states';
import { Tag } from '@/widgets/tag';

const columns = (replay: boolean): Columns<SourceState> => [
  {
    id: 'name',
    by: (source) => source.name,
    header: 'Source',
    cell: (source) => (
      <>
        <span className="font-medium text-ink">{source.name}</span>
        <span className="block text-faint text-xs">
          {source.adapter}, every {span(source.cadence_seconds)}
        </span>
      </>
    ),
  },
  {
    id: 'fresh',
    by: (source) => source.age_seconds,
    header: 'Freshness',
    cell: (source) => <Freshness source={source} replay={replay} />,
  },
  {
    id: 'success',
    by: (source) => source.last_success_at,
    header: 'Last success',
    from: 'lg',
    cell: (row) => <Instant at={row.last_success_at} />,
  },
  {
    id: 'next',
    by: (source) => source.next_run_at,
    header: 'Next run',
    from: '2xl',
    cell: (row) => <Instant at={row.next_run_at} />,
  },
  {
    id: 'stored',
    by: (source) => source.stored,
    header: 'Stored, last day',
    numeric: true,
    cell: (source) => (
      <>
        <span className="num text-ink">{count(source.stored)}</span>
        <span className="num block text-faint text-xs">{count(source.duplicates)} dup.</span>
      </>
    ),
  },
  {
    id: 'runs',
    by: (source) => source.runs,
    header: 'Runs, last day',
    numeric: true,
    from: 'sm',
    cell: (source) => (
      <>
        <span className="num text-ink">{count(source.runs)}</span>
        <span className="num block text-faint text-xs">{count(source.failures)} failed in a row</span>
      </>
    ),
  },
];

/** Every source against the freshness that it promises; a tape promises none. */
export function Sources({ sources, replay }: { sources: SourceState[]; replay: boolean }) {
  const late = sources.filter((source) => source.late).length;
  const note = replay
    ? 'fed by the tape'
    : `${late === 0 ? 'none' : count(late)} late of ${count(sources.length)}`;
  return (
    <Panel title="Sources" note={note} flush>
      {sources.length === 0 ? (
        <Empty why="No source is set up yet; the scheduler enters them when it starts." />
      ) : (
        <Grid
          caption="Sources and their freshness"
          columns={columns(replay)}
          rows={sources}
          rowKey={(source) => source.name}
          whole
        />
      )}
    </Panel>
  );
}

function standing({ paused, late, age_seconds: age }: SourceState, replay: boolean) {
  if (paused) return ['quiet', CirclePause, 'Paused'] as const;
  if (late) return ['warn', TriangleAlert, 'Late'] as const;
  if (age === null) return ['quiet', Clock4, 'Not run yet'] as const;
  return replay ? (['accent', Disc3, 'Tape'] as const) : (['gain', CircleCheck, 'Fresh'] as const);
}

function Freshness({ source, replay }: { source: SourceState; replay: boolean }) {
  const { age_seconds: age, freshness_slo_seconds: promised, last_error: error } = source;
  const [tone, icon, words] = standing(source, replay);
  return (
    <>
      <Tag tone={tone} icon={icon}>
        {words}
      </Tag>
      <span className="num mt-0.5 block text-muted text-xs">
        {age !== null && <>{span(age)} old</>}
        {age !== null && !replay && ', '}
        {!replay && <>{span(promised)} promised</>}
      </span>
      {error !== null && <span className="block break-words text-loss text-xs">{error}</span>}
    </>
  );
}
