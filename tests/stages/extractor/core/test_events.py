import pytest
from hypothesis import given, strategies as st

from stonks.model.signal import EventType as E
from stonks.stages.extractor.core.clauses import read_sentence
from stonks.stages.extractor.core.direction import read
from stonks.stages.extractor.core.event_character import CHARACTER
from stonks.stages.extractor.core.events import RULES, SAME_SENTENCE, TITLE_CLAUSE, Event, find_events
from tests.fakes.articles import reading_of


def events_in(title: str) -> dict[tuple[E, str], Event]:
    reading, groups = reading_of(title)
    return {(event.type, event.ticker): event for event in find_events(title, reading, groups)}


@pytest.mark.parametrize(
    ("title", "event", "ticker"),
    [
        ("Apple tops Wall Street estimates", E.EARNINGS_BEAT, "AAPL"),
        ("Visa profit falls short of expectations", E.EARNINGS_MISS, "V"),
        ("Boeing reports first-quarter results", E.EARNINGS_REPORT, "BA"),
        ("Caterpillar raises full-year guidance", E.GUIDANCE_RAISE, "CAT"),
        ("UnitedHealth slashes its 2025 outlook", E.GUIDANCE_CUT, "UNH"),
        ("Apple issues profit warning", E.GUIDANCE_CUT, "AAPL"),
        ("Microsoft to buy Visa for $500 billion", E.M_AND_A_TARGET, "V"),
        ("Microsoft to buy Visa for $500 billion", E.M_AND_A_ACQUIRER, "MSFT"),
        ("Visa acquired by Microsoft", E.M_AND_A_TARGET, "V"),
        ("Visa acquired by Microsoft", E.M_AND_A_ACQUIRER, "MSFT"),
        ("Boeing receives takeover offer", E.M_AND_A_TARGET, "BA"),
        ("Boeing sells its navigation unit", E.DIVESTITURE, "BA"),
        ("Fund to acquire Boeing's navigation unit", E.DIVESTITURE, "BA"),
        ("FDA approves J&J lung cancer drug", E.FDA_CLINICAL_POS, "JNJ"),
        ("J&J drug fails in late-stage trial", E.FDA_CLINICAL_NEG, "JNJ"),
        ("Shareholders sue Boeing", E.LITIGATION_REGULATORY, "BA"),
        ("Boeing wins dismissal of lawsuit", E.LITIGATION_REGULATORY, "BA"),
        ("EU opens antitrust case against Apple", E.ANTITRUST, "AAPL"),
        ("Microsoft to cut 3% of its workforce", E.LAYOFFS, "MSFT"),
        ("Boeing announces restructuring", E.RESTRUCTURING, "BA"),
        ("Apple authorizes $100 billion buyback", E.BUYBACK, "AAPL"),
        ("Visa raises quarterly dividend", E.DIVIDEND_UP, "V"),
        ("Boeing suspends dividend", E.DIVIDEND_CUT, "BA"),
        ("Caterpillar declares dividend", E.DIVIDEND_REGULAR, "CAT"),
        ("Boeing launches $10 billion stock offering", E.CAPITAL_RAISE, "BA"),
        ("Moody's cuts Boeing to junk", E.DEBT_RATING, "BA"),
        ("Boeing names new chief financial officer", E.MANAGEMENT_CHANGE, "BA"),
        ("Visa CEO to step down as CEO resigns early", E.MANAGEMENT_CHANGE, "V"),
        ("Apple unveils cheaper iPhone", E.PRODUCT, "AAPL"),
        ("Boeing wins $20 billion Air Force contract", E.CONTRACT_WIN, "BA"),
        ("Visa teams up with a bank", E.PARTNERSHIP, "V"),
        ("UnitedHealth hit by ransomware", E.CYBER, "UNH"),
        ("J&J recalls sunscreen", E.RECALL, "JNJ"),
        ("Amazon cloud outage takes sites offline", E.OUTAGE, "AMZN"),
        ("Boeing halts deliveries of its largest jet", E.SUPPLY_DISRUPTION, "BA"),
        ("Bernstein upgrades Boeing", E.RATING_UP, "BA"),
        ("Boeing downgraded by Goldman Sachs", E.RATING_DOWN, "BA"),
        ("Goldman Sachs cuts price target on Apple", E.PRICE_TARGET, "AAPL"),
        ("Visa director buys shares", E.INSIDER, "V"),
        ("Activist investor takes stake in Caterpillar", E.ACTIVIST, "CAT"),
        ("Short seller targets UnitedHealth", E.SHORT_REPORT, "UNH"),
        ("Boeing supplier's bankruptcy clouds Boeing", E.BANKRUPTCY, "BA"),
        ("Amazon to join the Dow Jones index, added to S&P 500 last year", E.INDEX_CHANGE, "AMZN"),
        ("Apple announces stock split", E.STOCK_SPLIT, "AAPL"),
        ("Apple braces for tariffs", E.MACRO_LINK, "AAPL"),
    ],
)
def test_headlines_tell_their_events(title: str, event: E, ticker: str) -> None:
    assert (event, ticker) in events_in(title)


