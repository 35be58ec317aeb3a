import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { equity } from '@/api/questions';
import type { EquityPoint, EquitySeries } from '@/api/schema';
import { dollars, wholeDollars } from '@/format/decimal';
import { day } from '@/format/instant';
import { percent } from '@/format/number';
import { Change } from '@/widgets/amount';
import { Answered } from '@/widgets/answered';
import { Panel } from '@/widgets/panel';
import { Empty, Loading } from '@/widgets/states';

const EquityChart = lazy(() => import('@/widgets/equity-chart'));

/** The last point of each day in New York, oldest first. */
export function dailyLast(points: readonly EquityPoint[]): EquityPoint[] {
  return [...new Map(points.map((point) => [day(point.as_of), point])).values()];
}

export function EquityPanel() {
  const query = useQuery(equity);
  return (
    <Panel title="Equity" note={query.data && <Since series={query.data} />} flush>
      <Answered query={query} rows={8} label="Loading equity">
        {({ points, starting_cash }) =>
          points.length === 0 ? (
            <Empty why="The account was not valued yet: that happens first at the next session's open." />
          ) : (
            <>
              <div className="px-2 pt-2">
                <Suspense fallback={<Loading rows={8} label="Loading the chart" />}>
                  <EquityChart points={points} start={Number(starting_cash)} />
                </Suspense>
              </div>
              <Twin points={dailyLast(points)} />
            </>
          )
        }
      </Answered>
    </Panel>
  );
}

function Since({ series: { points, starting_cash } }: { series: EquitySeries }) {
  const last = points.at(-1);
  if (!last) return null;
  return (
    <>
      <Change share={Number(last.equity) / Number(starting_cash) - 1} digits={2} /> on{' '}
      {wholeDollars(starting_cash)}
    </>
  );
}

function Twin({ points }: { points: readonly EquityPoint[] }) {
  return (
    <details className="border-line border-t">
      <summary className="px-4 py-2 text-muted hover:bg-hover">
        The same as a table, the last value of each day
      </summary>
      <div className="max-h-72 overflow-y-auto">
        <table className="w-full border-collapse">
          <caption className="sr-only">Equity at the end of each day</caption>
          <thead className="sticky top-0 bg-surface">
            <tr className="text-right text-muted text-xs">
              <th scope="col" className="h-8 px-4 text-left font-medium">
                Day
              </th>
              <th scope="col" className="px-4 font-medium">
                Equity
              </th>
              <th scope="col" className="px-4 font-medium max-sm:hidden">
                Cash
              </th>
              <th scope="col" className="px-4 font-medium max-sm:hidden">
                Invested
              </th>
              <th scope="col" className="px-4 font-medium">
                Drawdown
              </th>
            </tr>
          </thead>
          <tbody>
            {[...points].reverse().map((point) => (
              <tr key={point.as_of} className="num border-line border-t text-right">
                <th scope="row" className="px-4 py-1 text-left font-normal">
                  {day(point.as_of)}
                </th>
                <td className="px-4">{dollars(point.equity)}</td>
                <td className="px-4 max-sm:hidden">{dollars(point.cash)}</td>
                <td className="px-4 max-sm:hidden">{dollars(point.gross)}</td>
                <td className="px-4">{percent(point.drawdown)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
