import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Keyboard, Search } from 'lucide-react';
import { lazy, type ReactNode, Suspense, useEffect, useMemo, useState } from 'react';
import { connect } from '@/api/connection';
import { uiConfig } from '@/api/questions';
import { Announcer } from './announcer';
import { Banner } from './banner';
import { useKeys } from './keys';
import { Rail } from './rail';
import { StreamState } from './stream-state';

const Palette = lazy(() => import('./palette'));
const ShortcutSheet = lazy(() => import('./shortcut-sheet'));
type Over = 'palette' | 'sheet' | null;

const TOOL =
  'inline-flex h-8 min-w-8 items-center justify-center gap-2 rounded-lg border border-current/25 px-2 text-xs font-medium hover:bg-current/10';

/** What stands around every page. */
export function Shell({ children }: { children: ReactNode }) {
  const cache = useQueryClient();
  const navigate = useNavigate();
  const config = useQuery(uiConfig).data;
  const [over, setOver] = useState<Over>(null);
  useEffect(() => connect(cache), [cache]);
  const doing = useMemo(
    () => ({
      go: (to: string) => void navigate({ to }),
      palette: () => setOver('palette'),
      sheet: () => setOver('sheet'),
    }),
    [navigate],
  );
  useKeys(doing);
  const close = () => setOver(null);
  return (
    <div className="flex min-h-dvh">
      <a
        href="#content"
        className="sr-only z-50 rounded-lg bg-accent px-4 py-2 font-semibold text-accent-ink focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        Skip to content
      </a>
      <Rail version={config?.version} />
      <div className="flex min-w-0 flex-1 flex-col">
        <header>
          <Banner config={config}>
            <StreamState />
            <button type="button" onClick={doing.palette} aria-keyshortcuts="Control+K" className={TOOL}>
              <Search aria-hidden className="size-3.5" />
              <span className="max-lg:sr-only">Go to</span>
              <kbd className="font-mono opacity-80 max-lg:hidden">Ctrl K</kbd>
            </button>
            <button
              type="button"
              onClick={doing.sheet}
              aria-label="Keyboard shortcuts"
              aria-keyshortcuts="?"
              className={`${TOOL} max-md:hidden`}
            >
              <Keyboard aria-hidden className="size-3.5" />
            </button>
          </Banner>
        </header>
        <main id="content" tabIndex={-1} className="min-w-0 flex-1 outline-none max-md:pb-16">
          {children}
        </main>
      </div>
      <Announcer />
      <Suspense>
        {over === 'palette' && <Palette close={close} />}
        {over === 'sheet' && <ShortcutSheet close={close} />}
      </Suspense>
    </div>
  );
}
