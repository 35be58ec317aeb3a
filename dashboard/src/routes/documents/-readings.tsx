import type { IntelligenceRow } from '@/api/schema';
import { percent } from '@/format/number';
import { eventWords, plain } from '@/lexicon/words';
import { Score } from '@/widgets/amount';
import { Panel } from '@/widgets/panel';
import { Tag } from '@/widgets/tag';

/** What was read out of the document, by which version of what. */
export function Readings({ readings }: { readings: readonly IntelligenceRow[] }) {
  return (
    <Panel title="What was read" note={readings.length === 0 ? 'nothing' : undefined} flush>
      {readings.length === 0 && (
        <p className="px-4 py-3 text-muted">No extractor has read this document, or none had to.</p>
      )}
      {readings.map((reading) => (
        <article key={reading.id} className="flex flex-col gap-3 border-line border-b p-4 last:border-b-0">
          <p className="max-w-prose text-base text-ink">{reading.summary}</p>
          <p className="text-muted text-xs">
            {plain(reading.kind)}, by <span className="font-mono">{reading.extractor_version}</span>
            {reading.model !== null && <>, {reading.model}</>}; {percent(reading.verified_ratio, 0)} of its
            quotes stand in the text
            {reading.degraded && <strong className="text-warn">; degraded</strong>}
          </p>
          <ul className="flex flex-col gap-3">
            {reading.impacts.map((impact) => (
              <li key={impact.ticker} className="flex flex-col gap-1.5">
                <p className="flex flex-wrap items-center gap-2">
                  <strong className="font-semibold text-ink">{impact.ticker}</strong>
                  <Score value={impact.direction} />
                  {impact.event_types.map((event) => (
                    <Tag key={event}>{eventWords(event)}</Tag>
                  ))}
                  <span className="text-muted text-xs">
                    confidence {percent(impact.confidence, 0)}, novelty {percent(impact.novelty, 0)}
                  </span>
                </p>
                {impact.evidence.map((quote) => (
                  <blockquote
                    key={`${quote.start}-${quote.end}`}
                    className="max-w-prose border-line-strong border-l-2 pl-3 text-muted"
                  >
                    <mark className="rounded-sm box-decoration-clone px-0.5">{quote.quote}</mark>
                  </blockquote>
                ))}
              </li>
            ))}
          </ul>
        </article>
      ))}
    </Panel>
  );
}
