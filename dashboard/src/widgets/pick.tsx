import { ChevronDown } from 'lucide-react';
import { useId } from 'react';

interface PickProps {
  label: string;
  value: string | undefined;
  choices: readonly (readonly [value: string, words: string])[];
  pick: (value: string | undefined) => void;
}

/** One filter: any, or one of its choices. */
export function Pick({ label, value, choices, pick }: PickProps) {
  const id = useId();
  const set = value !== undefined;
  return (
    <span
      className={`relative inline-flex h-8 items-center rounded-lg border text-sm ${set ? 'border-accent bg-accent-soft' : 'border-line-strong bg-surface hover:bg-hover'}`}
    >
      <label htmlFor={id} className="pl-2.5 text-muted">
        {label}
      </label>
      <select
        id={id}
        value={value ?? ''}
        onChange={(event) => pick(event.target.value === '' ? undefined : event.target.value)}
        className="h-full appearance-none rounded-lg bg-transparent pr-7 pl-1.5 font-medium text-ink [&>option]:bg-surface"
      >
        <option value="">Any</option>
        {choices.map(([choice, words]) => (
          <option key={choice} value={choice}>
            {words}
          </option>
        ))}
      </select>
      <ChevronDown aria-hidden className="pointer-events-none absolute right-2 size-3.5 text-faint" />
    </span>
  );
}
