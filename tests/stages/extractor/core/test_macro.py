from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given, settings, strategies as st

from stonks.model.signal import GlobalEvent
from stonks.stages.extractor.core.exposure import Effect
from stonks.stages.extractor.core.macro import Bulletin, classify
from stonks.stages.extractor.core.macro_rules import CUES

NOW = datetime(2025, 4, 2, 20, 5, tzinfo=UTC)
DECISION = (
    "Inflation remains somewhat elevated. In support of its goals, the Committee decided to {verb} the target range "
    "for the federal funds rate at 4-1/4 to 4-1/2 percent."
)


def bulletin(title: str, body: str = "") -> Bulletin:
    text = f"{title}\n\n{body}" if body else title
    start = len(title) + 2 if body else len(title)
    return Bulletin(document_id=UUID(int=3), text=text, body_start=start, known_at=NOW, version="rules-1")


@pytest.mark.parametrize(
    ("title", "kind", "direction"),
    [
        ("Fed cuts rates by a quarter point", "rates", 1),
        ("Bank of England raises interest rates", "rates", -1),
        ("Powell turns hawkish and sees fewer cuts", "rates", -1),
        ("US consumer prices rise faster than expected", "inflation", -1),
        ("Inflation cools to 2.4% in March", "inflation", 1),
        ("US payrolls jump by 250,000", "labor", 1),
        ("Jobless claims surge to the highest since 2021", "labor", -1),
        ("US economy contracts in the first quarter", "growth", -1),
        ("Retail sales rebound strongly", "growth", 1),
        ("White House imposes 25% tariffs on imported cars", "tariff_trade", -1),
        ("China retaliates with new tariffs", "tariff_trade", -1),
        ("Washington and Beijing agree on a trade truce", "tariff_trade", 1),
        ("President pauses tariffs for 90 days", "tariff_trade", 1),
        ("US expands sanctions against Russian banks", "sanctions", -1),
        ("Missiles strike Kyiv as war drags on", "armed_conflict", -1),
        ("Israel and Hamas agree on ceasefire", "armed_conflict", 1),
        ("Hurricane makes landfall in Florida", "natural_disaster", -1),
        ("New lockdowns as virus outbreak spreads", "pandemic", -1),
        ("OPEC+ cuts oil production", "energy_supply", -1),
        ("Copper prices surge to a record", "commodity_shock", -1),
        ("Bank run forces FDIC to step in", "banking_stress", -1),
        ("Senate passes tax cuts", "fiscal", 1),
        ("Voters face a snap election as the coalition collapses", "election_policy", -1),
        ("Regulators tighten rules for large lenders", "regulation", -1),
        ("White House order to slash drug prices", "regulation", -1),
        ("Dollar jumps to a two-year high", "fx_move", -1),
        ("Dollar index falls to the lowest in a year", "fx_move", 1),
        ("Ransomware halts hospitals across Europe", "cyber_systemic", -1),
        ("S&P 500 falls 3% in a broad rout", "other", -1),
        ("Wall Street falls as jobless claims surge", "labor", -1),
    ],
)
def test_a_headline_tells_which_event_it_is_and_which_way_it_points(
    title: str, kind: str, direction: int, effects: dict[str, Effect]
) -> None:
    event = classify(bulletin(title), effects)

    assert event is not None
    assert (event.type, event.direction) == (kind, direction)


@pytest.mark.parametrize(("verb", "direction", "severity"), [("raise", -1, 3), ("lower", 1, 3), ("maintain", 0, 2)])
def test_the_verb_of_a_decision_on_rates_says_its_direction(
    verb: str, direction: int, severity: int, effects: dict[str, Effect]
) -> None:
    event = classify(bulletin("Federal Reserve issues FOMC statement", DECISION.format(verb=verb)), effects)

    assert event is not None
    assert (event.type, event.direction, event.severity) == ("rates", direction, severity)


def test_a_text_without_an_event_tells_none(effects: dict[str, Effect]) -> None:
    assert classify(bulletin("A museum opens in Lyon", "Visitors came from near and far."), effects) is None


