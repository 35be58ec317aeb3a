import type { ReactNode } from 'react';

export interface Figure {
  label: string;
  value: ReactNode;
  note?: ReactNode;
}

/** A few figures side by side, each under its name. */
export function Figures({ figures }: { figures: readonly Figure[] }) {
  return (
    <dl className="grid grid-cols-2 gap-px overflow-clip rounded-xl border border-line bg-line shadow-panel sm:grid-cols-3 xl:grid-cols-6">
      {figures.map(({ label, value, note }) => (
        <div key={label} className="flex flex-col bg-surface px-4 py-3">
          <dt className="text-muted text-xs">{label}</dt>
          <dd className="mt-0.5 font-semibold text-ink text-lg tabular-nums leading-6 tracking-tight">
            {value}
          </dd>
          {note !== undefined && <dd className="mt-0.5 text-muted text-xs">{note}</dd>}
        </div>
      ))}
    </dl>
  );
}

/** The same as a narrow list: name left, value right. */
export function FigureList({ figures }: { figures: readonly Figure[] }) {
  return (
    <dl className="flex flex-col">
      {figures.map(({ label, value, note }) => (
        <div key={label} className="flex items-baseline gap-3 border-line border-b py-1.5 last:border-b-0">
          <dt className="min-w-0 text-muted">
            {label}
            {note !== undefined && <span className="block text-faint text-xs">{note}</span>}
          </dt>
          <dd className="ml-auto text-right font-medium text-ink tabular-nums">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
