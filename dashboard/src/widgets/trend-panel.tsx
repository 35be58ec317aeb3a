import type { TrendSummary } from '@/api/schema';
import { fixed, percent } from '@/format/number';
import { plain, windowWords } from '@/lexicon/words';
import { Score } from './amount';
import { FigureList } from './figures';
import { Instant } from './instant';
import { Panel } from './panel';

/** The trend behind the recommendation, in its own numbers. */
export function TrendPanel({ trend }: { trend: TrendSummary }) {
  const layers = Object.entries(trend.layer_scores).sort(([, a], [, b]) => Math.abs(b) - Math.abs(a));
  return (
    <Panel title="Trend" note={`${windowWords(trend.window)}, ${plain(trend.direction).toLowerCase()}`}>
      <FigureList
        figures={[
          {
            label: 'Score',
            note: 'weighted mean of the signals, −1 to 1',
            value: <Score value={trend.score} />,
          },
          ...layers.map(([layer, value]) => ({ label: `of it ${layer}`, value: <Score value={value} /> })),
          { label: 'Confidence', value: percent(trend.confidence, 0) },
          { label: 'Probability that the sign is right', value: percent(trend.p_sign, 0) },
          {
            label: 'Contradiction',
            note: 'share of the weight against',
            value: percent(trend.contradiction, 0),
          },
          { label: 'Effective signals', note: 'after copies are counted once', value: fixed(trend.n_eff, 1) },
          { label: 'Largest source', note: 'share of the weight', value: percent(trend.source_share, 0) },
          { label: 'Momentum', value: <Score value={trend.momentum} /> },
          { label: 'Acceleration', value: <Score value={trend.acceleration} /> },
          { label: 'Newest signal', value: <Instant at={trend.newest_known_at} /> },
        ]}
      />
    </Panel>
  );
}
