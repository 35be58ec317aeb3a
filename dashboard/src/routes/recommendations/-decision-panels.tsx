import { Link } from '@tanstack/react-router';
import type { Chain } from '@/api/schema';
import { CheckList } from '@/widgets/check-list';
import { OrderLegs } from '@/widgets/order-legs';
import { Panel } from '@/widgets/panel';
import { SizingPanel } from '@/widgets/sizing-panel';

/** What the account made of it: every gate, the sizing, the orders. */
export function DecisionPanels({ chain: { decision, orders } }: { chain: Chain }) {
  if (!decision) {
    return (
      <Panel title="Decision" note="none">
        <p className="text-muted">
          Only recommendations to buy or sell, in paper or live mode, are put to the account; the gates were
          not asked.
        </p>
      </Panel>
    );
  }
  const passed = decision.checks.filter((check) => check.passed).length;
  const link = (
    <Link to="/trading/decisions/$id" params={{ id: decision.id }} className="why text-xs">
      Decision
    </Link>
  );
  return (
    <>
      <Panel
        title="Gates"
        note={`${passed} of ${decision.checks.length} passed, policy ${decision.policy_version}`}
        actions={link}
        flush
      >
        <CheckList checks={decision.checks} caption="Gates of the decision" />
      </Panel>
      <SizingPanel decision={decision} />
      <OrderLegs orders={orders} />
    </>
  );
}
