import { Search } from 'lucide-react';
import { useEffect, useState } from 'react';

interface TickerFieldProps {
  value: string | undefined;
  pick: (value: string | undefined) => void;
}

/** The filter by ticker; the key / leads here. */
export function TickerField({ value, pick }: TickerFieldProps) {
  const [typed, setTyped] = useState(value ?? '');
  useEffect(() => setTyped(value ?? ''), [value]);
  const commit = () => pick(typed.trim() === '' ? undefined : typed.trim().toUpperCase());
  return (
    <form
      className="relative inline-flex"
      onSubmit={(event) => {
        event.preventDefault();
        commit();
      }}
    >
      <Search aria-hidden className="pointer-events-none absolute top-2 left-2.5 size-4 text-faint" />
      <input
        data-search
        aria-label="Ticker"
        aria-keyshortcuts="/"
        placeholder="Ticker"
        value={typed}
        maxLength={12}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => setTyped(event.target.value)}
        onBlur={commit}
        className="h-8 w-28 rounded-lg border border-line-strong bg-surface pr-2 pl-8 font-medium uppercase placeholder:font-normal placeholder:text-faint placeholder:normal-case"
      />
    </form>
  );
}
