import type { EvidenceItem } from '@/api/schema';
import { fixed, percent, signed } from '@/format/number';

/** What the signal's weight is made of, and who read it out of the text. */
export function SignalTerms({ item: { signal, reader } }: { item: EvidenceItem }) {
  const terms: readonly (readonly [name: string, value: string])[] = [
    ['Direction', signed(signal.direction)],
    ['Strength', fixed(signal.strength)],
    ['Confidence', percent(signal.confidence, 0)],
    ['Credibility', fixed(signal.credibility)],
    ['Novelty', percent(signal.novelty, 0)],
    ['Quality', percent(signal.quality, 0)],
    ['Relevance', percent(signal.relevance, 0)],
    ['Half-life', signal.half_life],
  ];
  return (
    <div className="flex flex-col gap-1.5">
      <dl className="grid grid-cols-4 gap-x-3 gap-y-1.5 sm:grid-cols-8">
        {terms.map(([name, value]) => (
          <div key={name} className="min-w-0">
            <dt className="truncate text-faint text-xs">{name}</dt>
            <dd className="num text-ink">{value}</dd>
          </div>
        ))}
      </dl>
      {reader && (
        <p className="text-muted text-xs">
          Read by <span className="font-mono">{reader.extractor_version}</span>
          {reader.model !== null && <>, {reader.model}</>}
          {reader.prompt_version !== null && <>, prompt {reader.prompt_version}</>}
          {reader.degraded && <strong className="text-warn">, degraded</strong>}
        </p>
      )}
    </div>
  );
}