@pytest.mark.parametrize(
    "title",
    [
        "Court hears a dispute over trade secrets",
        "Shops for the Silver Tsunami of older buyers",
        "Dollar General hires a finance chief",
        "Two firms to join the trillion-dollar club",
    ],
)
def test_words_of_an_event_that_mean_something_else_tell_none(title: str, effects: dict[str, Effect]) -> None:
    assert classify(bulletin(title), effects) is None


def test_a_statement_that_only_ponders_how_long_to_hold_holds(effects: dict[str, Effect]) -> None:
    held = "In determining how long to maintain the current 0 to 1/4 percent target range, the Committee will assess."

    event = classify(bulletin("Federal Reserve issues FOMC statement", f"Growth has rebounded. {held}"), effects)

    assert event is not None
    assert (event.type, event.direction) == ("rates", 0)


def test_sweeping_news_are_graver_and_rumors_less_sure(effects: dict[str, Effect]) -> None:
    plain, sweeping, rumor = (
        classify(bulletin(title), effects)
        for title in ("US imposes tariffs", "US imposes sweeping tariffs", "US may impose tariffs")
    )

    assert plain is not None
    assert sweeping is not None
    assert rumor is not None
    assert sweeping.severity > plain.severity
    assert rumor.confidence < plain.confidence
    assert (plain.stage, rumor.stage) == ("announced", "rumor")


@pytest.mark.parametrize(
    ("title", "surprise"),
    [
        ("US inflation rises", 0),
        ("US inflation rises as expected", 0),
        ("US inflation rises more than expected", -1),
        ("US inflation unexpectedly rises", -2),
    ],
)
def test_a_surprise_is_what_nobody_expected(title: str, surprise: int, effects: dict[str, Effect]) -> None:
    event = classify(bulletin(title), effects)

    assert event is not None
    assert event.surprise == surprise


def test_regions_are_those_named(effects: dict[str, Effect]) -> None:
    event = classify(bulletin("China answers US tariffs", "Beijing acted. Chinese ports stay open to Brazil."), effects)

    assert event is not None
    assert event.regions == ("CN", "LATAM", "US")


def test_what_the_text_says_of_a_commodity_goes_before_the_types_own_effect(effects: dict[str, Effect]) -> None:
    event = classify(bulletin("Economy contracts", "Growth slowed. Oil jumped all the same."), effects)

    assert event is not None
    assert event.commodities["oil"] > 0 > event.commodities["copper"]


def test_relief_is_the_mirror_image_of_the_adverse_case(effects: dict[str, Effect]) -> None:
    worse, better = (
        classify(bulletin(title), effects)
        for title in ("US imposes new tariffs", "US suspends tariffs after trade deal")
    )

    assert worse is not None
    assert better is not None
    assert better.sectors == {name: -value for name, value in worse.sectors.items()}


WORDS = (
    "Fed raises cuts tariffs war inflation rises falls payrolls oil dollar S&P 500 may sweeping China , . than "
    "expected 145% ² \n"
)


@given(
    st.lists(st.sampled_from(WORDS.split(" ")), max_size=40), st.lists(st.sampled_from(WORDS.split(" ")), max_size=40)
)
@settings(max_examples=200)
def test_every_event_is_within_its_bounds_and_quotes_its_text(
    effects: dict[str, Effect], title: list[str], body: list[str]
) -> None:
    told = bulletin(" ".join(title).replace("\n", " ").strip(), " ".join(body).strip())

    event = classify(told, effects)

    if event is not None:
        assert_sound(event, told.text)


def assert_sound(event: GlobalEvent, text: str) -> None:
    assert 1 <= event.severity <= 5
    assert -2 <= event.surprise <= 2
    assert -1 <= event.direction <= 1
    assert 0.0 < event.confidence <= 1.0
    assert all(-1.0 <= value <= 1.0 for table in (event.sectors, event.commodities) for value in table.values())
    assert all(text[quote.start : quote.end] == quote.quote for quote in event.evidence)


def test_every_type_has_its_effects(effects: dict[str, Effect]) -> None:
    assert {cue.type for cue in CUES} == set(effects)
