import { Link } from '@tanstack/react-router';
import { PLACES } from './places';
import { ThemeSwitch } from './theme-switch';

const LINK =
  'group flex items-center gap-3 rounded-lg font-medium text-muted hover:bg-hover hover:text-ink ' +
  'aria-[current=page]:bg-accent-soft aria-[current=page]:text-accent ' +
  'max-md:min-h-12 max-md:flex-1 max-md:flex-col max-md:justify-center max-md:gap-0.5 max-md:text-2xs ' +
  'md:h-9 md:px-2.5 md:max-lg:justify-center';

/** The way to every page: at the left, below the content on a small screen. */
export function Rail({ version }: { version: string | undefined }) {
  return (
    <aside className="z-20 border-line bg-surface max-md:fixed max-md:inset-x-0 max-md:bottom-0 max-md:border-t md:sticky md:top-0 md:flex md:h-dvh md:w-14 md:shrink-0 md:flex-col md:border-r lg:w-52">
      <div className="flex h-12 items-center gap-2.5 px-4 max-md:hidden md:max-lg:justify-center md:max-lg:px-0">
        <img src="/favicon.svg" alt="" className="size-6" />
        <span className="font-semibold text-ink tracking-tight md:max-lg:sr-only">Stonks Oracle</span>
      </div>
      <nav
        aria-label="Pages"
        className="flex max-md:px-1 max-md:pb-[env(safe-area-inset-bottom)] md:flex-col md:gap-0.5 md:p-2"
      >
        {PLACES.map(({ to, name, key, icon: Icon }) => (
          <Link key={to} to={to} aria-keyshortcuts={`g ${key}`} title={`${name} (g ${key})`} className={LINK}>
            <Icon aria-hidden className="size-[1.1rem] shrink-0" strokeWidth={1.9} />
            <span className="max-[380px]:text-[0.625rem] md:max-lg:sr-only">{name}</span>
          </Link>
        ))}
      </nav>
      <div className="mt-auto flex flex-col gap-2 p-3 max-md:hidden md:max-lg:p-1.5">
        <ThemeSwitch />
        <p className="text-center text-faint text-xs md:max-lg:sr-only">
          {version ? `Version ${version}` : '\u00a0'}
        </p>
      </div>
    </aside>
  );
}
