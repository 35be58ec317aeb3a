import { useId } from 'react';
import { SHORTEST } from './-commands';

interface ReasonFieldProps {
  value: string;
  set: (value: string) => void;
}

/** Why: nothing is done without it. */
export function ReasonField({ value, set }: ReasonFieldProps) {
  const id = useId();
  return (
    <label htmlFor={id} className="flex flex-col gap-1">
      <span className="font-medium text-ink text-sm">Reason</span>
      <input
        id={id}
        value={value}
        minLength={SHORTEST}
        maxLength={500}
        autoComplete="off"
        onChange={(event) => set(event.target.value)}
        className="h-8 w-full max-w-xl rounded-lg border border-line-strong bg-surface px-3 text-ink"
      />
      <span className="text-muted text-xs">It is kept in the audit, with who and when.</span>
    </label>
  );
}
