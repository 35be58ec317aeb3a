import { Check, Copy } from 'lucide-react';
import { useState } from 'react';

interface HashProps {
  value: string;
  /** What the value is, for the button that copies it. */
  label: string;
  shown?: number;
}

/** The beginning of an identifier, and a button that copies all of it. */
export function Hash({ value, label, shown = 12 }: HashProps) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(value);
    setCopied(true);
    window.setTimeout(() => setCopied(false), 1500);
  };
  const Icon = copied ? Check : Copy;
  return (
    <span className="inline-flex items-center gap-1 font-mono text-muted text-xs">
      <span title={value}>{value.slice(0, shown)}…</span>
      <button
        type="button"
        onClick={copy}
        aria-label={copied ? `${label} copied` : `Copy ${label}`}
        className="relative z-10 grid size-6 place-items-center rounded-md text-faint hover:bg-hover hover:text-ink"
      >
        <Icon aria-hidden className="size-3" />
      </button>
    </span>
  );
}
