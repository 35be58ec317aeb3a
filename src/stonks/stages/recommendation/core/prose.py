"""What may stand in prose that a model wrote about a recommendation: figures it was given, its action, no promises."""

import re
import unicodedata
from collections.abc import Iterable

from stonks.model.recommendation import Advice

MOST_WORDS = 160

_FIGURE = re.compile(
    r"\d{4}-\d{2}-\d{2}|\d{1,2}:\d{2}|[-+\u2212]?\d+(?:[.,]\d+)*(?:\s?(?:%|per\s?cent))?", re.IGNORECASE
)
"""A date, a time, or a figure with its sign and percent sign."""
_TENS = "ten|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_IN_WORDS = re.compile(
    r"\b(?:two|three|four|five|six|seven|eight|nine|eleven|twelve|dozen\w*|\w+teen|hundred\w*|thousand\w*"
    rf"|million\w*|(?:b|tr)illion\w*|twice|thrice|doubl\w+|tripl\w+|quadrupl\w+|tenfold|half|halv\w+"
    rf"|(?:{_TENS})(?:-\w+)?)\b",
    re.IGNORECASE,
)
_ACTIONS = {
    Advice.BUY: r"buy(?:ing|s)?|bought|accumulat\w+",
    Advice.SELL: r"sell(?:ing|s)?|sold|short(?:ing|ed)|short (?:it|the)|exit(?:ing|ed)?|dump\w*",
    Advice.HOLD: r"hold(?:ing)?",
    Advice.WATCH: r"watch(?:ing)?|wait(?:ing)?|stay away|avoid\w*",
}
_REFUSAL = r"(?:\b(?:not|never|no|against|cannot|rather than|instead of|stop)|n't)\W+(?:\w+\W+){{0,3}}(?:{action})\b"
_ADVICE = re.compile(
    r"\b(?:guarantee\w*|you|your|we recommend|i recommend|risk[- ]free|no risk|certain(?:ly)?|sure(?:ly)?|no doubt"
    r"|undoubtedly|without (?:any )?doubt|can ?not lose|can't lose|must|always|will (?:rise|fall|soar|surge|double|pay)"
    r"|act now|hurry|financial advice|all[- ]in)\b",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"https?:|www\.|[<>\[\]{}`$|\\]")
_UNSEEN = frozenset(("Cc", "Cf", "Co", "Cs"))


def figures_in(text: str) -> frozenset[str]:
    """Return the figures of a text in one spelling, ``-0.42``, ``1200``, ``54.1%``, and words that are figures."""
    plain = unicodedata.normalize("NFKC", text)
    return frozenset(map(_spelled, _FIGURE.findall(plain))) | frozenset(map(str.lower, _IN_WORDS.findall(plain)))


def _spelled(figure: str) -> str:
    """Return a figure without a plus, commas between thousands and blanks; per cent is %."""
    bare = re.sub(r"\s?per\s?cent", "%", figure, flags=re.IGNORECASE).replace("\u2212", "-")
    return re.sub(r",(?=\d{3}(?!\d))", "", bare.removeprefix("+")).replace(" ", "")


def unknown_figures(prose: str, given: str) -> list[str]:
    """Return the figures of a prose that are not among those given."""
    return sorted(figures_in(prose) - figures_in(given))


def without(prose: str, names: Iterable[str]) -> str:
    """Return a prose without names: what is part of a name is neither a figure nor an action."""
    for name in sorted(filter(None, names), key=len, reverse=True):
        prose = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", " ", prose)
    return prose


def wrong_actions(prose: str, action: Advice) -> list[str]:
    """Return the words that name another action, or the action itself where it is denied."""
    other = "|".join(words for each, words in _ACTIONS.items() if each is not action)
    denied = _REFUSAL.format(action=_ACTIONS[action])
    plain = unicodedata.normalize("NFKC", prose)
    return [found[0].lower() for found in re.finditer(rf"\b(?:{other})\b|{denied}", plain, re.IGNORECASE)]


def names_action(prose: str, action: Advice) -> bool:
    """Return whether a prose names the action."""
    return re.search(rf"\b(?:{_ACTIONS[action]})\b", prose, re.IGNORECASE) is not None


def promises(prose: str) -> list[str]:
    """Return the words that promise, press or address the reader."""
    return [found[0].lower() for found in _ADVICE.finditer(unicodedata.normalize("NFKC", prose))]


def strange_signs(prose: str) -> list[str]:
    """Return what has no place in plain sentences: links, markup, letters of other scripts, what is not seen."""
    return _MARKUP.findall(prose) + [f"U+{ord(char):04X}" for char in prose if char != "\n" and _is_strange(char)]


def _is_strange(char: str) -> bool:
    """Whether a character is unseen, or a letter that only looks like one of ours."""
    if char.isascii():
        return not char.isprintable()
    return unicodedata.category(char) in _UNSEEN or (char.isalpha() and "LATIN" not in unicodedata.name(char, ""))


def word_count(prose: str) -> int:
    """Return how many words a prose has."""
    return len(prose.split())
