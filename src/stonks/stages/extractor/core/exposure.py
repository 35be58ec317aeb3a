"""How companies lie open to macro events, and one interpolation of an event over all of them.

impact = S * U * conf * tanh(sum of terms) * size, signals.md 1.3: a term is an effect of the event times the company's
exposure to it. The sum over all companies is one matrix product.
"""

import math
import tomllib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from stonks.model.company import Company
from stonks.model.signal import GlobalEvent, MacroImpact

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_UNKNOWN = "Unknown"
_GROUPS = ("sector", "geo", "commodity", "fx", "size")
_PRIOR = 0.5
"""How much a prior of the sub-industry counts as data in the coverage."""
_GEO = {
    "US": "US",
    "EU": "EU",
    "UK": "EU",
    "CN": "APAC",
    "JP": "APAC",
    "IN": "APAC",
    "APAC": "APAC",
    "LATAM": "LATAM",
    "MEA": "MEA",
}
_LEAST_TERM = 1e-9


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """What the adverse case of one event type does, and how grave and lasting it is unless the text says otherwise."""

    severity: int
    duration: str
    region: float
    sectors: dict[str, float] = {}
    industries: dict[str, float] = {}
    commodities: dict[str, float] = {}
    currencies: dict[str, float] = {}


class Priors(msgspec.Struct, frozen=True, kw_only=True):
    """Exposures of a company of which nothing better is known."""

    geo: dict[str, float]
    commodities: dict[str, dict[str, float]]
    currencies: dict[str, dict[str, float]]


class Exposures(msgspec.Struct, frozen=True):
    """The companies' exposures as a matrix (companies x features), with the size factor and the coverage of each."""

    tickers: tuple[str, ...]
    features: tuple[str, ...]
    matrix: "NDArray[np.float64]"
    size: "NDArray[np.float64]"
    coverage: "NDArray[np.float64]"


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
    return Exposures(
        tuple(company.ticker for company in ordered),
        features,
        matrix,
        np.array(_sizes(ordered)),
        np.array([_coverage(company, priors) for company in ordered]),
    )


def _features(company: Company, priors: Priors) -> dict[str, float]:
    own = company.exposures
    row = {f"named:{company.ticker}": 1.0}
    if company.sector != _UNKNOWN:
        row[f"sector:{company.sector}"] = 1.0
    if company.sub_industry != _UNKNOWN:
        row[f"sector:{company.sub_industry}"] = 1.0
    regions = {name: share for name, share in own.items() if name.startswith("geo:")}
    row |= regions or {f"geo:{region}": share for region, share in priors.geo.items()}
    row |= {
        f"commodity:{name}": table[company.sub_industry]
        for name, table in priors.commodities.items()
        if company.sub_industry in table
    }
    row |= {f"fx:{name}": table[company.sector] for name, table in priors.currencies.items() if company.sector in table}
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


def _coverage(company: Company, priors: Priors) -> float:
    """Return the share of feature groups that are data of this company; a prior of its kind counts half."""
    known = {name.partition(":")[0] for name in company.exposures}
    if company.sector != _UNKNOWN:
        known.add("sector")
    prior = set()
    if any(company.sub_industry in table for table in priors.commodities.values()):
        prior.add("commodity")
    if any(company.sector in table for table in priors.currencies.values()):
        prior.add("fx")
    return (len(known & set(_GROUPS)) + _PRIOR * len(prior - known)) / len(_GROUPS)


def factor(event: GlobalEvent) -> float:
    """Return S * U * conf: how grave, how surprising and how sure an event is, in [0, 1]."""
    return math.pow(event.severity / 5, 1.5) * (1 + abs(event.surprise)) / 3 * event.confidence


def effects_of(event: GlobalEvent, effect: Effect, named: Mapping[str, float]) -> dict[str, float]:
    """Return what an event does to each feature: sectors, regions, commodities, currencies and companies it names."""
    regions = {_GEO[region] for region in event.regions if region in _GEO}
    if "GLOBAL" in event.regions:
        regions = set(_GEO.values())
    sign = -float(event.direction)
    return {
        **{f"sector:{name}": value for name, value in event.sectors.items()},
        **{f"geo:{region}": sign * effect.region for region in sorted(regions)},
        **{f"commodity:{name}": value for name, value in event.commodities.items()},
        **{f"fx:{name}": value for name, value in event.currencies.items()},
        **{f"named:{ticker}": value for ticker, value in named.items()},
    }


def interpolate(event: GlobalEvent, effects: Mapping[str, float], exposures: Exposures) -> list[MacroImpact]:
    """Return the impact on every company with the terms that add up to it, by ticker; each impact lies in [-1, 1]."""
    import numpy as np

    column = np.array([effects.get(feature, 0.0) for feature in exposures.features])
    impacts = np.clip(factor(event) * np.tanh(exposures.matrix @ column) * exposures.size, -1.0, 1.0)
    products = exposures.matrix * column
    return [
        MacroImpact(
            event_id=event.id,
            ticker=ticker,
            impact=float(impacts[line]),
            terms={
                exposures.features[place]: float(products[line, place])
                for place in np.flatnonzero(np.abs(products[line]) > _LEAST_TERM).tolist()
            },
            coverage=float(exposures.coverage[line]),
        )
        for line, ticker in enumerate(exposures.tickers)
    ]
