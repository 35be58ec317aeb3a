import math
from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given, strategies as st

from stonks.model.company import Company
from stonks.model.signal import MacroImpact
from stonks.stages.extractor.core.exposure import Effect, Priors, effects_of, expose, factor, interpolate
from tests.fakes.extractions import make_event

EVENT = make_event()
BANK = Company(ticker="JPM", name="JPMorgan", sector="Financials", sub_industry="Diversified Banks")
MINER = Company(ticker="FCX", name="Freeport", sector="Materials", sub_industry="Copper")
PLANES = Company(ticker="BA", name="Boeing", sector="Industrials", sub_industry="Aerospace & Defense")
UNKNOWN = Company(ticker="X", name="Unknown", exposures={"geo:none": 0.0})
COMPANIES = (PLANES, MINER, BANK, UNKNOWN)
FEATURES = ["sector:Financials", "sector:Copper", "geo:US", "geo:APAC", "commodity:copper", "fx:USD", "named:BA"]
TABLES = st.dictionaries(st.sampled_from(FEATURES), st.floats(-1, 1))


def impacts(
    effects: dict[str, float], priors: Priors, companies: Sequence[Company] = COMPANIES
) -> dict[str, MacroImpact]:
    return {impact.ticker: impact for impact in interpolate(EVENT, effects, expose(companies, priors))}


@given(TABLES)
def test_an_impact_is_the_squashed_sum_of_its_terms(priors: Priors, effects: dict[str, float]) -> None:
    for impact in impacts(effects, priors).values():
        assert impact.impact == pytest.approx(factor(EVENT) * math.tanh(sum(impact.terms.values())), abs=1e-7)
        assert -1.0 <= impact.impact <= 1.0


@given(TABLES, TABLES)
def test_terms_of_two_tables_add_up(priors: Priors, one: dict[str, float], other: dict[str, float]) -> None:
    both = {name: one.get(name, 0.0) + other.get(name, 0.0) for name in one | other}

    for ticker, impact in impacts(both, priors).items():
        parts = (impacts(one, priors)[ticker].terms, impacts(other, priors)[ticker].terms)
        assert sum(impact.terms.values()) == pytest.approx(sum(sum(part.values()) for part in parts), abs=1e-6)


@given(TABLES)
def test_opposite_effects_have_opposite_impacts(priors: Priors, effects: dict[str, float]) -> None:
    mirrored = impacts({name: -value for name, value in effects.items()}, priors)

    for ticker, impact in impacts(effects, priors).items():
        assert mirrored[ticker].impact == pytest.approx(-impact.impact)


@given(TABLES)
def test_a_company_that_lies_open_to_nothing_has_no_impact(priors: Priors, effects: dict[str, float]) -> None:
    impact = impacts(effects, priors)["X"]

    assert (impact.impact, impact.terms) == (0.0, {})


@given(st.permutations(COMPANIES))
def test_the_order_of_the_companies_does_not_matter(priors: Priors, companies: list[Company]) -> None:
    table = {"sector:Financials": -0.4, "geo:US": -0.2, "commodity:copper": 0.3}

    assert impacts(table, priors, companies) == impacts(table, priors)


def test_a_named_company_has_a_term_of_its_own(priors: Priors) -> None:
    assert impacts({"named:BA": 0.5}, priors)["BA"].terms == {"named:BA": 0.5}
    assert impacts({"named:BA": 0.5}, priors)["JPM"].terms == {}


def test_a_sub_industry_adds_to_its_sector(priors: Priors) -> None:
    table = {"sector:Industrials": -0.3, "sector:Aerospace & Defense": -0.1}

    assert sum(impacts(table, priors)["BA"].terms.values()) == pytest.approx(-0.4)


def test_what_is_known_of_a_company_goes_before_the_default(priors: Priors) -> None:
    local = msgspec.structs.replace(PLANES, exposures={"geo:US": 1.0})

    assert impacts({"geo:US": -0.2}, priors, [local])["BA"].terms == {"geo:US": -0.2}
    assert impacts({"geo:US": -0.2}, priors)["BA"].terms == {"geo:US": pytest.approx(-0.12)}


def test_small_companies_react_more_than_large_ones(priors: Priors) -> None:
    sized = [
        Company(ticker=ticker, name=ticker, sector="Financials", exposures={"size:log_value": value})
        for ticker, value in (("S", 20.0), ("M", 23.0), ("L", 27.0))
    ]

    found = impacts({"sector:Financials": -0.5}, priors, sized)

    assert found["M"].impact == pytest.approx(found["S"].impact / 1.15)
    assert found["L"].impact == pytest.approx(found["S"].impact * 0.85 / 1.15)


def test_coverage_is_the_share_of_exposures_that_are_data(priors: Priors) -> None:
    known = {"geo:US": 1.0, "commodity:oil": 0.1, "fx:USD": 0.0, "size:log_value": 25.0}
    whole = Company(ticker="W", name="Whole", sector="Financials", exposures=known)

    covered = impacts({}, priors, [whole, PLANES, UNKNOWN])

    assert covered["W"].coverage == 1.0
    assert covered["BA"].coverage == pytest.approx((1 + 0.5 + 0.5) / 5)
    assert covered["X"].coverage == pytest.approx(1 / 5)


def test_graver_surer_and_more_surprising_events_weigh_more() -> None:
    weights = [
        factor(make_event(severity=severity, surprise=surprise, confidence=confidence))
        for severity, surprise, confidence in (
            (1, 0, 0.5),
            (3, 0, 0.5),
            (5, 0, 0.5),
            (5, 1, 0.5),
            (5, -2, 0.5),
            (5, -2, 1.0),
        )
    ]

    assert weights == sorted(weights)
    assert weights[-1] == 1.0


def test_an_event_concerns_the_regions_it_names(effects: dict[str, Effect]) -> None:
    effect = effects["tariff_trade"]
    there = effects_of(make_event(regions=("JP", "UK")), effect, {})
    everywhere = effects_of(make_event(regions=("GLOBAL",)), effect, {})

    assert {name for name in there if name.startswith("geo:")} == {"geo:APAC", "geo:EU"}
    assert {"geo:US", "geo:EU", "geo:APAC"} <= set(everywhere)
    assert there["geo:EU"] == effect.region < 0


def test_an_event_without_direction_leaves_the_regions_alone(effects: dict[str, Effect]) -> None:
    table = effects_of(make_event(direction=0), effects["rates"], {})

    assert set(table.values()) <= {0.0}


def test_the_shipped_figures_are_within_bounds(effects: dict[str, Effect], priors: Priors) -> None:
    tables = [table for effect in effects.values() for table in (effect.sectors, effect.industries, effect.commodities)]
    tables += [*priors.commodities.values(), *priors.currencies.values()]

    assert all(-1.0 <= value <= 1.0 for table in tables for value in table.values())
    assert all(1 <= effect.severity <= 5 for effect in effects.values())
    assert sum(priors.geo.values()) == pytest.approx(1.0)
