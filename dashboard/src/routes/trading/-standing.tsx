import type { TradingStatus } from '@/api/schema';
import { sign, wholeDollars } from '@/format/decimal';
import { count, percent } from '@/format/number';
import { plain } from '@/lexicon/words';
import { Change, Profit } from '@/widgets/amount';
import { type Figure, Figures } from '@/widgets/figures';
import { Instant } from '@/widgets/instant';

const STATES: Record<string, { mark: string; look: string; says: string }> = {
  active: { mark: '●', look: 'text-gain', says: 'may trade' },
  reducing: { mark: '◐', look: 'text-warn', says: 'only what reduces' },
  halted: { mark: '■', look: 'text-loss', says: 'no order is sent' },
};

/** The day's gain as a share of where the day began; floats are good enough for a ratio. */
function dayShare({ day_profit: profit, day_start_equity: start }: TradingStatus): number | null {
  if (profit === null || start === null || sign(start) === 0) return null;
  return Number(profit) / Number(start);
}

export function Standing({ status }: { status: TradingStatus }) {
  const { mark, look, says } = STATES[status.state] ?? { mark: '○', look: 'text-muted', says: '' };
  const figures: Figure[] = [
    {
      label: 'Equity',
      value: status.equity === null ? '–' : wholeDollars(status.equity),
      note: (
        <>
          as of <Instant at={status.as_of} />
        </>
      ),
    },
    {
      label: 'Day',
      value: <Profit value={status.day_profit} />,
      note: <Change share={dayShare(status)} digits={2} />,
    },
    {
      label: 'Invested',
      value: status.gross_ratio === null ? '–' : percent(status.gross_ratio),
      note: status.cash === null ? undefined : `${wholeDollars(status.cash)} in cash`,
    },
    {
      label: 'Drawdown',
      value: status.drawdown === null ? '–' : percent(status.drawdown),
      note: status.high_water_mark === null ? undefined : `from ${wholeDollars(status.high_water_mark)}`,
    },
    {
      label: 'Acted on',
      value: count(status.acted),
      note: `${count(status.skipped)} skipped, ${count(status.fills)} fills`,
    },
    {
      label: 'Account',
      value: (
        <span className="inline-flex items-center gap-1.5">
          <span aria-hidden className={`text-xs ${look}`}>
            {mark}
          </span>
          {plain(status.state)}
        </span>
      ),
      note:
        status.reason ??
        `${says}, ${count(status.open_orders)} ${status.open_orders === 1 ? 'order' : 'orders'} open`,
    },
  ];
  return <Figures figures={figures} />;
}
