import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect } from 'react';
import { uiConfig } from '@/api/questions';

interface PageProps {
  title: string;
  /** What the tab says, where the heading is longer. */
  tab?: string;
  /** What stands before the heading. */
  mark?: ReactNode;
  lead?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** One page: its heading, and its name with the mode in the title of the tab. */
export function Page({ title, tab = title, mark, lead, actions, children }: PageProps) {
  const mode = useQuery(uiConfig).data?.mode;
  useEffect(() => {
    document.title = [mode, tab, 'Stonks Oracle'].filter(Boolean).join(' · ');
  }, [mode, tab]);
  return (
    <div className="mx-auto flex w-full max-w-[92rem] flex-col gap-4 px-3 py-4 md:px-6 md:py-5">
      <header className="flex flex-wrap items-end gap-x-4 gap-y-3">
        <div className="min-w-0">
          <h1 className="flex flex-wrap items-center gap-x-2.5 gap-y-1 font-semibold text-ink text-xl tracking-tight">
            {mark}
            {title}
          </h1>
          {lead !== undefined && <p className="mt-0.5 max-w-3xl text-muted">{lead}</p>}
        </div>
        {actions !== undefined && <div className="ml-auto flex flex-wrap items-center gap-2">{actions}</div>}
      </header>
      {children}
    </div>
  );
}
