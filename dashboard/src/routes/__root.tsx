import type { QueryClient } from '@tanstack/react-query';
import { createRootRouteWithContext, Outlet } from '@tanstack/react-router';
import { uiConfig } from '@/api/questions';
import { Shell } from '@/shell/shell';

export const Route = createRootRouteWithContext<{ cache: QueryClient }>()({
  // Started, not awaited: the shell stands before the first answer comes.
  loader: ({ context }) => void context.cache.prefetchQuery(uiConfig),
  component: () => (
    <Shell>
      <Outlet />
    </Shell>
  ),
});
