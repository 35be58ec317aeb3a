"""``stonks explain``: why, as a tree from an order, a decision or a recommendation down to the sentence."""

import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from stonks.cli.options import AsJson, Data
from stonks.cli.session import OK, PROBLEM, run

if TYPE_CHECKING:
    from rich.tree import Tree

    from stonks.api.answers.chain import Chain
    from stonks.api.answers.decisions import DecisionBody
    from stonks.api.answers.evidence import EvidenceEvent, EvidenceItem, EvidenceReader, EvidenceVia
    from stonks.api.answers.orders import OrderRow
    from stonks.api.answers.signals import QuoteInContext
    from stonks.api.explain import ByHand
    from stonks.model.decision import Check

_PIPED = 120
"""Columns where no terminal says how many there are."""
_FEW = 3  # reasons of a model's that are told
_SPACE = re.compile(r"\s+")
_PATTERN = ("event_type", "horizon", "events", "mean", "of_all", "of_sector", "effect", "error", "hit_rate")
_SHOWN = 5
"""Past events of a pattern that are printed; the API gives up to twenty."""


def explain(
    subject: Annotated[
        str, typer.Argument(metavar="ID", help="A recommendation, decision or order: its id or the beginning of it.")
    ],
    *,
    as_json: AsJson = False,
    data: Data = None,
) -> None:
    """Print why: decision, gates, recommendation, signals, documents, and sentences checked against their texts."""
    run(_explain(subject, as_json=as_json, data=data))


async def _explain(subject: str, *, as_json: bool, data: Data) -> int:
    import msgspec

    from stonks.api.explain import explain as chain_of, find_subject, order_by_hand
    from stonks.app import open_ports
    from stonks.settings import read_settings

    async with open_ports(read_settings(data_dir=data)) as ports:
        meant = await find_subject(ports.store, subject)
        asked = await order_by_hand(ports, meant.id) if meant.kind == "order" else None
        if asked is not None:
            typer.echo(_asked_as_json(asked) if as_json else asked_as_text(asked))
            return OK
        chain = await chain_of(ports, str(meant.id))
    if as_json:
        typer.echo(msgspec.json.encode(chain))
    else:
        from rich.console import Console

        wide = None if sys.stdout.isatty() else _PIPED
        Console(highlight=False, width=wide).print(tree(chain))
    return OK if chain.intact else PROBLEM


def _asked_as_json(asked: "ByHand") -> bytes:
    import msgspec

    from stonks.api.answers.risk import evaluation_answer

    answer = evaluation_answer(asked.verdict)
    return msgspec.json.encode({"order": asked.order, "reason": asked.reason, "evaluation": answer})


def asked_as_text(asked: "ByHand") -> str:
    """Return an order that a person asked for as lines: how far it came, who asked and why, and every gate."""
    from rich.text import Text

    from stonks.cli.letters import escaped
    from stonks.cli.risk_text import verdict_as_text

    order = Text.from_markup(_order(asked.order, asked=True)).plain
    why = f": {escaped(asked.reason)}" if asked.reason else ""
    return f"{order}\nasked for by {escaped(asked.verdict.asked_by)}{why}\n{verdict_as_text(asked.verdict)}"


def tree(chain: "Chain") -> "Tree":
    """Return the chain as a tree, from what was done to why."""
    from rich.tree import Tree

    root = Tree(f"[bold]{chain.kind} {chain.id}[/]")
    for order in reversed(chain.orders):
        root.add(_order(order, asked=chain.id == order.id))
    if chain.decision is not None:
        _decision(root, chain.decision)
    body = chain.recommendation
    why = root.add(
        f"[bold]recommendation[/] {body.action.upper()} {body.ticker} over {body.window}: "
        f"P(up) {body.probability:.2f} ({body.probability_low:.2f} to {body.probability_high:.2f}), {body.mode}"
        f"  [dim]{body.id}[/]"
    )
    why.add(_escaped(body.thesis_llm or body.thesis_template))
    if chain.eligibility is not None:
        _checks(why, f"eligibility: {chain.eligibility.verdict}", chain.eligibility.checks)
    trend = chain.trend
    signals = why.add(
        f"[bold]trend[/] {trend.direction} {trend.score:+.3f}, confidence {trend.confidence:.2f}, "
        f"contradiction {trend.contradiction:.2f}, {trend.n_eff:.1f} independent signals  [dim]{trend.id}[/]"
    )
    _side(signals, "for", chain.evidence_for)
    _side(signals, "against", chain.evidence_against)
    return root


def _order(order: "OrderRow", *, asked: bool) -> str:
    name = "[bold reverse]order[/]" if asked else "[bold]order[/]"
    named = [f"{price:f}" for price in (order.stop_price, order.limit_price) if price is not None]
    limits = f" at {', limit '.join(named)}" if named else ""
    price = f" at {order.average_price}" if order.average_price is not None else ""
    reason = f" ({_escaped(order.status_reason)})" if order.status_reason else ""
    return (
        f"{name} {order.leg} {order.side} {order.quantity} {order.ticker} {order.type}{limits}: "
        f"{order.status}{reason}, {order.filled_quantity} filled{price}  [dim]{order.id}[/]"
    )


