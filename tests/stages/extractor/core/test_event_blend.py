from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, strategies as st

from stonks.model.document import Quote
from stonks.model.signal import GlobalEvent
from stonks.stages.extractor.core.event_blend import LEAST_CONFIDENCE, blend
from stonks.stages.extractor.core.event_classifier import Opinion
from stonks.stages.extractor.core.exposure import Effect, Figure
from stonks.stages.extractor.core.macro import Bulletin
from tests.fakes.signals import NOW

TEXT = "Fed cuts rates by half a point\n\nNobody expected it. The dollar fell."
BULLETIN = Bulletin(document_id=UUID(int=1), text=TEXT, body_start=32, known_at=NOW, version="rules-1")
EFFECTS = {
    "rates": Effect(severity=3, duration="weeks", region=Figure(-0.1, "-"), sectors={"Utilities": Figure(-0.5, "-")}),
    "growth": Effect(severity=3, duration="months", region=Figure(-0.2, "-"), sectors={"Materials": Figure(-0.3, "-")}),
}
HEAD, BODY = Quote(quote=TEXT[:30], start=0, end=30), Quote(quote=TEXT[32:51], start=32, end=51)
TOLD = GlobalEvent(
    id=UUID(int=2),
    document_id=UUID(int=1),
    type="rates",
    stage="announced",
    regions=("US",),
    severity=3,
    surprise=1,
    direction=1,
    duration="weeks",
    sectors={"Utilities": 0.5, "Steel": 0.2},
    commodities={},
    currencies={},
    confidence=0.6,
    summary="Fed cuts rates.",
    evidence=(HEAD,),
    known_at=NOW,
    extractor_version="rules-1",
)
SAID = Opinion(type="rates", severity=5, direction=1, confidence=3, quote=BODY, summary="It was cut.", verified=1.0)


def blended(told: GlobalEvent | None = TOLD, **changes: Any) -> GlobalEvent | None:  # noqa: ANN401 - as replace
    return blend(told, msgspec.structs.replace(SAID, **changes), BULLETIN, EFFECTS, "event-classifier-1")


def sure(event: GlobalEvent | None) -> float:
    return 0.0 if event is None else event.confidence


def test_two_that_agree_are_one_event_of_both() -> None:
    event = blended(surprise=2, regions=("GLOBAL",), currencies={"USD": -1}, sectors={"Utilities": 2})

    assert event is not None
    assert (event.type, event.direction, event.severity, event.surprise) == ("rates", 1, 4, 1)
    assert (event.regions, event.evidence) == (("US", "GLOBAL"), (HEAD, BODY))
    assert event.sectors == {"Utilities": pytest.approx(0.7), "Steel": 0.2}
    assert event.currencies == {"USD": pytest.approx(-0.3)}
    assert TOLD.confidence < event.confidence < 0.75
    assert event.extractor_version == "rules-1+event-classifier-1"
    assert event.id != TOLD.id


def test_two_that_point_apart_leave_no_direction_and_no_effect_of_one() -> None:
    event = blended(direction=-1, confidence=2)

    assert event is not None
    assert (event.direction, event.sectors) == (0, {})


def test_a_surer_model_turns_a_doubtful_reading() -> None:
    event = blended(msgspec.structs.replace(TOLD, confidence=0.3), direction=-1)

    assert event is not None
    assert (event.direction, event.sectors) == (-1, {"Utilities": -0.5})


def test_of_two_events_the_surer_is_kept_and_doubted() -> None:
    rules = blended(type="growth", confidence=0)
    model = blended(msgspec.structs.replace(TOLD, confidence=0.25), type="growth", direction=-1)

    assert rules is not None
    assert model is not None
    assert (rules.type, rules.evidence, rules.confidence < TOLD.confidence) == ("rates", (HEAD,), True)
    assert (model.type, model.evidence, model.sectors) == ("growth", (BODY,), {"Materials": -0.3})
    assert model.confidence < 0.75


def test_that_nothing_is_told_is_believed_of_a_sure_model_alone() -> None:
    doubted = blended(type="none", quote=None, confidence=0)

    assert doubted is not None
    assert doubted.confidence < TOLD.confidence
    assert blended(type="none", quote=None, confidence=3) is None


def test_an_event_that_only_the_model_sees_counts_half_and_only_with_its_words() -> None:
    alone = blended(None)

    assert alone is not None
    assert (alone.confidence, alone.evidence, alone.summary) == (0.375, (BODY,), "It was cut.")
    assert blended(None, quote=None) is None
    assert blended(None, confidence=0) is None
    assert blended(None, type="none") is None


def test_a_rumor_to_either_is_a_rumor() -> None:
    plain, rumor = blended(), blended(stage="rumor")

    assert rumor is not None
    assert rumor.stage == "rumor"
    assert sure(rumor) == pytest.approx(sure(plain) / 2)


@given(
    st.builds(
        Opinion,
        type=st.sampled_from(["rates", "growth", "none"]),
        severity=st.integers(1, 5),
        direction=st.sampled_from([-1, 0, 1]),
        confidence=st.integers(0, 3),
        surprise=st.none() | st.integers(-2, 2),
        sectors=st.dictionaries(st.sampled_from(["Utilities", "Energy"]), st.integers(-3, 3)),
        quote=st.sampled_from([None, HEAD, BODY]),
        verified=st.floats(0, 1),
    ),
    st.none()
    | st.builds(
        lambda c, d: msgspec.structs.replace(TOLD, confidence=c, direction=d),
        st.floats(0, 0.85),
        st.sampled_from([-1, 0, 1]),
    ),
)
def test_whatever_is_said_the_row_is_one_that_can_be_kept(opinion: Opinion, told: GlobalEvent | None) -> None:
    event = blend(told, opinion, BULLETIN, EFFECTS, "event-classifier-1")

    if event is not None:
        assert LEAST_CONFIDENCE <= event.confidence <= max(0.75, sure(told))
        assert 1 <= event.severity <= 5
        assert -2 <= event.surprise <= 2
        assert all(-1.0 <= value <= 1.0 for value in event.sectors.values())
        assert event.evidence
        assert all(TEXT[quote.start : quote.end] == quote.quote for quote in event.evidence)
