import math
from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given, strategies as st

from stonks.model.company import Company
from stonks.model.signal import MacroImpact
from stonks.stages.extractor.core.exposure import (
    COMMODITIES,
    CURRENCIES,
    REGIONS,
    Effect,
    Exposures,
    Priors,
    Push,
    expose,
    factor,
    impacts_of,
    interpolate,
    push_of,
)
from stonks.stages.scheduler.listing import sp500
from tests.fakes.extractions import make_event

EVENT = make_event()
BANK = Company(ticker="JPM", name="JPMorgan", sector="Financials", sub_industry="Diversified Banks")
MINER = Company(ticker="FCX", name="Freeport", sector="Materials", sub_industry="Copper")
PLANES = Company(ticker="BA", name="Boeing", sector="Industrials", sub_industry="Aerospace & Defense")
UNKNOWN = Company(ticker="X", name="Unknown", exposures={"geo:none": 0.0})
COMPANIES = (PLANES, MINER, BANK, UNKNOWN)
FEATURES = ["sector:Financials", "sector:Copper", "geo:US", "geo:APAC", "commodity:copper", "fx:USD", "named:BA"]
SIZED = (
    msgspec.structs.replace(BANK, ticker="BIG", exposures={"size:log_value": 27.0}),
    msgspec.structs.replace(MINER, ticker="TINY", exposures={"size:log_value": 20.0}),
)
TABLES = st.dictionaries(st.sampled_from(FEATURES), st.floats(-1, 1))


def impacts(
    effects: dict[str, float], priors: Priors, companies: Sequence[Company] = COMPANIES
) -> dict[str, MacroImpact]:
    return {impact.ticker: impact for impact in interpolate(EVENT, push(effects), expose(companies, priors))}


def push(effects: dict[str, float]) -> Push:
    features = {name: value for name, value in effects.items() if not name.startswith("named:")}
    named = {name.removeprefix("named:"): value for name, value in effects.items() if name.startswith("named:")}
    return Push(weight=factor(EVENT), features=features, named=named)


@given(TABLES)
def test_an_impact_is_the_squashed_sum_of_its_terms(priors: Priors, effects: dict[str, float]) -> None:
    for impact in impacts(effects, priors, (*COMPANIES, *SIZED)).values():
        told = factor(EVENT) * math.tanh(sum(impact.terms.values())) * impact.size
        assert impact.impact == pytest.approx(max(-1.0, min(1.0, told)), abs=1e-7)
        assert -1.0 <= impact.impact <= 1.0


@given(st.lists(TABLES, min_size=1, max_size=5))
def test_many_events_at_once_have_the_impacts_they_have_alone(priors: Priors, tables: list[dict[str, float]]) -> None:
    exposures = expose((*COMPANIES, *SIZED), priors)

    together = impacts_of([push(table) for table in tables], exposures)

    assert together.shape == (len(tables), len(exposures.tickers))
    for row, table in zip(together, tables, strict=True):
        alone = [impact.impact for impact in interpolate(EVENT, push(table), exposures)]
        assert row.tolist() == pytest.approx(alone, abs=1e-12)


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
    there = push_of(make_event(regions=("JP", "UK")), effect, {}).features
    everywhere = push_of(make_event(regions=("GLOBAL",)), effect, {}).features

    assert {name for name in there if name.startswith("geo:")} == {"geo:JP", "geo:UK"}
    assert {name for name in everywhere if name.startswith("geo:")} == {f"geo:{region}" for region in REGIONS}
    assert there["geo:UK"] == effect.region.value < 0


def test_an_event_without_direction_leaves_the_regions_alone(effects: dict[str, Effect]) -> None:
    assert set(push_of(make_event(direction=0), effects["rates"], {}).features.values()) <= {0.0}


def test_what_is_not_known_of_a_company_is_said(priors: Priors) -> None:
    known = Company(ticker="K", name="Known", sector="Financials", exposures={"geo:US": 1.0, "size:log_value": 25.0})

    missing = {ticker: impact.missing for ticker, impact in impacts({}, priors, [known, PLANES]).items()}

    assert missing == {"K": ("commodity",), "BA": ("geo", "size")}


# ------------------------------------------------------------------------------------------------ the reviewed figures

OIL = Company(ticker="XOM", name="Exxon", sector="Energy", sub_industry="Integrated Oil & Gas")
AIRLINE = Company(ticker="DAL", name="Delta", sector="Industrials", sub_industry="Passenger Airlines")
CHIPS = Company(ticker="NVDA", name="Nvidia", sector="Information Technology", sub_industry="Semiconductors")
SOFTWARE = Company(ticker="CRM", name="CRM", sector="Information Technology", sub_industry="Application Software")
STEEL = Company(ticker="NUE", name="Nucor", sector="Materials", sub_industry="Steel")
POWER = Company(ticker="DUK", name="Duke", sector="Utilities", sub_industry="Electric Utilities")
HOMES = Company(ticker="DHI", name="Horton", sector="Consumer Discretionary", sub_industry="Homebuilding")
REGIONAL = Company(ticker="KEY", name="KeyCorp", sector="Financials", sub_industry="Regional Banks")
INSURER = Company(ticker="TRV", name="Travelers", sector="Financials", sub_industry="Property & Casualty Insurance")
TOOLS = Company(ticker="HD", name="Depot", sector="Consumer Discretionary", sub_industry="Home Improvement Retail")
BURGERS = Company(ticker="MCD", name="Burgers", sector="Consumer Discretionary", sub_industry="Restaurants")
CARDS = Company(ticker="AXP", name="Cards", sector="Financials", sub_industry="Consumer Finance")
SHOP = Company(ticker="AMZN", name="Shop", sector="Consumer Discretionary", sub_industry="Broadline Retail")
GOLD = Company(ticker="NEM", name="Newmont", sector="Materials", sub_industry="Gold")
CARS = Company(ticker="GM", name="Motors", sector="Consumer Discretionary", sub_industry="Automobile Manufacturers")


