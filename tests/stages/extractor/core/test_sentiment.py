import numpy as np
import pytest
from hypothesis import given, strategies as st

from stonks.model.document import Span
from stonks.stages.extractor.core.clauses import read_sentence
from stonks.stages.extractor.core.direction import Group, Reading, groups_in, judge, read
from stonks.stages.extractor.core.extract import extract
from stonks.stages.extractor.core.sentiment import Header, Kept, Opinion, Sentiment, pack
from stonks.stages.extractor.embedded import shipped
from tests.fakes.articles import make_article, reading_of

NAMES = {"AAPL": "Apple", "BA": "Boeing", "AMZN": "Amazon"}
WORDS = st.sampled_from("shares surge plunge on strong weak profit after as while lawsuit of , 12 5% ; buys".split())
HEADER = Header(version="test-1", features=2, scale=0.5, bias=(0.25, -0.25), temperature=2.0, sign_temperature=1.0)


def opinion_of(title: str, ticker: str, model: Sentiment | None = None) -> Opinion:
    reading, groups = reading_of(title, NAMES)
    return (model or shipped()).read(reading, groups, ticker, judge(reading, groups, ticker))


def masked(text: str, spans: dict[str, list[Span]]) -> tuple[Reading, tuple[Group, ...]]:
    sentence = read_sentence(text, 0, len(text), in_title=True)
    return read(sentence), groups_in(sentence, spans)


@pytest.mark.parametrize(
    ("title", "ticker", "sign"),
    [
        ("Apple shares surge 8% on record profit", "AAPL", 1),
        ("Boeing shares plunge as losses widen", "BA", -1),
        ("Apple rallies; Boeing slips", "AAPL", 1),
        ("Apple rallies; Boeing slips", "BA", -1),
        ("Amazon to hold its annual meeting on Friday", "AMZN", 0),
    ],
)
def test_a_plain_headline_is_judged_as_anybody_would(title: str, ticker: str, sign: int) -> None:
    opinion = opinion_of(title, ticker)

    assert opinion.takes_side is (sign != 0)
    assert not sign or opinion.score * sign > 0.3


@given(st.lists(WORDS, max_size=12), st.lists(WORDS, max_size=12))
def test_who_is_named_changes_nothing_but_of_whom_it_is_said(before: list[str], after: list[str]) -> None:
    told = " ".join((*before, "Apple", *after, "Boeing"))
    swapped = " ".join((*before, "Boeing", *after, "Apple"))

    assert opinion_of(told, "AAPL") == opinion_of(swapped, "BA")
    assert opinion_of(told, "BA") == opinion_of(swapped, "AAPL")


@given(st.lists(WORDS, min_size=1, max_size=20), st.integers(0, 19))
def test_capital_letters_change_nothing(words: list[str], place: int) -> None:
    place = min(place, len(words))
    text = " ".join((*words[:place], "Apple", *words[place:]))
    start = sum(len(word) + 1 for word in words[:place])
    spans = {"AAPL": [Span(start=start, end=start + len("Apple"))]}

    opinions = []
    for one in (text, text.upper(), text.lower()):
        reading, groups = masked(one, spans)
        opinions.append(shipped().read(reading, groups, "AAPL", judge(reading, groups, "AAPL")))

    assert opinions[0] == opinions[1] == opinions[2]


@given(st.text(max_size=80), st.booleans())
def test_any_text_gets_probabilities(text: str, named: bool) -> None:  # noqa: FBT001
    text = f"Apple {text}" if named else text
    reading, groups = masked(text, {"AAPL": [Span(start=0, end=5)]} if named else {})

    opinion = shipped().read(reading, groups, "AAPL", judge(reading, groups, "AAPL"))

    assert opinion.positive + opinion.neutral + opinion.negative == pytest.approx(1.0)
    assert min(opinion.positive, opinion.neutral, opinion.negative) >= 0.0
    assert 0.0 <= opinion.sure <= 1.0


def test_words_never_seen_say_as_little_as_their_letters() -> None:
    assert not opinion_of("Apple qzxvw bqqzj", "AAPL").takes_side


@given(st.lists(st.sampled_from((*NAMES.values(), "surge", "plunge", "on", "while", ",", "profit")), max_size=12))
def test_every_impact_has_words_of_its_text_and_none_is_made_of_an_empty_one(words: list[str]) -> None:
    article = make_article(" ".join(words))

    found = extract(article, shipped())

    assert found.extractor_version == "embedded-2"
    assert {one.ticker for one in found.impacts} <= {one.ticker for one in found.sentiments}
    for impact in found.impacts:
        assert impact.evidence
        assert all(article.text[quote.start : quote.end] == quote.quote for quote in impact.evidence)


def test_a_direction_is_the_model_s_with_a_tenth_of_the_rules() -> None:
    title = "Boeing shares plunge"
    (rules,) = extract(make_article(title)).impacts
    both, opinion = extract(make_article(title), shipped()), opinion_of(title, "BA")

    assert both.impacts[0].direction == pytest.approx(0.9 * opinion.score + 0.1 * rules.direction, abs=0.03)
    assert abs(opinion.score - rules.direction) > 0.1
    assert both.impacts[0].direction == both.sentiments[0].score
    assert both.impacts[0].confidence > 0.8


def test_what_the_model_calls_neutral_is_no_impact() -> None:
    found = extract(make_article("Amazon to hold its annual meeting on Friday"), shipped())

    assert [one.ticker for one in found.sentiments] == ["AMZN"]
    assert found.impacts == ()


def test_a_sentence_that_takes_no_side_is_no_evidence_where_another_does() -> None:
    found = extract(make_article("Boeing shares plunge", "Boeing was founded in 1916 in Seattle."), shipped())

    assert [quote.quote for quote in found.impacts[0].evidence] == ["Boeing shares plunge"]


def test_a_file_of_weights_is_read_as_it_was_written() -> None:
    data = pack(HEADER, np.array([7, 2**32 - 1]), np.array([[1, -128], [127, 0]]))

    model = Sentiment.parse(data)

    assert model.header == HEADER
    assert (model.get(7, 0j), model.get(2**32 - 1, 0j), model.get(8, 0j)) == (1 + 127j, -128 + 0j, 0j)


def test_without_a_known_feature_the_bias_alone_is_the_answer() -> None:
    model = Sentiment.parse(pack(HEADER, np.array([7, 8]), np.zeros((2, 2))))

    opinion = opinion_of("Apple rallies", "AAPL", model)

    assert opinion.positive / opinion.neutral == pytest.approx(np.exp(0.125))
    assert opinion.sure == pytest.approx(np.tanh(0.25))


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"stonks-sentiment-2\n{}\n"])
def test_any_other_file_is_no_model(data: bytes) -> None:
    with pytest.raises(ValueError, match="no weights"):
        Sentiment.parse(data)


def test_what_is_kept_ready_is_bounded_and_made_again_when_it_is_gone() -> None:
    made: list[int] = []

    def make(key: int) -> int:
        made.append(key)
        return -key

    kept = Kept(make)

    assert [kept[key] for key in (1, 1, 2)] == [-1, -1, -2]
    assert made == [1, 2]
    assert all(kept[key] == -key for key in range(20_000))
    assert len(kept) <= 8192
