import { type ReactNode, useId } from 'react';

interface PanelProps {
  title: string;
  note?: ReactNode;
  actions?: ReactNode;
  /** Whether the content goes to the edges, as a table does. */
  flush?: boolean;
  className?: string;
  children: ReactNode;
}

export function Panel({ title, note, actions, flush = false, className = '', children }: PanelProps) {
  const id = useId();
  return (
    <section
      aria-labelledby={id}
      className={`min-w-0 overflow-clip rounded-xl border border-line bg-surface shadow-panel ${className}`}
    >
      <header className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 border-line border-b px-4 py-2">
        <h2 id={id} className="font-semibold text-ink text-sm">
          {title}
        </h2>
        {note !== undefined && <div className="text-muted text-xs">{note}</div>}
        {actions !== undefined && <div className="ml-auto flex items-center gap-2">{actions}</div>}
      </header>
      <div className={flush ? '' : 'p-4'}>{children}</div>
    </section>
  );
}
