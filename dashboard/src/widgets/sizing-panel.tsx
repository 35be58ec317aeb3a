import type { DecisionBody } from '@/api/schema';
import { quantity } from '@/format/decimal';
import { percent } from '@/format/number';
import { reasonWords } from '@/lexicon/checks';
import { sizingSteps } from '@/lexicon/sizing';
import { FigureList } from './figures';
import { Panel } from './panel';

/** From the probability to a number of shares, and each limit that made it smaller. */
export function SizingPanel({
  decision,
}: {
  decision: Pick<DecisionBody, 'sizing' | 'clamps' | 'quantity'>;
}) {
  const steps = sizingSteps(decision.sizing);
  const note = `${quantity(decision.quantity)} shares`;
  return (
    <Panel title="Sizing" note={note}>
      {steps.length === 0 ? (
        <p className="text-muted">No size was worked out.</p>
      ) : (
        <FigureList figures={steps.map(({ words, says, value }) => ({ label: words, note: says, value }))} />
      )}
      {decision.clamps.length > 0 && (
        <ul className="mt-3 flex flex-col gap-1.5 border-line border-t pt-3">
          {decision.clamps.map(({ code, before, after }) => (
            <li key={code} className="flex items-baseline gap-3 text-muted">
              <span>Made smaller by: {reasonWords(code).toLowerCase()}</span>
              <span className="num ml-auto text-ink">
                {percent(before, 2)} → {percent(after, 2)}
              </span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
