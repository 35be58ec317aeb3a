from typing import Any

import msgspec
import pytest
from hypothesis import given, strategies as st

from stonks.model.document import Quote
from stonks.model.signal import CompanySentiment, EventType, Extraction, Impact, KeyNumber
from stonks.stages.extractor.core.extract import extract
from stonks.stages.extractor.core.reading.blend import blend
from stonks.stages.extractor.core.reading.subject import Believed, Reading
from tests.fakes.articles import make_article
from tests.fakes.extractions import make_impact
from tests.fakes.readings import ARTICLE

VERSION = "document-extractor-1"


def believed(sentiment: int = 1, **fields: Any) -> Believed:  # noqa: ANN401 - each has its own type
    plain: dict[str, Any] = {
        "ticker": "BA",
        "sentiment": sentiment,
        "magnitude": 2,
        "horizon": "1d",
        "event_types": (),
        "confidence": 0.6,
        "quote": Quote(quote="Boeing", start=0, end=6),
    }
    return Believed(**(plain | fields))


def reading(*companies: Believed, **fields: Any) -> Reading:  # noqa: ANN401 - each has its own type
    plain: dict[str, Any] = {"companies": companies, "claimed": len(companies), "kept": len(companies)}
    return Reading(**(plain | fields))


def rules(*impacts: Impact, **fields: Any) -> Extraction:  # noqa: ANN401 - each has its own type
    plain: dict[str, Any] = {"extractor_version": "rules-1", "kind": "news", "summary": "Rules.", "impacts": impacts}
    return Extraction(**(plain | fields))


def pooled(said: Extraction, *readings: Reading) -> Impact:
    (found,) = blend(ARTICLE, said, readings, VERSION).extraction.impacts
    return found


def test_two_readings_that_agree_are_as_sure_as_the_mean_of_their_odds() -> None:
    said = rules(make_impact(EventType.EARNINGS_BEAT, direction=0.8, confidence=0.6))

    both = pooled(said, reading(believed()))

    assert both.confidence == pytest.approx(0.6)
    assert both.direction == pytest.approx((0.8 + 0.5) / 2)
    assert both.event_types == (EventType.EARNINGS_BEAT,)


def test_readings_that_disagree_leave_the_surer_one_less_sure() -> None:
    said = rules(make_impact(EventType.EARNINGS_BEAT, direction=0.8, confidence=0.75))

    both = pooled(said, reading(believed(-1, confidence=0.4)))

    assert both.direction == pytest.approx(0.8)
    assert 0 < both.confidence < 0.75 / 2


def test_where_they_cancel_no_direction_is_left_and_the_events_stay() -> None:
    said = rules(make_impact(EventType.EARNINGS_BEAT, direction=0.8, confidence=0.6))

    both = pooled(said, reading(believed(-1, confidence=0.6)))

    assert (both.direction, both.strength) == (0.0, 0.0)
    assert both.event_types == (EventType.EARNINGS_BEAT,)


def test_of_whom_only_the_model_speaks_its_word_counts_half() -> None:
    alone = pooled(rules(), reading(believed(2, event_types=(EventType.PRODUCT,))))

    assert alone.direction == 1.0
    assert 0.3 < alone.confidence < 0.4
    assert alone.event_types == (EventType.PRODUCT,)
    assert alone.evidence == (Quote(quote="Boeing", start=0, end=6),)


def test_of_whom_the_model_says_nothing_the_rules_word_stays() -> None:
    own = make_impact(EventType.EARNINGS_BEAT, direction=0.8)

    assert pooled(rules(own), reading()) == own


def test_what_did_not_hold_makes_the_rest_less_sure() -> None:
    held, half = reading(believed()), reading(believed(), claimed=2)

    assert pooled(rules(), half).confidence < pooled(rules(), held).confidence
    assert blend(ARTICLE, rules(), [half], VERSION).extraction.verified_ratio == 0.5


