"""Where a filing tells of its company as we: it rarely names itself, and its first sentences tell little."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

MOST_OWN = 20
"""Places of one filing that are looked up: the others of its sentences are left to those that name the company."""

_TELLING = (
    r"increased|decreased|declined|grew|rose|fell|improved|impaired|restructured|terminated|acquired|divested"
    r"|(?<=we )sold|(?<=company )sold"
    r"|repurchased|settled|defaulted|restated|resigned|appointed|awarded|laid off|reduced|recalled|breached|approved"
    r"|recorded|completed|announced|started|paused|suspended|raised|lowered|(?:was|were) (?:higher|lower)"
)
_OWN = re.compile(rf"\b(?:we|our|the company)\b[^.\n]{{1,120}}?\b(?:{_TELLING})\b", re.IGNORECASE)
_SUPPOSED = re.compile(
    r"\b(?:may|might|could|would|can|cannot|should|if|whether|risks?|depends?|subject to|intend|believe|expect\w*"
    r"|estimate[sd]?|judgments?|assumptions?|policy|policies|seek|strive|aim|goals?|designed to)\b",
    re.IGNORECASE,
)
_LONGEST = 400
_SHORT_OF = 5
"""How many matches are looked at for every place that is kept."""


def own_places(text: str, regions: Sequence[tuple[int, int]]) -> list[int]:
    """Return where sentences of these regions begin to tell, in our or the company's name, that something happened.

    What only may happen, is estimated or is a policy is left out. The first regions are served first.
    """
    return list(islice(_places(text, regions), MOST_OWN))


def _places(text: str, regions: Sequence[tuple[int, int]]) -> Iterator[int]:
    for match in islice(_matches(text, regions), _SHORT_OF * MOST_OWN):
        end = text.find(".", match.end(), match.end() + _LONGEST)
        told = text[_begin(text, match.start()) : end if end >= 0 else match.end()]
        if _SUPPOSED.search(told) is None:
            yield match.start()


def _matches(text: str, regions: Sequence[tuple[int, int]]) -> Iterator[re.Match[str]]:
    for start, end in regions:
        yield from _OWN.finditer(text, start, end)


def _begin(text: str, place: int) -> int:
    floor = max(0, place - _LONGEST)
    return max(floor, text.rfind(". ", floor, place) + 1, text.rfind("\n", floor, place) + 1)
