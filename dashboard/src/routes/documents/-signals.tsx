import { Link } from '@tanstack/react-router';
import type { SignalRow } from '@/api/schema';
import { count, fixed, percent } from '@/format/number';
import { eventWords, plain } from '@/lexicon/words';
import { Score } from '@/widgets/amount';
import type { Columns } from '@/widgets/columns';
import { Grid } from '@/widgets/grid';
import { Panel } from '@/widgets/panel';

const COLUMNS: Columns<SignalRow> = [
  {
    id: 'ticker',
    by: (signal) => signal.ticker,
    header: 'Company',
    cell: (signal) => (
      <Link
        data-row
        to="/recommendations"
        search={{ ticker: signal.ticker }}
        className="row-link font-semibold text-ink"
      >
        {signal.ticker}
      </Link>
    ),
  },
  {
    id: 'layer',
    by: (signal) => signal.layer,
    header: 'Layer',
    cell: (row) => plain(row.layer),
  },
  {
    id: 'event',
    by: (signal) => signal.event_type,
    header: 'Event',
    from: 'sm',
    cell: (row) => eventWords(row.event_type),
  },
  {
    id: 'direction',
    by: (signal) => signal.direction,
    header: 'Direction',
    numeric: true,
    cell: (row) => <Score value={row.direction} />,
  },
  {
    id: 'strength',
    by: (signal) => signal.strength,
    header: 'Strength',
    numeric: true,
    from: 'sm',
    cell: (row) => <span className="num">{fixed(row.strength)}</span>,
  },
  {
    id: 'confidence',
    by: (signal) => signal.confidence,
    header: 'Confidence',
    numeric: true,
    from: 'md',
    cell: (row) => <span className="num">{percent(row.confidence, 0)}</span>,
  },
];

/** What the document says about whom, in the one form that every layer speaks. */
export function Signals({ signals }: { signals: SignalRow[] }) {
  return (
    <Panel title="Signals" note={signals.length === 0 ? 'none' : `${count(signals.length)} came of it`} flush>
      {signals.length === 0 ? (
        <p className="px-4 py-3 text-muted">Nothing in it moved the belief about any company.</p>
      ) : (
        <Grid
          caption="Signals from this document"
          columns={COLUMNS}
          rows={signals}
          rowKey={(signal) => signal.id}
          whole
        />
      )}
    </Panel>
  );
}
