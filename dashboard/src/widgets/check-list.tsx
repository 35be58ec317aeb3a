import { CircleSlash2, Minus, Check as Tick, X } from 'lucide-react';
import type { Check } from '@/api/schema';
import { checkAsks, checkValue, limitWords } from '@/lexicon/checks';
import { plain } from '@/lexicon/words';

const VERDICTS = {
  passed: { icon: Tick, words: 'Pass', look: 'text-gain' },
  failed: { icon: X, words: 'Fail', look: 'text-loss' },
  noted: { icon: CircleSlash2, words: 'Noted', look: 'text-warn' },
  skipped: { icon: Minus, words: 'Not asked', look: 'text-faint' },
} as const;

function verdict(check: Check): keyof typeof VERDICTS {
  if (check.code === 'NOT_ASKED_OF_EXITS') return 'skipped';
  if (check.passed) return 'passed';
  return check.hard ? 'failed' : 'noted';
}

/** Every check of every gate, in the order in which they were asked. */
export function CheckList({ checks, caption }: { checks: readonly Check[]; caption: string }) {
  const stopped = checks.find((check) => check.hard && !check.passed);
  return (
    <table className="w-full border-collapse">
      <caption className="sr-only">{caption}</caption>
      <thead>
        <tr className="border-line border-b text-left text-muted text-xs">
          <th scope="col" className="h-9 w-20 pr-1 pl-4 font-medium">
            Verdict
          </th>
          <th scope="col" className="px-2 font-medium">
            Gate
          </th>
          <th scope="col" className="py-2 pr-4 pl-2 text-right font-medium">
            Observed <span className="font-normal text-faint">and limit</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {checks.map((check) => (
          <CheckRow key={`${check.gate}/${check.code}`} check={check} first={check === stopped} />
        ))}
      </tbody>
    </table>
  );
}

function CheckRow({ check, first }: { check: Check; first: boolean }) {
  const { icon: Icon, words, look } = VERDICTS[verdict(check)];
  const asks = checkAsks(check.gate, check.code);
  const gate = plain(check.gate);
  return (
    <tr className={`border-line border-b align-top last:border-b-0 ${first ? 'bg-loss-soft' : ''}`}>
      <td className={`whitespace-nowrap py-1.5 pr-1 pl-4 font-medium text-xs ${look}`}>
        <Icon aria-hidden className="mr-1.5 inline size-3.5" strokeWidth={2.75} />
        {words}
      </td>
      <td className="px-2 py-1.5">
        <span className="text-ink">{asks}</span>
        {gate.toLowerCase() !== asks.toLowerCase() && (
          <span className="ml-1.5 text-faint text-xs max-sm:hidden">{gate}</span>
        )}
        {first && <span className="block font-medium text-loss text-xs">The first gate that said no</span>}
      </td>
      <td className="py-1.5 pr-4 pl-2 text-right">
        <Observed check={check} />
      </td>
    </tr>
  );
}

function Observed({ check }: { check: Check }) {
  const { code, observed, limit } = check;
  if (observed === null && limit === null) return <span className="text-faint">–</span>;
  const asked = limitWords(code, limit);
  const seen = checkValue(code, observed);
  return (
    <span className="tabular-nums">
      <span className={check.passed ? 'text-ink' : 'font-semibold text-ink'}>{seen}</span>
      {asked !== '' && asked !== `limit ${seen}` && (
        <span className={`text-muted text-xs max-sm:block ${asked.length < 24 ? 'whitespace-nowrap' : ''}`}>
          {' '}
          {asked}
        </span>
      )}
    </span>
  );
}
