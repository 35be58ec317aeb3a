"""How companies lie open to macro events, and one interpolation of events over all of them.

impact = S * U * conf * tanh(sum of terms) * size, signals.md 1.3: a term is an effect of the event times the company's
exposure to it. The sums for all events and companies are one matrix product.
"""

import math
import tomllib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from stonks.model.company import Company
from stonks.model.signal import GlobalEvent, MacroImpact
from stonks.model.units import Polarity

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

REGIONS = ("US", "EU", "UK", "CN", "JP", "IN", "LATAM", "MEA", "APAC")
"""Where revenue is earned; an event of the whole world concerns all of them."""
COMMODITIES = ("oil", "natgas", "gold", "copper", "steel", "wheat", "corn", "lithium", "semis")
CURRENCIES = ("USD", "EUR", "JPY", "CNY", "GBP")

_UNKNOWN = "Unknown"
_GROUPS = ("sector", "geo", "commodity", "fx", "size")
_PRIOR = 0.5
"""How much a prior of the sub-industry counts as data in the coverage."""
_LEAST_TERM = 1e-9


class Figure(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A reviewed figure with the reason that stands beside it."""

    value: Polarity
    why: str


Table = dict[str, Figure]


class Effect(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the adverse case of one event type does, and how grave and lasting it is unless the text says otherwise."""

    severity: int
    duration: str
    region: Figure
    sectors: Table = {}
    industries: Table = {}
    commodities: Table = {}
    currencies: Table = {}


class Priors(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Exposures of a company of which nothing better is known."""

    geo: Table
    commodities: dict[str, Table]
    currencies: dict[str, Table]


class Exposures(msgspec.Struct, frozen=True):
    """The companies' exposures as a matrix (companies x features), with the size factor and the coverage of each."""

    tickers: tuple[str, ...]
    features: tuple[str, ...]
    matrix: "NDArray[np.float64]"
    size: "NDArray[np.float64]"
    coverage: "NDArray[np.float64]"
    missing: tuple[tuple[str, ...], ...]
    """By company: the groups of features of which nothing is known, not even what is usual for its kind."""


class Push(msgspec.Struct, frozen=True, kw_only=True):
    """What an event does: its weight, what it does to each feature, and what its text says of companies it names."""

    weight: float
    features: dict[str, float]
    named: Mapping[str, float] = {}


def read_effects(toml: str) -> dict[str, Effect]:
    """Return the effects by event type.

    Raises:
        msgspec.ValidationError: a figure or a key is not what the file promises.
    """
    return msgspec.convert(tomllib.loads(toml), dict[str, Effect])


def read_priors(toml: str) -> Priors:
    """Return the default exposures.

    Raises:
        msgspec.ValidationError: a figure or a key is not what the file promises.
    """
    return msgspec.convert(tomllib.loads(toml), Priors)


def expose(companies: Sequence[Company], priors: Priors) -> Exposures:
    """Return the exposures of companies, sorted by ticker: their own figures where known, else priors and defaults."""
    import numpy as np

    ordered = sorted(companies, key=lambda company: company.ticker)
    rows = [_features(company, priors) for company in ordered]
    features = tuple(sorted({feature for row in rows for feature in row}))
    column = {feature: place for place, feature in enumerate(features)}
    matrix = np.zeros((len(rows), len(features)))
    for line, row in enumerate(rows):
        for feature, share in row.items():
            matrix[line, column[feature]] = share
    known = [_known(company, priors) for company in ordered]
    return Exposures(
        tuple(company.ticker for company in ordered),
        features,
        matrix,
        np.array(_sizes(ordered)),
        np.array([sum(groups.values()) / len(_GROUPS) for groups in known]),
        tuple(tuple(group for group in _GROUPS if group not in groups) for groups in known),
    )


def _features(company: Company, priors: Priors) -> dict[str, float]:
    own = company.exposures
    row: dict[str, float] = {}
    if company.sector != _UNKNOWN:
        row[f"sector:{company.sector}"] = 1.0
    if company.sub_industry != _UNKNOWN:
        row[f"sector:{company.sub_industry}"] = 1.0
    regions = {name: share for name, share in own.items() if name.startswith("geo:")}
    row |= regions or {f"geo:{region}": share.value for region, share in priors.geo.items()}
    for name, table in priors.commodities.items():
        if company.sub_industry in table:
            row[f"commodity:{name}"] = table[company.sub_industry].value
    for name, table in priors.currencies.items():
        if company.sector in table:
            row[f"fx:{name}"] = table[company.sector].value
    return row | {name: share for name, share in own.items() if name.startswith(("commodity:", "fx:"))}


def _sizes(companies: Sequence[Company]) -> list[float]:
    """Return 1.15 for the smallest company to 0.85 for the largest by rank of value; 1 where that is not known."""
    known = sorted(
        {company.exposures["size:log_value"] for company in companies if "size:log_value" in company.exposures}
    )
    if len(known) < 2:  # noqa: PLR2004 - one value has no rank
        return [1.0] * len(companies)
    rank = {value: place / (len(known) - 1) for place, value in enumerate(known)}
    return [1.15 - 0.3 * rank.get(company.exposures.get("size:log_value", math.nan), 0.5) for company in companies]


def _known(company: Company, priors: Priors) -> dict[str, float]:
    """Return the groups of features of which there are data, as 1, or what is usual for a company's kind, as a half.

    That most companies earn most at home is no knowledge of this one.
    """
    known = {}
    if any(company.sub_industry in table for table in priors.commodities.values()):
        known["commodity"] = _PRIOR
    if any(company.sector in table for table in priors.currencies.values()):
        known["fx"] = _PRIOR
    if company.sector != _UNKNOWN:
        known["sector"] = 1.0
    return known | {group: 1.0 for name in company.exposures if (group := name.partition(":")[0]) in _GROUPS}


def factor(event: GlobalEvent) -> float:
    """Return S * U * conf: how grave, how surprising and how sure an event is, in [0, 1]."""
    return math.pow(event.severity / 5, 1.5) * (1 + abs(event.surprise)) / 3 * event.confidence


def push_of(event: GlobalEvent, effect: Effect, named: Mapping[str, float]) -> Push:
    """Return what an event does to sectors, regions, commodities and currencies, and to the companies it names."""
    regions = REGIONS if "GLOBAL" in event.regions else [name for name in REGIONS if name in event.regions]
    sign = -float(event.direction)
    return Push(
        weight=factor(event),
        features={
            **{f"sector:{name}": value for name, value in event.sectors.items()},
            **{f"geo:{region}": sign * effect.region.value for region in regions},
            **{f"commodity:{name}": value for name, value in event.commodities.items()},
            **{f"fx:{name}": value for name, value in event.currencies.items()},
        },
        named=named,
    )


def impacts_of(pushes: Sequence[Push], exposures: Exposures) -> "NDArray[np.float64]":
    """Return the impacts (events x companies) in [-1, 1]: one product of two matrices, squashed and scaled in place."""
    import numpy as np

    column = {feature: place for place, feature in enumerate(exposures.features)}
    line = {ticker: place for place, ticker in enumerate(exposures.tickers)}
    effects = np.zeros((len(pushes), len(column)))
    for row, push in enumerate(pushes):
        for feature, value in push.features.items():
            if feature in column:
                effects[row, column[feature]] = value
    impacts: NDArray[np.float64] = effects @ exposures.matrix.T
    for row, push in enumerate(pushes):
        for ticker, value in push.named.items():
            if ticker in line:
                impacts[row, line[ticker]] += value
    np.tanh(impacts, out=impacts)
    impacts *= np.array([push.weight for push in pushes])[:, None]
    impacts *= exposures.size
    return np.clip(impacts, -1.0, 1.0, out=impacts) if _may_exceed(pushes, exposures) else impacts


def _may_exceed(pushes: Sequence[Push], exposures: Exposures) -> bool:
    """Return whether an impact may lie outside [-1, 1]: only of the gravest events on the smallest companies."""
    return max((push.weight for push in pushes), default=0.0) * float(exposures.size.max(initial=0.0)) > 1.0


def interpolate(event: GlobalEvent, push: Push, exposures: Exposures) -> list[MacroImpact]:
    """Return the impact on every company with the terms that add up to what is squashed, by ticker."""
    impacts = impacts_of([push], exposures)[0]
    pushed = [push.features.get(feature, 0.0) for feature in exposures.features]
    return [
        MacroImpact(
            event_id=event.id,
            ticker=ticker,
            impact=float(impacts[line]),
            terms=_terms(exposures, line, pushed) | ({f"named:{ticker}": own} if own else {}),
            size=float(exposures.size[line]),
            coverage=float(exposures.coverage[line]),
            missing=exposures.missing[line],
        )
        for line, ticker in enumerate(exposures.tickers)
        for own in (push.named.get(ticker, 0.0),)
    ]


def _terms(exposures: Exposures, line: int, pushed: Sequence[float]) -> dict[str, float]:
    products = (exposures.matrix[line] * pushed).tolist()
    return {
        feature: product
        for feature, product in zip(exposures.features, products, strict=True)
        if abs(product) > _LEAST_TERM
    }
