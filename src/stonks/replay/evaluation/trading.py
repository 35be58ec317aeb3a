"""What an account did and came to: decisions by gate, clamps, orders, slippage, fees, equity beside a benchmark."""

import statistics
from collections.abc import Iterable, Sequence
from datetime import date

import msgspec

from stonks.model.order import OrderStatus, OrderType, Side
from stonks.ports.store import Reader


class GateCount(msgspec.Struct, frozen=True, kw_only=True):
    """How often a check was asked, failed, and was the reason not to act."""

    gate: str
    code: str
    asked: int
    failed: int
    decided: int


class ClampCount(msgspec.Struct, frozen=True, kw_only=True):
    """How often a limit made an entry smaller; mean shares of equity before and after."""

    code: str
    times: int
    before: float
    after: float


class OrderCount(msgspec.Struct, frozen=True, kw_only=True):
    """Orders of one leg and cause that stand in one status, and the dollars they traded."""

    leg: str
    cause: str
    status: OrderStatus
    count: int
    traded: float | None


class Slip(msgspec.Struct, frozen=True, kw_only=True):
    """A filled order, and the price that it was to trade at; None where nobody named one."""

    side: Side
    leg: str
    type: OrderType
    quantity: float
    price: float
    wanted: float | None

    @property
    def basis_points(self) -> float | None:
        """How much worse than wanted it traded; below zero where it traded better."""
        if not self.wanted:
            return None
        sign = 1 if self.side is Side.BUY else -1
        return sign * (self.price / self.wanted - 1) * 1e4


class Slippage(msgspec.Struct, frozen=True, kw_only=True):
    """How much worse than wanted orders of a kind traded, in basis points, and of how many that is known."""

    kind: str
    orders: int
    known: int
    median: float | None
    mean: float | None
    """By the dollars they traded."""
    worst: float | None


class Traded(msgspec.Struct, frozen=True, kw_only=True):
    """How often an account traded, for how many dollars, and its fees in dollars."""

    fills: int
    dollars: float
    fees: float


class Worth(msgspec.Struct, frozen=True, kw_only=True):
    """What an account was worth at a day's last count, and the dollars it carried."""

    day: date
    equity: float
    gross: float


class Benchmark(msgspec.Struct, frozen=True, kw_only=True):
    """The mean return of companies held from a day to another."""

    companies: int
    change: float | None


class Equity(msgspec.Struct, frozen=True, kw_only=True):
    """An account from its first day to its last; changes and shares are of equity, dollars else."""

    first: date
    last: date
    days: int
    start: float
    end: float
    change: float
    worst_fall: float
    """From a best day to the worst one after it."""
    exposure: float
    """Mean of what it carried, by day."""
    benchmark: Benchmark
    """All followed companies held in equal parts over the same days, without costs."""


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """All that an account did; equity is None where it was counted on fewer than two days."""

    account: str
    verdicts: dict[str, int]
    gates: tuple[GateCount, ...]
    clamps: tuple[ClampCount, ...]
    orders: tuple[OrderCount, ...]
    slippage: tuple[Slippage, ...]
    traded: Traded
    equity: Equity | None


class _Count(msgspec.Struct, frozen=True):
    name: str
    count: int


async def account_of(reader: Reader, account: str) -> Account:
    """Return what an account did, as its rows stand."""
    slips = await reader.rows(Slip, "report.slips", account=account)
    traded = await reader.row(Traded, "report.traded", account=account)
    return Account(
        account=account,
        verdicts={each.name: each.count for each in await reader.rows(_Count, "report.verdicts", account=account)},
        gates=tuple(await reader.rows(GateCount, "report.gates", account=account)),
        clamps=tuple(await reader.rows(ClampCount, "report.clamps", account=account)),
        orders=tuple(await reader.rows(OrderCount, "report.orders", account=account)),
        slippage=tuple(slippage(slips)),
        traded=traded or Traded(fills=0, dollars=0.0, fees=0.0),
        equity=await _equity(reader, await reader.rows(Worth, "report.worths", account=account)),
    )


def slippage(slips: Sequence[Slip]) -> Iterable[Slippage]:
    """Return how filled orders traded against what was wanted, by leg and type."""
    kinds = sorted({(slip.leg, slip.type) for slip in slips})
    for leg, kind in kinds:
        of_kind = [slip for slip in slips if (slip.leg, slip.type) == (leg, kind)]
        known = [(points, slip.quantity * slip.price) for slip in of_kind if (points := slip.basis_points) is not None]
        dollars = sum(weight for _, weight in known)
        yield Slippage(
            kind=f"{leg}, {kind}",
            orders=len(of_kind),
            known=len(known),
            median=statistics.median(points for points, _ in known) if known else None,
            mean=sum(points * weight for points, weight in known) / dollars if dollars else None,
            worst=max((points for points, _ in known), default=None),
        )


async def _equity(reader: Reader, worths: Sequence[Worth]) -> Equity | None:
    if len(worths) < 2:  # noqa: PLR2004 - a change is between two days
        return None
    first, last = worths[0], worths[-1]
    benchmark = await reader.row(Benchmark, "report.benchmark", first=first.day, last=last.day)
    return Equity(
        first=first.day,
        last=last.day,
        days=len(worths),
        start=first.equity,
        end=last.equity,
        change=last.equity / first.equity - 1,
        worst_fall=worst_fall([worth.equity for worth in worths]),
        exposure=statistics.fmean(worth.gross / worth.equity for worth in worths),
        benchmark=benchmark or Benchmark(companies=0, change=None),
    )


def worst_fall(equity: Iterable[float]) -> float:
    """Return the largest fall from a best value to a later one, as a share of the best: zero or below."""
    best, worst = 0.0, 0.0
    for value in equity:
        best = max(best, value)
        worst = min(worst, value / best - 1)
    return worst
