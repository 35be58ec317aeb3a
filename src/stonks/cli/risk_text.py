"""How risk verdicts and approvals are printed."""

from collections.abc import Sequence
from datetime import datetime
from textwrap import fill

from stonks.cli.letters import escaped
from stonks.model.approval import Approval, ApprovalState
from stonks.model.decision import Check
from stonks.model.order_request import OrderVerdict

_WIDTH = 120


def verdict_as_text(verdict: OrderVerdict) -> str:
    """Return a line that says what came of a request, then each gate with what it saw and allows, in 120 columns."""
    request = verdict.request
    asked = f"{request.quantity} shares" if request.quantity is not None else f"{request.notional} dollars"
    at = f" at {request.limit_price}" if request.limit_price is not None else ""
    why = f", first failed {verdict.primary_reason}" if verdict.primary_reason else ""
    what = f"{request.side} {asked} of {request.ticker}, {request.type}{at}"
    head = f"{what}: {verdict.verdict}, {verdict.quantity} shares{why}"
    clamps = [f"  {clamp.code} clamps {clamp.before:.2%} of equity to {clamp.after:.2%}" for clamp in verdict.clamps]
    foot = f"policy {verdict.policy_version}, book {verdict.portfolio_hash[:8]}, holds until {_at(verdict.expires_at)}"
    return "\n".join([head, *map(_check_as_text, verdict.checks), *clamps, foot, f"evaluation {verdict.id}"])


def _check_as_text(check: Check) -> str:
    mark = "ok" if check.passed else "NO" if check.hard else "--"
    seen = "" if check.data_as_of is None else f"  as of {_at(check.data_as_of)}"
    head = f"  {mark}  {check.gate:<17}{check.code:<30} "
    words = f"{_value(check.observed)} | {_value(check.limit)}{seen}"
    return fill(words, _WIDTH, initial_indent=head, subsequent_indent=" " * len(head))


def _value(value: float | str | None) -> str:
    if value is None:
        return "-"
    return f"{value:.6g}" if isinstance(value, float | int) else escaped(value)


def approvals_as_text(approvals: Sequence[Approval]) -> str:
    """Return two lines an approval: what it is about and until when, and what asks for it or what became of it."""
    return "\n".join(map(_approval_as_text, approvals)) or "nothing waits"


def _approval_as_text(approval: Approval) -> str:
    band = f"{approval.price_low} to {approval.price_high}"
    terms = f"{approval.side} at most {approval.quantity} {approval.ticker} at {band}"
    waits = approval.state is ApprovalState.PENDING
    state = f"until {_at(approval.expires_at)}" if waits else f"by {escaped(approval.decided_by or 'nobody')}"
    said = approval.why if waits or approval.reason is None else approval.reason
    return (
        f"{approval.id}  {approval.state} {state}  {terms}\n"
        f"  {approval.mode} {approval.kind}, asked by {escaped(approval.requested_by)}: {escaped(said)}"
    )


def _at(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M:%S} UTC"
