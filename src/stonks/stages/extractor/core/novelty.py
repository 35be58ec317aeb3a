"""How new a story is: one minus its likeness to what was told of the same company in the week before."""

import re
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

import msgspec

from stonks.stages.extractor.core.lexicon import STOP

LOOK_BACK = timedelta(days=7)

_WORD = re.compile(r"\d+(?:[.,]\d+)*%?|[^\W\d_]{2,}")


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """An earlier document about a company: the story it belongs to and its title."""

    ticker: str
    title: str
    cluster_id: UUID


def story_words(title: str, names: Iterable[str] = ()) -> frozenset[str]:
    """Return the words of a title that tell its story: no stop words, no names of its company, plurals as singulars."""
    own = {word for name in names for word in _WORD.findall(name.casefold())}
    return frozenset(_stem(word) for word in _WORD.findall(title.casefold()) if word not in STOP and word not in own)


def _stem(word: str) -> str:
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) > 2:  # noqa: PLR2004 - what is left must be a word
            return word[: -len(ending)]
    return word


def novelty(words: frozenset[str], cluster_id: UUID, earlier: Iterable[Told], names: Iterable[str] = ()) -> float:
    """Return 1 for a story nobody told in the given week, 0 for the same story again.

    ``earlier`` must hold only documents that come before this one by (known_at, id), so that nothing depends on the
    order in which documents of one instant are read.
    """
    own, likest = tuple(names), 0.0
    for told in earlier:
        if told.cluster_id == cluster_id:
            return 0.0
        other = story_words(told.title, own)
        if words and other:
            likest = max(likest, len(words & other) / len(words | other))
    return 1.0 - likest
