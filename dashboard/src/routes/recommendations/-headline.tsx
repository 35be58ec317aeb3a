import { Link } from '@tanstack/react-router';
import type { Chain, RecommendationBody } from '@/api/schema';
import { percent, signedPercent } from '@/format/number';
import { reasonWords } from '@/lexicon/checks';
import { lower, plain } from '@/lexicon/words';
import { Change, Dollars } from '@/widgets/amount';
import { Figures } from '@/widgets/figures';
import { Instant } from '@/widgets/instant';

/** What became of it, in one sentence. */
export function fate({ decision, orders }: Pick<Chain, 'decision' | 'orders'>): string {
  if (decision === null) return 'It was not put to the account.';
  if (decision.verdict !== 'act' && orders.length === 0)
    return `Not traded: ${lower(reasonWords(decision.primary_reason ?? 'no reason given'))}.`;
  const entry = orders.find((order) => order.parent_id === null);
  return entry
    ? `Traded: the order is ${lower(plain(entry.status))}.`
    : 'To be traded: no order was made yet.';
}

export function Lead({ body }: { body: RecommendationBody }) {
  return (
    <>
      {body.company}, {plain(body.mode).toLowerCase()} mode, <Instant at={body.generated_at} form="full" />
    </>
  );
}

export function Headline({ chain }: { chain: Chain }) {
  const { recommendation: body, decision } = chain;
  return (
    <>
      <p className="max-w-5xl text-base text-ink">
        The chance of a rise is {percent(body.probability)}, between {percent(body.probability_low)} and{' '}
        {percent(body.probability_high)}; {signedPercent(body.expected_return, 2)} is expected, before costs
        of {percent(body.cost, 2)}.{' '}
        {decision ? (
          <Link to="/trading/decisions/$id" params={{ id: decision.id }} className="why font-medium">
            {fate(chain)}
          </Link>
        ) : (
          fate(chain)
        )}
      </p>
      <Figures
        figures={[
          {
            label: 'Probability of a rise',
            value: percent(body.probability),
            note: `${percent(body.probability_low)} to ${percent(body.probability_high)}`,
          },
          {
            label: 'Expected return',
            value: <Change share={body.expected_return} digits={2} />,
            note: `costs ${percent(body.cost, 2)}`,
          },
          { label: 'Confidence', value: percent(body.confidence, 0), note: 'in the trend behind it' },
          { label: 'Contradiction', value: percent(body.contradiction, 0), note: 'of the weight is against' },
          { label: 'Price then', value: <Dollars value={body.price} />, note: 'of one share' },
          {
            label: 'Usual move',
            value: body.volatility === null ? '–' : percent(body.volatility),
            note: 'over the same time',
          },
        ]}
      />
    </>
  );
}