def _decision(root: "Tree", decision: "DecisionBody") -> None:
    why = f": {decision.primary_reason}" if decision.primary_reason else f": {decision.quantity} shares"
    node = root.add(
        f"[bold]decision[/] {decision.verdict}{why}  {decision.decided_at:%Y-%m-%d %H:%M:%S} UTC  [dim]{decision.id}[/]"
    )
    _checks(node, f"gates ({decision.policy_version})", decision.checks)
    for clamp in decision.clamps:
        node.add(f"clamp {clamp.code}: {clamp.before:.4f} to {clamp.after:.4f} of equity")
    if decision.sizing:
        node.add("sizing: " + ", ".join(f"{name} {_number(value)}" for name, value in decision.sizing.items()))


def _checks(node: "Tree", title: str, checks: "Sequence[Check]") -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, title=title, title_justify="left", title_style="")
    for column in ("", "gate", "code", "observed", "limit"):
        table.add_column(column)
    for check in checks:
        mark = "[green]ok[/]" if check.passed else "[red]no[/]" if check.hard else "[yellow]note[/]"
        table.add_row(mark, check.gate, check.code, _number(check.observed), _number(check.limit))
    node.add(table)


def _side(node: "Tree", side: str, items: "Sequence[EvidenceItem]") -> None:
    total = sum(item.contribution for item in items)
    branch = node.add(f"[bold]{side}[/] {total:+.3f} from {len(items)} signals")
    for item in items:
        _item(branch, item)


def _item(branch: "Tree", item: "EvidenceItem") -> None:
    signal = item.signal
    leaf = branch.add(
        f"{item.contribution:+.3f} {signal.layer} {signal.event_type}: direction {signal.direction:+.2f}, strength "
        f"{signal.strength:.2f}, confidence {signal.confidence:.2f}, known {signal.known_at:%Y-%m-%d %H:%M} UTC"
        f"  [dim]{signal.id}[/]"
    )
    if item.via is not None:
        _via(leaf, item.via)
    if item.event is not None:
        _event(leaf, item.event)
    if item.document is not None:
        document = leaf.add(
            f"[bold]{_escaped(item.document.publisher)}[/]: {_escaped(item.document.title)}  [dim]{item.document.id}[/]"
        )
        reader = _reader(item.reader) if item.reader else "read"
        for quote in item.quotes:
            document.add(_quote(quote))
        document.add(f"[dim]{reader}; raw sha256 {item.document.raw_sha256}[/]")


def _reader(reader: "EvidenceReader") -> str:
    """Say who read a document, by which call to which model, and why that call was in vain where it was."""
    told = f"read by {reader.extractor_version}"
    if reader.model is None or reader.call is None:
        return told
    told += (
        f" and {_escaped(reader.model)}, prompt {reader.prompt_version}, call {reader.call.id}: {reader.call.outcome}"
    )
    why = _escaped("; ".join(reader.call.failed[:_FEW]))
    return f"{told}, [yellow]degraded[/] ({why})" if reader.degraded else told


def _via(leaf: "Tree", via: "EvidenceVia") -> None:
    """Show the relations a signal passed along, or the past events of a pattern."""
    if via.relation != "pattern":
        days = f", felt within about {via.lag_expected_days:g} days" if via.lag_expected_days else ""
        way = leaf.add(f"via news of {via.origin_ticker}: {via.relation}, {via.hops} {_plural('hop', via.hops)}{days}")
        for step in via.path:
            way.add(
                f"{step.src} is {_escaped(step.relation)} to {step.dst}: weight {step.weight:.2f}, confidence "
                f"{step.confidence:.2f}, says {_escaped(step.source)}"
            )
        return
    found = via.pattern
    told = ", ".join(f"{name} {_number(found[name])}" for name in _PATTERN if name in found)
    way = leaf.add(f"pattern of its own past: {told}")
    for event in found.get("past", [])[:_SHOWN]:
        way.add(
            f"{event['entered_at'][:16]}: news {event['direction']:+.0f}, return {event['own_return']:+.2%}, abnormal "
            f"{event['abnormal']:+.2%}, {event['z']:+.2f} deviations  [dim]{event['signal_ids'][0]}[/]"
        )


def _event(leaf: "Tree", event: "EvidenceEvent") -> None:
    """Show how an event's terms add up to its impact on the company."""
    gravity = f"severity {event.severity}, surprise {event.surprise:+d}, confidence {event.confidence:.2f}"
    node = leaf.add(f"event {event.type}: {gravity}")
    if event.impact is None:
        return
    size = f", size factor {event.size:.2f}" if event.size is not None else ""
    sums = node.add(f"impact {event.impact:+.3f} from terms of {sum(event.terms.values()):+.3f}{size}")
    for name, value in sorted(event.terms.items(), key=lambda term: (-abs(term[1]), term[0])):
        sums.add(f"{name} {value:+.3f}")
    if event.coverage is not None:
        unknown = f"; not known: {', '.join(event.missing)}" if event.missing else ""
        sums.add(f"[dim]{event.coverage:.0%} of the exposures are data{unknown}[/]")


def _plural(word: str, count: int) -> str:
    return word if count == 1 else f"{word}s"


def _quote(quote: "QuoteInContext") -> str:
    mark = "" if quote.verbatim else "[red]NOT IN THE STORED TEXT[/] "
    before, after = _escaped(quote.before), _escaped(quote.after)
    return f"{mark}[dim]{before}[/][bold]{_escaped(quote.quote)}[/][dim]{after}[/]  [dim]{quote.start}-{quote.end}[/]"


def _escaped(text: str) -> str:
    from rich.markup import escape

    return escape(_SPACE.sub(" ", text))


def _number(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else "-" if value is None else str(value)
