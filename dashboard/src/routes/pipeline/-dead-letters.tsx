import { useQuery } from '@tanstack/react-query';
import { deadLetters } from '@/api/questions';
import type { DeadLetterItem, QueueState } from '@/api/schema';
import { count } from '@/format/number';
import { plain, stageWords } from '@/lexicon/words';
import { Answered } from '@/widgets/answered';
import { Instant } from '@/widgets/instant';
import { Panel } from '@/widgets/panel';
import { Empty } from '@/widgets/states';
import { Tag } from '@/widgets/tag';

interface DeadLettersProps {
  queues: readonly QueueState[];
  chosen: string | undefined;
  choose: (queue: string | undefined) => void;
}

/** Jobs that failed for good: how many of which queue, why, and with which bytes. */
export function DeadLetters({ queues, chosen, choose }: DeadLettersProps) {
  const dead = queues.filter((queue) => queue.dead > 0);
  const total = dead.reduce((sum, queue) => sum + queue.dead, 0);
  const shown = queues.find(({ queue }) => queue === chosen)?.queue ?? dead[0]?.queue;
  return (
    <div id="dead-letters" className="scroll-mt-16">
      <Panel title="Dead letters" note={total === 0 ? 'none' : `${count(total)} in all`} flush>
        {dead.length > 0 && (
          <div className="flex flex-wrap gap-2 border-line border-b px-4 py-2">
            {dead.map(({ queue, dead: many }) => (
              <button
                key={queue}
                type="button"
                aria-pressed={queue === shown}
                onClick={() => choose(queue)}
                className="inline-flex h-7 items-center gap-2 rounded-lg border border-line-strong px-2.5 text-ink hover:bg-hover aria-pressed:border-accent aria-pressed:bg-accent-soft"
              >
                {stageWords(queue)} <span className="num font-semibold">{count(many)}</span>
              </button>
            ))}
          </div>
        )}
        {shown === undefined || total === 0 ? (
          <p className="px-4 py-3 text-muted">
            Every job was done or is still being tried. Nothing was given up.
          </p>
        ) : (
          <Letters key={shown} queue={shown} dead={dead.find(({ queue }) => queue === shown)?.dead ?? 0} />
        )}
      </Panel>
    </div>
  );
}

function Letters({ queue, dead }: { queue: string; dead: number }) {
  const query = useQuery(deadLetters(queue, dead));
  return (
    <Answered query={query} rows={3} label="Loading dead letters">
      {(letters) =>
        letters.length === 0 ? (
          <Empty why={`No job of ${stageWords(queue).toLowerCase()} is dead.`} />
        ) : (
          <ul className="flex flex-col">
            {letters.map((letter) => (
              <Letter key={letter.place} letter={letter} />
            ))}
          </ul>
        )
      }
    </Answered>
  );
}

function Letter({ letter }: { letter: DeadLetterItem }) {
  return (
    <li className="border-line border-b last:border-b-0">
      <details className="group">
        <summary data-row className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2 hover:bg-hover">
          <span aria-hidden className="text-faint group-open:rotate-90 motion-safe:transition-transform">
            ›
          </span>
          <Tag tone="loss">{plain(letter.reason)}</Tag>
          <span className="min-w-0 flex-1 truncate text-ink">{letter.error}</span>
          <span className="text-muted text-xs">
            <Instant at={letter.at} />
          </span>
        </summary>
        <div className="flex flex-col gap-2 px-4 pb-3 pl-9">
          <p className="break-words text-muted">{letter.error}</p>
          <pre className="overflow-x-auto whitespace-pre-wrap break-all rounded-lg bg-sunken p-3 font-mono text-ink text-xs">
            {letter.payload}
          </pre>
          <p className="text-faint text-xs">
            Put it back with <code className="font-mono">stonks dlq retry --queue {letter.queue}</code>
          </p>
        </div>
      </details>
    </li>
  );
}