@pytest.mark.parametrize(
    ("title", "event", "ticker"),
    [
        ("Goldman Sachs upgrades Boeing", E.RATING_UP, "GS"),
        ("J&J sues a rival over its patent", E.LITIGATION_REGULATORY, "JNJ"),
        ("3 reasons to buy Apple now", E.M_AND_A_TARGET, "AAPL"),
        ("Should you buy Visa stock?", E.M_AND_A_TARGET, "V"),
        ("Visa upgrades its network", E.RATING_UP, "V"),
        ("Boeing recalls how it all began: nobody recalled that the day", E.STOCK_SPLIT, "BA"),
        ("Boeing falls while Apple raises guidance", E.GUIDANCE_RAISE, "BA"),
        ("Visa acquired by Microsoft", E.M_AND_A_ACQUIRER, "V"),
        ("Wendy's gets an upgrade from Goldman Sachs", E.RATING_UP, "GS"),
        ("Goldman Sachs raises gold price forecast", E.GUIDANCE_RAISE, "GS"),
        ("Goldman Sachs lists stocks of the best monopoly stocks", E.ANTITRUST, "GS"),
    ],
)
def test_an_event_does_not_befall_a_bystander(title: str, event: E, ticker: str) -> None:
    assert (event, ticker) not in events_in(title)


def test_an_event_is_surest_in_a_clause_of_the_title_that_names_its_company() -> None:
    title = "Boeing wins Air Force contract"
    reading, groups = reading_of(title)
    body = read(read_sentence(title, 0, len(title), in_title=False))

    assert [event.confidence for event in find_events(title, reading, groups)] == [TITLE_CLAUSE]
    assert [event.confidence for event in find_events(title, body, groups)] == [SAME_SENTENCE]


@pytest.mark.parametrize("hedge", ["may", "could", "reportedly", "is considering whether it"])
def test_a_hedge_halves_the_confidence(hedge: str) -> None:
    plain = events_in("Boeing wins Air Force contract")[E.CONTRACT_WIN, "BA"]
    hedged = events_in(f"Boeing {hedge} wins Air Force contract")[E.CONTRACT_WIN, "BA"]

    assert hedged.confidence == plain.confidence / 2


def test_a_denied_event_is_turned_and_doubted() -> None:
    denied = events_in("Boeing denies layoffs")[E.LAYOFFS, "BA"]

    assert denied.polarity > 0
    assert denied.confidence < TITLE_CLAUSE


def test_a_title_that_names_nobody_befalls_the_one_company_the_text_is_about() -> None:
    reading, groups = reading_of("Chipmaker cuts outlook")

    (event,) = find_events("Chipmaker cuts outlook", reading, groups, elsewhere=["MSFT"])

    assert (event.type, event.ticker, event.confidence) == (E.GUIDANCE_CUT, "MSFT", 0.5)


@given(
    st.lists(st.sampled_from("Boeing Visa tops cuts guidance , recall fraud may not estimates by".split()), max_size=9)
)
def test_an_events_words_are_where_it_says(words: list[str]) -> None:
    title = f"Boeing wins {' '.join(words)} contract"
    for event in events_in(title).values():
        assert 0 <= event.start < event.end <= len(title)
        assert abs(event.polarity) <= 1.0
        assert 0.0 < event.confidence <= 1.0


def test_every_event_type_but_other_has_a_rule_and_every_one_a_character() -> None:
    told = {rule.type for rule in RULES} | {E.M_AND_A_ACQUIRER, E.OTHER}

    assert told == set(E)
    assert set(CHARACTER) == set(E)


def test_every_trigger_is_as_short_as_the_gate_looks() -> None:
    assert [trigger for rule in RULES for trigger in rule.triggers.split() if len(trigger) > 4] == []
