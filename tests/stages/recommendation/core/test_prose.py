import pytest
from hypothesis import given, strategies as st

from stonks.model.recommendation import Advice
from stonks.stages.recommendation.core import prose

GIVEN = "score: +0.42\nchance: 54.1%\nnet: -1.20%\n1,200 shares, 2025-04-10 11:40 UTC, the next five sessions"


@pytest.mark.parametrize(
    "told",
    [
        "The score is 0.42 and the chance 54.1 percent.",
        "A loss of \u22121.20% on 1200 shares.",
        "On 2025-04-10 at 11:40, for five sessions.",
        "Nothing in figures.",
    ],
)
def test_a_figure_may_be_spelled_otherwise(told: str) -> None:
    assert prose.unknown_figures(told, GIVEN) == []


@pytest.mark.parametrize(
    ("told", "figures"),
    [
        ("The chance is 54%.", ["54%"]),
        ("The chance is 54.1.", ["54.1"]),
        ("The score is -0.42.", ["-0.42"]),
        ("The net is 1.20%.", ["1.20%"]),
        ("It was 10 days ago.", ["10"]),
        ("It may rise twice, to twenty-five or half a million.", ["half", "million", "twenty-five", "twice"]),
        ("The chance is \u0665\u0664.\u0661%.", ["\u0665\u0664.\u0661%"]),
        ("The chance is \uff15\uff15%.", ["55%"]),
    ],
)
def test_a_figure_that_was_not_given_is_seen(told: str, figures: list[str]) -> None:
    assert prose.unknown_figures(told, GIVEN) == figures


@given(st.decimals(0, 10_000, places=2))
def test_only_the_very_figure_passes(value: object) -> None:
    assert prose.unknown_figures(f"it is {value}%.", f"it: {value}%") == []
    assert prose.unknown_figures(f"it is {value}1%.", f"it: {value}%") != []
    assert prose.unknown_figures(f"it is -{value}%.", f"it: {value}%") != []


def test_what_is_part_of_a_name_is_no_figure() -> None:
    assert prose.unknown_figures(prose.without("3M told 24/7 Wire of E2.", ["3M", "24/7 Wire", "E2"]), "") == []
    assert prose.unknown_figures(prose.without("3Ms grew 3.", ["3M"]), "") == ["3"]


@pytest.mark.parametrize(
    ("action", "told", "words"),
    [
        (Advice.BUY, "The case to buy is clear. The buyback helps a short-term trend.", []),
        (Advice.BUY, "Better to sell now.", ["sell"]),
        (Advice.BUY, "Hold it, or watch.", ["hold", "watch"]),
        (Advice.BUY, "There is no reason to buy.", ["no reason to buy"]),
        (Advice.BUY, "One shouldn't really buy here.", ["n't really buy"]),
        (Advice.SELL, "Selling it is the case made.", []),
        (Advice.SELL, "Buying rather than selling.", ["buying", "rather than selling"]),
        (Advice.SELL, "\uff22uy it.", ["buy"]),
    ],
)
def test_words_against_the_action_are_seen(action: Advice, told: str, words: list[str]) -> None:
    assert prose.wrong_actions(told, action) == words


@pytest.mark.parametrize(
    ("told", "found"),
    [("Guaranteed gains, you should act now.", 3), ("It will soar without doubt.", 2), ("It may rise.", 0)],
)
def test_promises_are_seen(told: str, found: int) -> None:
    assert len(prose.promises(told)) == found


@pytest.mark.parametrize("told", ["see https://x.example", "<b>bold</b>", "hid\u200bden", "b\u0443y", "a\tb"])
def test_strange_signs_are_seen(told: str) -> None:
    assert prose.strange_signs(told)


def test_plain_sentences_have_no_strange_signs() -> None:
    assert prose.strange_signs("Nestlé’s case \u2013 a \u20ac5 rise, 54.1%.\nSo it is.") == []
