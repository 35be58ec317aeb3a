import pytest
from hypothesis import given, strategies as st

from stonks.model.signal import EventType as E
from stonks.stages.extractor.core.clauses import LONGEST_SENTENCE, MOST_SENTENCES, chosen_sentences, read_sentence
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
        ("Boeing to sell Jeppesen to Microsoft for $10 billion", E.DIVESTITURE, "BA"),
        ("Boeing to sell its navigation arm to Microsoft", E.M_AND_A_ACQUIRER, "MSFT"),
        ("Boeing sells Visa to Microsoft", E.M_AND_A_TARGET, "V"),
        ("Boeing and Visa agree on $30 billion all-share tie-up", E.M_AND_A_TARGET, "BA"),
        ("Boeing-Visa merger would end an era", E.M_AND_A_TARGET, "V"),
        ("Investors like Microsoft's $70 billion offer for Visa", E.M_AND_A_ACQUIRER, "MSFT"),
        ("Investors like Microsoft's $70 billion offer for Visa", E.M_AND_A_TARGET, "V"),
        ("Boeing to reinstate dividend", E.DIVIDEND_UP, "BA"),
        ("Caterpillar profit falls but dividend still increases", E.DIVIDEND_UP, "CAT"),
        ("Visa shakes up board", E.MANAGEMENT_CHANGE, "V"),
        ("J&J patent on asthma drug invalidated by court", E.LITIGATION_REGULATORY, "JNJ"),
        ("Visa to settle claims of merchants", E.LITIGATION_REGULATORY, "V"),
        ("Regulators back approval of J&J drug", E.FDA_CLINICAL_POS, "JNJ"),
        ("Boeing and Visa extend supply agreement", E.PARTNERSHIP, "BA"),
        ("Boeing and Visa extend supply agreement", E.PARTNERSHIP, "V"),
        ("Visa shares leap in biggest listing of the year", E.CAPITAL_RAISE, "V"),
        ("Caterpillar sales fall as demand fades", E.EARNINGS_REPORT, "CAT"),
        ("Bernstein raises Boeing to buy", E.RATING_UP, "BA"),
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
        ("Microsoft to buy Visa for $500 billion", E.RATING_UP, "V"),
        ("Insiders of Boeing sell stock to Visa holders", E.DIVESTITURE, "BA"),
        ("Boeing to sell its navigation arm to Microsoft", E.DIVESTITURE, "MSFT"),
        ("Caterpillar home sales rise", E.EARNINGS_REPORT, "CAT"),
        ("Ad shows a worker being slapped, Visa says", E.LITIGATION_REGULATORY, "V"),
        ("Boeing seeks $30 billion tie-up with Visa", E.PARTNERSHIP, "BA"),
        ("Microsoft responds to a fund's surprise offer for Visa", E.M_AND_A_ACQUIRER, "MSFT"),
        ("Apple: sell now to avoid pain", E.DIVESTITURE, "AAPL"),
        ("Visa lets customers in Europe buy Microsoft software", E.M_AND_A_ACQUIRER, "V"),
        ("Loop raised Visa to buy from neutral, Boeing to sell", E.M_AND_A_TARGET, "BA"),
        ("Boeing signs definitive agreement to sell its arm", E.PARTNERSHIP, "BA"),
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
    assert (denied.negated, denied.hedged) == (True, False)


@pytest.mark.parametrize(
    ("title", "event", "ticker", "roles"),
    [
        ("Microsoft to buy Visa", E.M_AND_A_TARGET, "V", {("target", "V"), ("acquirer", "MSFT")}),
        ("Visa acquired by Microsoft", E.M_AND_A_TARGET, "V", {("target", "V"), ("acquirer", "MSFT")}),
        ("Microsoft acquires Visa", E.M_AND_A_ACQUIRER, "MSFT", {("target", "V"), ("acquirer", "MSFT")}),
        ("Microsoft buys Boeing's arm", E.DIVESTITURE, "BA", {("seller", "BA"), ("acquirer", "MSFT")}),
        (
            "Boeing sells Visa to Microsoft",
            E.DIVESTITURE,
            "BA",
            {("seller", "BA"), ("target", "V"), ("acquirer", "MSFT")},
        ),
        ("Boeing downgraded by Goldman Sachs", E.RATING_DOWN, "BA", {("subject", "BA"), ("agent", "GS")}),
        ("Goldman Sachs upgrades Boeing", E.RATING_UP, "BA", {("subject", "BA"), ("agent", "GS")}),
        ("Visa sues Boeing", E.LITIGATION_REGULATORY, "BA", {("subject", "BA"), ("agent", "V")}),
        ("Boeing teams up with Visa", E.PARTNERSHIP, "V", {("party", "BA"), ("party", "V")}),
        ("Boeing recalls jets", E.RECALL, "BA", {("subject", "BA")}),
    ],
)
def test_who_takes_which_part_follows_voice_and_place(
    title: str, event: E, ticker: str, roles: set[tuple[str, str]]
) -> None:
    assert set(events_in(title)[event, ticker].roles) == roles


@given(
    st.text(max_size=300), st.sampled_from([" to buy ", " sells ", " merger with ", " sues ", "'s bid for ", " to "])
)
def test_no_text_breaks_a_rule_and_every_word_told_is_in_it(text: str, between: str) -> None:
    title = f"Boeing{between}Visa {text} Boeing"
    reading, groups = reading_of(title)
    for event in find_events(title, reading, groups, ("AAPL",)):
        assert 0 <= event.start < event.end <= len(title)
        assert event.ticker in {ticker for _, ticker in event.roles}


@pytest.mark.parametrize("word", sorted({trigger for rule in RULES for trigger in rule.triggers.split()})[::12])
def test_a_flood_of_one_trigger_is_read_no_further_than_any_text(word: str) -> None:
    flood = f"{word} Boeing, {word} {word}; " * 40_000

    chosen = chosen_sentences(flood, 0, range(0, len(flood), 50))

    assert len(chosen) <= MOST_SENTENCES
    assert all(sentence.end - sentence.start <= LONGEST_SENTENCE for sentence in chosen)
    assert len(find_events(flood, read(chosen[0]), (), ("BA",))) <= len(RULES)


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
