import { Ban, CircleCheck } from 'lucide-react';
import { Tag } from './tag';

const WORDS: Record<string, string> = { act: 'Acted', skip: 'Skipped', needs_approval: 'Needs a yes' };

/** Every way a decision can end, with its words. */
export const VERDICTS = Object.entries(WORDS);

/** How a decision ended. */
export function Verdict({ verdict }: { verdict: string | null }) {
  return (
    <Tag tone={verdict === 'act' ? 'gain' : 'quiet'} icon={verdict === 'act' ? CircleCheck : Ban}>
      {WORDS[verdict ?? 'skip']}
    </Tag>
  );
}
