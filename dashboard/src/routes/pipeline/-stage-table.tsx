import { Link } from '@tanstack/react-router';
import { Fragment } from 'react';
import type { QueueState, StageState } from '@/api/schema';
import { secondsBetween } from '@/format/instant';
import { count, fixed } from '@/format/number';
import { stageWords } from '@/lexicon/words';
import { Instant, Span } from '@/widgets/instant';
import { polls } from './-queue-load';

const HEAD = 'h-9 whitespace-nowrap px-2 text-right font-medium';

/** The same in figures, one line a queue. */
export function StageTable({ stages, now }: { stages: readonly StageState[]; now: string }) {
  return (
    <div className="overflow-x-auto">
      <table className="w-full border-collapse">
        <caption className="sr-only">Queues of every stage</caption>
        <thead>
          <tr className="border-line border-b text-muted text-xs">
            <th scope="col" className="h-9 px-2 pl-4 text-left font-medium">
              Stage
            </th>
            <th scope="col" className="hidden h-9 px-2 text-left font-medium md:table-cell">
              Queue
            </th>
            <th scope="col" className={HEAD}>
              Queued
            </th>
            <th scope="col" className={HEAD}>
              In flight
            </th>
            <th scope="col" className={`${HEAD} hidden sm:table-cell`}>
              Delayed
            </th>
            <th scope="col" className={`${HEAD} hidden sm:table-cell`}>
              Oldest
            </th>
            <th scope="col" className={`${HEAD} hidden lg:table-cell`}>
              A minute
            </th>
            <th scope="col" className={HEAD}>
              Done
            </th>
            <th scope="col" className={`${HEAD} pr-4`}>
              Dead
            </th>
          </tr>
        </thead>
        <tbody>
          {stages.map((stage) => (
            <Fragment key={stage.stage}>
              {polls(stage) ? (
                <ClockRow stage={stage} now={now} />
              ) : (
                stage.queues.map((queue) => <QueueRow key={queue.queue} stage={stage.stage} queue={queue} />)
              )}
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const CELL = 'num px-2 py-1.5 text-right';

function QueueRow({ stage, queue }: { stage: string; queue: QueueState }) {
  return (
    <tr className="border-line border-b last:border-b-0">
      <td className="px-2 py-1.5 pl-4 text-ink">
        {stageWords(stage)}
        <span className="block text-faint text-xs md:hidden">{stageWords(queue.queue)}</span>
      </td>
      <td className="hidden px-2 py-1.5 font-mono text-muted text-xs md:table-cell">{queue.queue}</td>
      <td className={`${CELL} font-medium`}>{count(queue.waiting)}</td>
      <td className={CELL}>{count(queue.in_flight)}</td>
      <td className={`${CELL} hidden sm:table-cell`}>{count(queue.delayed)}</td>
      <td className={`${CELL} hidden sm:table-cell`}>
        <Span seconds={queue.oldest_age_seconds} />
      </td>
      <td className={`${CELL} hidden lg:table-cell`}>{fixed(queue.done_last_5m / 5, 0)}</td>
      <td className={CELL}>{count(queue.done_total)}</td>
      <td className={`${CELL} pr-4`}>
        {queue.dead === 0 ? (
          <span className="text-faint">0</span>
        ) : (
          <Link
            to="/pipeline"
            search={{ queue: queue.queue }}
            hash="dead-letters"
            className="why font-semibold"
          >
            {count(queue.dead)}
          </Link>
        )}
      </td>
    </tr>
  );
}

function ClockRow({ stage, now }: { stage: StageState; now: string }) {
  const at = stage.last_polled_at;
  return (
    <tr className="border-line border-b last:border-b-0">
      <td className="px-2 py-1.5 pl-4 text-ink">{stageWords(stage.stage)}</td>
      <td colSpan={8} className="px-2 py-1.5 pr-4 text-muted text-xs">
        {at === null ? (
          'Works by the clock; has not been called yet'
        ) : (
          <>
            Works by the clock; last called <Instant at={at} />
            {secondsBetween(at, now) > 0 && (
              <>
                , <Span seconds={secondsBetween(at, now)} /> ago
              </>
            )}
          </>
        )}
      </td>
    </tr>
  );
}
