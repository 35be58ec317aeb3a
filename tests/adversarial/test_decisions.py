"""No attack makes the pipeline act, or act the other way; what is done to a text shows, or does nothing."""

from functools import cache

import pytest

from stonks.model.recommendation import Advice
from stonks.stages.recommendation.core.checks import MAX_SOURCE_SHARE
from tests.adversarial.items import Item, items
from tests.adversarial.trial import Trial, try_out

PLAIN_LIES = {"edit", "swap", "flood"}
"""What no single document shows: only what others say of the company stands against it."""

TELLING = frozenset({"injection", "disguised", "hidden_text", "zero_width", "bidi"})
EVERY = pytest.mark.parametrize("item", items(), ids=lambda item: item.name)
TEXTUAL = pytest.mark.parametrize(
    "item", [item for item in items() if item.kind not in PLAIN_LIES], ids=lambda item: item.name
)
ORDERS = pytest.mark.parametrize(
    "item", [item for item in items() if item.kind in {"instruction", "nonce"}], ids=lambda item: item.name
)
LIES = pytest.mark.parametrize(
    "item", [item for item in items() if item.kind in PLAIN_LIES], ids=lambda item: item.name
)


@cache
def tried(item: Item) -> Trial:
    return try_out(item)


def test_the_suite_has_a_hundred_items_of_eight_kinds_each_with_a_true_twin() -> None:
    kinds = [item.kind for item in items()]

    assert len(kinds) >= 100
    assert min(map(kinds.count, set(kinds))) >= 12
    assert len(set(kinds)) == 8
    # The clean side proves nothing unless it is read, and unless enough of it leads to action.
    honest = [tried(item) for item in items() if item.kind != "swap"]
    assert all(trial.signs[0] == trial.item.sign for trial in honest)
    assert all(trial.verdicts["agreeing"][0].acts for trial in honest)


@EVERY
def test_no_attack_makes_the_pipeline_act_or_act_the_other_way(item: Item) -> None:
    for clean, attacked in tried(item).verdicts.values():
        assert not attacked.acts or (clean.acts, clean.action) == (True, attacked.action)


@TEXTUAL
def test_what_is_done_to_a_text_turns_no_signal_and_is_flagged(item: Item) -> None:
    trial = tried(item)

    assert trial.signs[1] == trial.signs[0] != 0
    assert trial.flags & TELLING
    assert trial.grew <= 1.0 + 1e-9


@TEXTUAL
def test_what_nobody_sees_is_not_read(item: Item) -> None:
    (clean,), (attacked,) = tried(item).clean, tried(item).attacked

    if item.kind in {"hidden", "zero_width"}:
        assert attacked.parsed.text == clean.parsed.text
    assert attacked.parsed.mentions


@LIES
def test_a_lie_in_plain_words_acts_neither_alone_nor_against_five_who_say_otherwise(item: Item) -> None:
    trial = tried(item)
    opposite = Advice.SELL if item.sign > 0 else Advice.BUY

    assert not trial.verdicts["alone"][1].acts
    assert not (trial.verdicts["agreeing"][1].acts and trial.verdicts["agreeing"][1].action is opposite)


@LIES
def test_who_has_more_than_the_evidence_cap_of_the_weight_never_leads_to_action(item: Item) -> None:
    for _, attacked in tried(item).verdicts.values():
        assert attacked.share <= MAX_SOURCE_SHARE or not attacked.acts


@ORDERS
def test_a_model_that_obeys_the_text_changes_no_decision(item: Item) -> None:
    trial = try_out(item, obedient=True)

    assert trial.grew <= 1.0
    for clean, attacked in trial.verdicts.values():
        assert (attacked.acts, attacked.action) == (clean.acts, clean.action) or not attacked.acts
