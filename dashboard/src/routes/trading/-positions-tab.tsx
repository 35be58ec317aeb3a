import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { positions } from '@/api/questions';
import type { BreakerRow } from '@/api/schema';
import { count } from '@/format/number';
import { Answered } from '@/widgets/answered';
import { Grid } from '@/widgets/grid';
import { Panel } from '@/widgets/panel';
import { Empty } from '@/widgets/states';
import { Breakers } from './-breakers';
import { EquityPanel } from './-equity-panel';
import { POSITION_COLUMNS } from './-position-columns';

export function PositionsTab({ breakers }: { breakers: readonly BreakerRow[] }) {
  const query = useQuery(positions);
  const decisions = (
    <Link to="/trading" search={{ tab: 'decisions' }} className="why">
      See what was decided, and why
    </Link>
  );
  return (
    <>
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,3fr)_minmax(0,1fr)]">
        <EquityPanel />
        <Breakers breakers={breakers} />
      </div>
      <Panel
        title="Positions"
        note={query.data && `${count(query.data.items.length)} open, the largest first`}
        flush
      >
        <Answered query={query} rows={6} label="Loading positions">
          {({ items }) =>
            items.length === 0 ? (
              <Empty
                why="Nothing is held: no decision to act was filled yet, or all was sold."
                action={decisions}
              />
            ) : (
              <Grid
                caption="Open positions"
                columns={POSITION_COLUMNS}
                rows={items}
                rowKey={(row) => row.ticker}
                whole
              />
            )
          }
        </Answered>
      </Panel>
    </>
  );
}
