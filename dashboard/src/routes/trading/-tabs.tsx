import { Link } from '@tanstack/react-router';
import type { TradingStatus } from '@/api/schema';
import { count } from '@/format/number';
import { plain } from '@/lexicon/words';
import { TABS, type Tab } from './-search';

function many(tab: Tab, status: TradingStatus | undefined): number | undefined {
  if (!status) return undefined;
  return {
    positions: status.open_positions,
    orders: status.orders,
    decisions: status.acted + status.skipped,
    controls: status.pending_approvals,
  }[tab];
}

/** Parts of the page with an address each; links, so that they open in a new tab of the browser too. */
export function Tabs({ tab, status }: { tab: Tab; status: TradingStatus | undefined }) {
  return (
    <nav
      aria-label="Parts of this page"
      className="-mb-1 flex gap-1 overflow-x-auto overflow-y-hidden border-line border-b"
    >
      {TABS.map((name) => (
        <Link
          key={name}
          to="/trading"
          search={name === 'positions' ? {} : { tab: name }}
          resetScroll={false}
          activeOptions={{ exact: true, includeSearch: true }}
          activeProps={{}}
          aria-current={name === tab ? 'page' : undefined}
          className="-mb-px inline-flex h-10 items-center gap-2 border-transparent border-b-2 px-3 font-medium text-muted hover:text-ink aria-[current=page]:border-accent aria-[current=page]:text-ink"
        >
          {plain(name)}
          <span className="num rounded-md bg-chip px-1.5 text-muted text-xs">
            {count(many(name, status) ?? 0)}
          </span>
        </Link>
      ))}
    </nav>
  );
}
