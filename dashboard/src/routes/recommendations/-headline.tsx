import { Link } from '@tanstack/react-router';
import type { Chain } from '@/api/schema';
import { percent, signedPercent } from '@/format/number';
import { reasonWords } from '@/lexicon/checks';
import { lower, plain, windowWords } from '@/lexicon/words';
import { Advice } from '@/widgets/advice';
import { Change, Dollars } from '@/widgets/amount';
import { Figures } from '@/widgets/figures';
import { Instant } from '@/widgets/instant';
import { Panel } from '@/widgets/panel';
import { Tag } from '@/widgets/tag';

/** What became of it, in one sentence. */
export function fate({ decision, orders }: Pick<Chain, 'decision' | 'orders'>): string {
  if (decision === null) return 'It was not put to the account.';
  if (decision.verdict === 'skip')
    return `Not traded: ${lower(reasonWords(decision.primary_reason ?? 'no reason given'))}.`;
  const entry = orders.find((order) => order.id && order.parent_id === null);
  return entry
    ? `Traded: the order is ${lower(plain(entry.status))}.`
    : 'To be traded: no order was made yet.';
}

export function Headline({ chain }: { chain: Chain }) {
  const { recommendation: body, decision } = chain;
  return (
    <>
      <section
        aria-label="In short"
        className="flex flex-col gap-2 rounded-xl border border-line bg-surface p-4 shadow-panel"
      >
        <p className="flex flex-wrap items-center gap-2">
          <Advice action={body.action} large />
          <span className="font-semibold text-ink text-lg">{body.ticker}</span>
          <span className="text-base text-muted">over {windowWords(body.window).toLowerCase()}</span>
          <Tag tone={body.mode === 'live' ? 'loss' : 'quiet'}>{plain(body.mode)}</Tag>
          <span className="text-muted text-xs sm:ml-auto">
            <Instant at={body.generated_at} form="full" />
          </span>
        </p>
        <p className="max-w-4xl text-base text-ink">
          The chance of a rise is {percent(body.probability)}, somewhere between{' '}
          {percent(body.probability_low)} and {percent(body.probability_high)};{' '}
          {signedPercent(body.expected_return, 2)} is expected, before costs of {percent(body.cost, 2)}.{' '}
          {decision ? (
            <Link to="/trading/decisions/$id" params={{ id: decision.id }} className="why">
              {fate(chain)}
            </Link>
          ) : (
            fate(chain)
          )}
        </p>
      </section>
      <Figures
        figures={[
          {
            label: 'Probability of a rise',
            value: percent(body.probability),
            note: `${percent(body.probability_low, 0)} to ${percent(body.probability_high, 0)}`,
          },
          {
            label: 'Expected return',
            value: <Change share={body.expected_return} digits={2} />,
            note: `costs ${percent(body.cost, 2)}`,
          },
          { label: 'Confidence', value: percent(body.confidence, 0), note: 'in the trend behind it' },
          {
            label: 'Contradiction',
            value: percent(body.contradiction, 0),
            note: 'of the weight speaks against',
          },
          { label: 'Price then', value: <Dollars value={body.price} />, note: 'of one share' },
          {
            label: 'Volatility',
            value: body.volatility === null ? '–' : percent(body.volatility, 0),
            note: 'a year',
          },
        ]}
      />
      <Panel title="Thesis" note="put together from the facts below, by rule">
        <p className="max-w-prose text-base text-ink">{body.thesis_template}</p>
        {body.thesis_llm !== null && (
          <div className="mt-3 border-line border-t pt-3">
            <h3 className="mb-1 font-medium text-muted text-xs">Rewritten by the model</h3>
            <p className="max-w-prose text-base text-ink">{body.thesis_llm}</p>
          </div>
        )}
      </Panel>
    </>
  );
}