def adverse(kind: str, company: Company, effects: dict[str, Effect], priors: Priors) -> float:
    """What the adverse case of a type told of the United States does to a company."""
    effect = effects[kind]
    tables = (effect.sectors | effect.industries, effect.commodities, effect.currencies)
    sectors, commodities, currencies = ({name: one.value for name, one in table.items()} for table in tables)
    event = make_event(type=kind, sectors=sectors, commodities=commodities, currencies=currencies)
    (impact,) = interpolate(event, push_of(event, effect, {}), expose([company], priors))
    return impact.impact


@pytest.mark.parametrize(
    ("kind", "company", "sign"),
    [
        ("energy_supply", OIL, 1),
        ("energy_supply", AIRLINE, -1),
        ("energy_supply", BURGERS, -1),
        ("armed_conflict", OIL, 1),
        ("armed_conflict", PLANES, 1),
        ("armed_conflict", AIRLINE, -1),
        ("armed_conflict", GOLD, 1),
        ("rates", POWER, -1),
        ("rates", HOMES, -1),
        ("rates", BANK, 1),
        ("rates", REGIONAL, -1),
        ("inflation", OIL, 1),
        ("inflation", BURGERS, -1),
        ("labor", CARDS, -1),
        ("growth", MINER, -1),
        ("growth", PLANES, -1),
        ("tariff_trade", CHIPS, -1),
        ("tariff_trade", STEEL, 1),
        ("tariff_trade", CARS, -1),
        ("sanctions", CHIPS, -1),
        ("sanctions", OIL, 1),
        ("election_policy", BANK, -1),
        ("regulation", BANK, -1),
        ("natural_disaster", INSURER, -1),
        ("natural_disaster", TOOLS, 1),
        ("pandemic", AIRLINE, -1),
        ("pandemic", SHOP, 1),
        ("commodity_shock", CARS, -1),
        ("fx_move", CHIPS, -1),
        ("banking_stress", REGIONAL, -1),
        ("banking_stress", GOLD, 1),
        ("fiscal", PLANES, -1),
        ("cyber_systemic", AIRLINE, -1),
        ("other", BANK, -1),
    ],
)
def test_the_reviewed_figures_add_up_to_the_sign_that_is_known(
    kind: str, company: Company, sign: int, effects: dict[str, Effect], priors: Priors
) -> None:
    assert adverse(kind, company, effects, priors) * sign > 0.0


@pytest.mark.parametrize(
    ("kind", "worse", "better"),
    [
        ("tariff_trade", CHIPS, SOFTWARE),
        ("rates", SOFTWARE, BANK),
        ("rates", REGIONAL, BANK),
        ("banking_stress", REGIONAL, BANK),
        ("growth", PLANES, POWER),
        ("energy_supply", AIRLINE, PLANES),
        ("fx_move", CHIPS, BANK),
        ("natural_disaster", INSURER, BANK),
    ],
)
def test_the_reviewed_figures_tell_who_is_hit_harder(
    kind: str, worse: Company, better: Company, effects: dict[str, Effect], priors: Priors
) -> None:
    assert adverse(kind, worse, effects, priors) < adverse(kind, better, effects, priors)


def test_every_figure_has_a_reason_and_a_name_that_something_reads(effects: dict[str, Effect], priors: Priors) -> None:
    tables = [t for e in effects.values() for t in (e.sectors, e.industries, e.commodities, e.currencies)]
    tables += [priors.geo, *priors.commodities.values(), *priors.currencies.values()]

    assert all(len(figure.why.split()) >= 2 for table in tables for figure in table.values())
    assert {name for effect in effects.values() for name in effect.commodities} <= set(COMMODITIES)
    assert {name for effect in effects.values() for name in effect.currencies} <= set(CURRENCIES)
    assert (set(priors.commodities), set(priors.currencies) - set(CURRENCIES)) == (set(COMMODITIES), set())
    assert {name for e in effects.values() for name in e.sectors} <= {company.sector for company in sp500()}
    assert {name for e in effects.values() for name in e.industries} <= {one.sub_industry for one in sp500()}


def test_the_shipped_figures_are_within_bounds(effects: dict[str, Effect], priors: Priors) -> None:
    assert all(1 <= effect.severity <= 5 for effect in effects.values())
    assert {effect.duration for effect in effects.values()} <= {"days", "weeks", "months", "years"}
    assert set(priors.geo) == set(REGIONS)
    assert sum(share.value for share in priors.geo.values()) == pytest.approx(1.0)


def test_no_company_makes_the_matrix_wider(priors: Priors) -> None:
    def width(count: int) -> int:
        found: Exposures = expose([Company(ticker=f"T{n}", name="T", sector="Energy") for n in range(count)], priors)
        return len(found.features)

    assert width(1) == width(300)
