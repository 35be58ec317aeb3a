import type { RecommendationBody } from '@/api/schema';
import { Panel } from '@/widgets/panel';

/** The case in sentences: by rule, and where a model rewrote it, that beside it. */
export function Thesis({ body }: { body: RecommendationBody }) {
  return (
    <Panel title="Thesis" note="put together by rule from the facts below">
      <p className="max-w-prose text-base text-ink">{body.thesis_template}</p>
      {body.thesis_llm !== null && (
        <div className="mt-3 border-line border-t pt-3">
          <h3 className="mb-1 font-medium text-muted text-xs">Rewritten by the model</h3>
          <p className="max-w-prose text-base text-ink">{body.thesis_llm}</p>
        </div>
      )}
    </Panel>
  );
}
