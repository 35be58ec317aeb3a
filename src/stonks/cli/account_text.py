"""What an account did, as text."""

from collections.abc import Iterator

from stonks.replay.evaluation.trading import Account, Equity


def as_text(account: Account) -> str:
    """Return what an account did as lines of at most 120 characters."""
    return "\n".join(_lines(account))


def _lines(account: Account) -> Iterator[str]:
    verdicts = ", ".join(f"{count} {name}" for name, count in sorted(account.verdicts.items()))
    yield f"account {account.account}: decisions {verdicts or 'none'}"
    if account.gates:
        yield from ("", f"{'gate':<18}{'code':<34}{'asked':>8}{'failed':>8}{'decided':>9}")
    yield from (f"{g.gate:<18}{g.code:<34}{g.asked:>8}{g.failed:>8}{g.decided:>9}" for g in account.gates)
    if account.clamps:
        yield from ("", f"{'clamp on what was bought':<30}{'times':>8}{'before':>10}{'after':>10}")
        yield from (f"{c.code:<30}{c.times:>8}{c.before:>10.2%}{c.after:>10.2%}" for c in account.clamps)
    yield from _orders(account)
    traded = account.traded
    yield from ("", f"{traded.fills} fills for {traded.dollars:,.0f} dollars, fees {traded.fees:,.2f}")
    yield from _equity(account.equity)
    yield "Why: `stonks explain ID` of any order or decision leads through every gate to the sentences."


def _orders(account: Account) -> Iterator[str]:
    if account.orders:
        yield from ("", f"{'orders':<44}{'count':>8}{'dollars':>14}")
    for order in account.orders:
        yield f"{order.leg + ', ' + order.cause + ', ' + order.status:<44}{order.count:>8}{order.traded or 0:>14,.0f}"
    if account.slippage:
        head = f"{'worse than wanted, bp':<24}{'orders':>8}{'known':>8}{'median':>9}{'mean':>9}{'worst':>9}"
        yield from ("", head)
    for slip in account.slippage:
        figures = "".join("        -" if f is None else f"{f:>9.1f}" for f in (slip.median, slip.mean, slip.worst))
        yield f"{slip.kind:<24}{slip.orders:>8}{slip.known:>8}{figures}"


def _equity(equity: Equity | None) -> Iterator[str]:
    if equity is None:
        yield "equity was counted on fewer than two days"
        return
    held = equity.benchmark
    beside = "unknown" if held.change is None else f"{held.change:+.2%} for {held.companies} companies in equal parts"
    yield (
        f"{equity.first} to {equity.last}: equity {equity.start:,.2f} to {equity.end:,.2f}, {equity.change:+.2%}; "
        f"worst fall {equity.worst_fall:.2%}, exposure {equity.exposure:.1%}"
    )
    yield f"benchmark: {beside}, held all the time and without costs"
