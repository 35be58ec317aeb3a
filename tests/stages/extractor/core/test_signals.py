from uuid import UUID

import pytest

from stonks.model.document import DocumentType
from stonks.model.signal import EventType, HalfLife, Layer, MacroImpact
from stonks.stages.extractor.core.publishers import credibility
from stonks.stages.extractor.core.signals import company_signal, macro_signal
from tests.fakes.extractions import NOW, make_document, make_event, make_impact


def test_a_signal_stands_under_its_leading_event() -> None:
    signal = company_signal(make_document(), make_impact(EventType.RECALL, EventType.PRODUCT), "rules-1", NOW)

    assert signal is not None
    assert (signal.event_type, signal.half_life, signal.layer) == ("recall", HalfLife.B2, Layer.COMPANY)
    assert (signal.known_at, signal.event_at) == (NOW, make_document().published_at)


def test_a_price_move_is_forgotten_within_hours() -> None:
    signal = company_signal(make_document(), make_impact(horizon="intraday"), "rules-1", NOW)

    assert signal is not None
    assert signal.half_life is HalfLife.B0


def test_what_has_no_direction_is_no_signal() -> None:
    impact = make_impact(EventType.MANAGEMENT_CHANGE, direction=0.0, strength=0.0)

    assert company_signal(make_document(), impact, "rules-1", NOW) is None


def test_copies_of_a_story_share_its_cluster() -> None:
    cluster = UUID(int=9)
    copy = company_signal(make_document(story_cluster_id=cluster), make_impact(), "rules-1", NOW)
    alone = company_signal(make_document(), make_impact(), "rules-1", NOW)

    assert copy is not None
    assert alone is not None
    assert (copy.cluster_id, alone.cluster_id) == (cluster, make_document().id)


def test_another_extractor_version_is_another_signal() -> None:
    one, other = (company_signal(make_document(), make_impact(), version, NOW) for version in ("rules-1", "rules-2"))

    assert one is not None
    assert other is not None
    assert one.id != other.id


@pytest.mark.parametrize(
    ("publisher", "document_type", "trust"),
    [
        ("SEC", DocumentType.FILING, 1.5),
        ("reuters", DocumentType.NEWS, 1.36),
        ("CNBC", DocumentType.NEWS, 1.22),
        ("Business Wire", DocumentType.PRESS_RELEASE, 0.94),
        ("Some blog", DocumentType.NEWS, 0.8),
        ("StockTwits", DocumentType.NEWS, 0.52),
    ],
)
def test_trust_follows_the_publishers_tier(publisher: str, document_type: DocumentType, trust: float) -> None:
    assert credibility(publisher, document_type) == pytest.approx(trust)


def test_a_macro_impact_becomes_a_signal_of_its_sign_and_size() -> None:
    impact = MacroImpact(event_id=UUID(int=7), ticker="BA", impact=-0.3, terms={}, coverage=0.4)

    signal = macro_signal(make_document(), make_event(), impact, 0.9, NOW)

    assert signal is not None
    assert (signal.direction, signal.strength, signal.half_life) == (-1.0, 0.3, HalfLife.B4)
    assert signal.confidence == pytest.approx(0.8 * 0.4)
    assert (signal.layer, signal.event_type, signal.origin_id) == (Layer.MACRO, "tariff_trade", UUID(int=7))


def test_a_small_macro_impact_is_no_signal() -> None:
    impact = MacroImpact(event_id=UUID(int=7), ticker="BA", impact=0.049, terms={}, coverage=0.4)

    assert macro_signal(make_document(), make_event(), impact, 1.0, NOW) is None