def test_windows_are_put_together_by_their_surest_word() -> None:
    unsure = reading(believed(1, confidence=0.2, event_types=(EventType.PRODUCT,)))
    sure = reading(believed(2, confidence=0.75, event_types=(EventType.CONTRACT_WIN,)), summary="Of the second part.")

    both = blend(ARTICLE, rules(), [unsure, sure], VERSION).extraction

    assert both.impacts[0].direction == 1.0
    assert set(both.impacts[0].event_types) == {EventType.PRODUCT, EventType.CONTRACT_WIN}
    assert both.summary == "Rules."
    assert both.extractor_version == "rules-1+document-extractor-1"


def test_the_models_summary_and_figures_are_added_to_the_rules() -> None:
    evidence = Quote(quote="12%", start=0, end=3)
    known = KeyNumber(metric="revenue", value=12.0, unit="pct", basis="actual", evidence=evidence)
    more = msgspec.structs.replace(known, value=20.5e9, unit="USD")

    both = blend(ARTICLE, rules(numbers=(known,)), [reading(summary="Short.", numbers=(known, more))], VERSION)

    assert both.extraction.summary == "Short."
    assert both.extraction.numbers == (known, more)


def test_the_class_of_a_company_that_the_model_spoke_of_is_no_more_the_rules_own() -> None:
    told = [CompanySentiment(ticker=ticker, positive=1.0, neutral=0.0, negative=0.0) for ticker in ("BA", "V")]

    both = blend(ARTICLE, rules(sentiments=tuple(told)), [reading(believed())], VERSION).extraction

    assert [one.ticker for one in both.sentiments] == ["V"]


def test_advertising_is_what_either_of_them_calls_so() -> None:
    assert blend(ARTICLE, rules(), [reading(kind="pr_spam")], VERSION).extraction.kind == "pr_spam"
    assert blend(ARTICLE, rules(kind="opinion"), [reading(kind="news")], VERSION).extraction.kind == "opinion"


@given(
    st.floats(-1, 1),
    st.floats(0, 1),
    st.integers(-2, 2),
    st.sampled_from([0.0, 0.2, 0.4, 0.6, 0.75]),
    st.integers(0, 3),
)
def test_a_pooled_impact_is_within_its_ranges_and_of_no_third_sign(
    direction: float, confidence: float, sentiment: int, certainty: float, magnitude: int
) -> None:
    own = make_impact(EventType.EARNINGS_BEAT, direction=direction, confidence=confidence)

    both = pooled(rules(own), reading(believed(sentiment, confidence=certainty, magnitude=magnitude)))

    assert -1 <= both.direction <= 1
    assert 0 <= both.strength <= 1
    assert 0 <= both.confidence <= 1
    assert both.direction * direction >= 0 or both.direction * sentiment > 0


@given(st.floats(-1, 1), st.floats(0, 1), st.integers(-2, 2), st.sampled_from([0.2, 0.4, 0.6, 0.75]))
def test_the_mirror_image_is_pooled_to_the_mirror_image(
    direction: float, confidence: float, sentiment: int, certainty: float
) -> None:
    def one(sign: int) -> Impact:
        own = make_impact(EventType.OTHER, direction=sign * direction, confidence=confidence)
        return pooled(rules(own), reading(believed(sign * sentiment, confidence=certainty)))

    assert one(1).direction == pytest.approx(-one(-1).direction)
    assert one(1).confidence == pytest.approx(one(-1).confidence)


def test_readings_of_a_real_article_keep_the_order_of_companies() -> None:
    article = make_article("Boeing beats estimates while Visa cuts its outlook")
    said = extract(article)

    both = blend(article, said, [reading(believed(), believed(-1, ticker="V"))], VERSION).extraction

    assert [impact.ticker for impact in both.impacts] == ["BA", "V"]
    assert [impact.direction > 0 for impact in both.impacts] == [True, False]
