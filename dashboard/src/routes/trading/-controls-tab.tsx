import type { ReactNode } from 'react';
import type { TradingStatus } from '@/api/schema';
import { ApprovalsPanel } from './-approvals-panel';
import { ControlPanel } from './-control-panel';

interface ControlsTabProps {
  status: TradingStatus;
  /** What stops the account by itself, as the page shows it anyway. */
  breakers: ReactNode;
}

/** What a person may do to the account, and what stops it by itself. */
export default function ControlsTab({ status, breakers }: ControlsTabProps) {
  return (
    <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
      <div className="flex min-w-0 flex-col gap-4">
        <ControlPanel status={status} />
        <ApprovalsPanel />
      </div>
      {breakers}
    </div>
  );
}
