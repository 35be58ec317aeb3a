"""What the sentiment model sees of a sentence: one company masked as the target, the others as others, and our rules.

Every feature is a string known by its CRC-32. One walk over a sentence serves training and reading: a table makes of
each key either the key itself or its weight, and the walk only adds.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import repeat
from typing import Generic, NamedTuple, Protocol, Self, TypeVar
from zlib import crc32

from stonks.stages.extractor.core.clauses import SUBORDINATE
from stonks.stages.extractor.core.direction import Group, Judgement, Reading, clause_at, holder_of


class Addend(Protocol):
    """What features add up in: weights while reading, the keys themselves in training."""

    def __add__(self, other: Self, /) -> Self:
        """Return both together."""
        ...


T = TypeVar("T", bound=Addend)

FARTHEST_BEFORE, FARTHEST_AFTER = 5, 6
"""Words before and after the target whose distance from it is told apart."""
_WINDOW_BEFORE, _WINDOW_AFTER = 3, 4
_TARGET, _OTHER, _EDGE = "\0T", "\0O", "\0$"
_NOTHING = 0.05
_GRAMS = (3, 4, 5)
_LONGEST_WORD = 40
_LONGEST_SKELETON = 8
_BONES = frozenset((":", "?", ",", *SUBORDINATE, "but"))


class Word(NamedTuple, Generic[T]):
    """What a word adds, by where it stands."""

    always: T
    """Where no company is named."""
    near: tuple[T, ...]
    """From FARTHEST_BEFORE words before the target to FARTHEST_AFTER after it."""
    beyond: tuple[T, ...]
    """The same where another company stands between."""
    bone: bytes
    """Its place in a skeleton, if it has one."""
    seed: int
    """The CRC that every run of words which this one begins goes on from."""
    data: bytes


class Item(NamedTuple):
    """A directional item as a feature: its word and sign, whose it is, and where it stands."""

    word: str
    sign: str
    whose: str
    inside: bool
    side: str
    hedged: bool


class Situation(NamedTuple):
    """What our rules make of a whole sentence, and who is named in it where."""

    whole: int
    score: int | None
    sign: str
    own: bool
    hedged: bool
    about_price: bool
    targets: int
    others: int
    peers: int
    order: str
    before: int
    after: int


class Table(Protocol[T]):
    """What keys are worth, and what was worked out with them before."""

    @property
    def nothing(self) -> T:
        """What is added to."""
        ...

    @property
    def get(self) -> Callable[[int, T], T]:
        """Tells what a key adds, or else the second argument."""
        ...

    @property
    def words(self) -> Mapping[str, Word[T]]:
        """What each word adds."""
        ...

    @property
    def items(self) -> Mapping[Item, T]:
        """What directional items add."""
        ...

    @property
    def situations(self) -> Mapping[Situation, T]:
        """What situations add."""
        ...

    @property
    def skeletons(self) -> Mapping[bytes, T]:
        """What skeletons add."""
        ...


def make_word(text: str, table: Table[T]) -> Word[T]:
    """Return what a word adds by itself, by its pieces of three to five letters and by where it stands."""
    data = text.encode()
    always = _named([f"w={text}", *(f"c={piece}" for piece in _pieces(text))], table)
    before, after = always + _named([f"l={text}"], table), always + _named([f"r={text}"], table)
    before_other, after_other = always + _named([f"ll={text}"], table), always + _named([f"rr={text}"], table)
    distances = [
        (distance, _named(_at(text, distance), table)) for distance in range(-FARTHEST_BEFORE, FARTHEST_AFTER + 1)
    ]
    return Word(
        always=always,
        near=tuple(value + (before if distance < 0 else after) for distance, value in distances),
        beyond=tuple(value + (before_other if distance < 0 else after_other) for distance, value in distances),
        bone=data[1:] if text in {_TARGET, _OTHER} else _BONE.get(text, b""),
        seed=crc32(b"n=" + data),
        data=b" " + data,
    )


def _named(names: Sequence[str], table: Table[T]) -> T:
    value, get, nothing = table.nothing, table.get, table.nothing
    for name in names:
        value += get(crc32(name.encode()), nothing)
    return value


def make_item(item: Item, table: Table[T]) -> T:
    """Return what a directional item adds."""
    mark = item.sign + item.whose
    names = [f"it={mark}", f"i2={mark}{item.inside}{item.side}{item.hedged}", f"iw={item.whose}{item.side}{item.word}"]
    return _named(names, table)


def make_situation(one: Situation, table: Table[T]) -> T:
    """Return what a situation adds."""
    names = [f"all={one.whole}", f"nO={one.others}"]
    if one.score is None:
        names.append("j=none")
    else:
        names += [f"j={one.score}", f"js={one.sign}"]
        names += ["jo=" + one.sign] * one.own + ["jh=" + one.sign] * one.hedged + ["jp=" + one.sign] * one.about_price
    if one.targets:
        names += [f"nT={one.targets}", f"pe={one.peers}", one.order, f"tp={one.before}", f"ta={one.after}"]
    return _named(names, table)


def make_skeleton(bones: bytes, table: Table[T]) -> T:
    """Return what a sentence's skeleton adds, by its runs of two to five bones and, where it is short, as a whole."""
    total, get, nothing = table.nothing, table.get, table.nothing
    for size in range(2, 6):
        for start in range(len(bones) - size + 1):
            total += get(crc32(b"k=" + bones[start : start + size]), nothing)
    if len(bones) <= _LONGEST_SKELETON:
        total += get(crc32(b"K=" + bones), nothing)
    return total


def _pieces(text: str) -> Iterator[str]:
    if text[0] in "\0#":
        return
    framed = f"<{text[:_LONGEST_WORD]}>"
    for size in _GRAMS:
        for start in range(len(framed) - size + 1):
            yield framed[start : start + size]


def _at(text: str, distance: int) -> list[str]:
    names = [f"d{distance}={text}"]
    if -_WINDOW_BEFORE <= distance < 0:
        names.append(f"L={text}")
    if 0 < distance <= _WINDOW_AFTER:
        names.append(f"R={text}")
    return names


def walk(reading: Reading, groups: Sequence[Group], ticker: str, judgement: Judgement | None, table: Table[T]) -> T:
    """Return what all features of a sentence add up to, read as one about this company."""
    texts, places = _masked(reading.sentence.words, groups, ticker)
    words = [table.words[text] for text in texts]
    if not words:
        return table.nothing
    targets = [place for place, text in enumerate(texts) if text == _TARGET] if _TARGET in texts else []
    total = _runs(words, targets[0] if targets else None, table)
    total += _worded(texts, words, targets, table.nothing)
    items = table.items
    for item in _items(reading, groups, ticker):
        total += items[item]
    situation = _situation(reading, groups, ticker, judgement)
    return total + table.situations[situation] + table.skeletons[_skeleton(reading, words, places)]


def _masked(words: Sequence[str], groups: Sequence[Group], ticker: str) -> tuple[list[str], list[int]]:
    """Return the words with figures as one and each run of companies as one, and where each stood."""
    shown = [word if not "0" <= word[0] <= "9" else "#%" if word[-1] == "%" else "#" for word in words]
    places = list(range(len(shown)))
    for group in reversed(groups):
        shown[group.lo : group.hi] = [_TARGET if ticker in group.tickers else _OTHER]
        places[group.lo : group.hi] = [group.lo]
    return shown, places


def _runs(words: Sequence[Word[T]], first: int | None, table: Table[T]) -> T:
    """Return what every two and three words in a row add, the sentence's ends being words too.

    Two words also tell on which side of the first target they begin.
    """
    edge, nothing = table.words[_EDGE], table.nothing
    data: list[bytes] = [*[word.data for word in words], edge.data]
    pairs: list[int] = list(map(crc32, data, [edge.seed, *[word.seed for word in words]]))
    keys = [*pairs, *map(crc32, data[1:], pairs)]
    if first is not None:
        keys += [pair ^ _LEFT for pair in pairs[1 : first + 1]]
        keys += [pair ^ _RIGHT for pair in pairs[first + 1 : -1]]
    return sum(map(table.get, keys, repeat(nothing)), nothing)


_LEFT, _RIGHT = crc32(b"left"), crc32(b"right")


def _worded(texts: Sequence[str], words: Sequence[Word[T]], targets: Sequence[int], nothing: T) -> T:
    """Return what words add by their distance from the nearest target, and beyond other companies."""
    if not targets:
        return sum([word.always for word in words], nothing)
    first, last, count = targets[0], targets[-1], len(words)
    if first == last and count <= _CENTRE:
        indexes: Sequence[int] = _INDEXES[_CENTRE - first : _CENTRE - first + count]
    else:
        nearest = [min([place - one for one in targets], key=abs) for place in range(count)]
        indexes = [_index(distance) for distance in nearest]
    rows = [word.near for word in words]
    if _OTHER in texts:
        others = [place for place, text in enumerate(texts) if text == _OTHER]
        before = 1 + max((place for place in others if place < first), default=-1)
        after = min((place for place in others if place > last), default=count)
        rows[:before] = [word.beyond for word in words[:before]]
        rows[after:] = [word.beyond for word in words[after:]]
    return sum([row[index] for row, index in zip(rows, indexes, strict=True)], nothing)


def _index(distance: int) -> int:
    return max(-FARTHEST_BEFORE, min(distance, FARTHEST_AFTER)) + FARTHEST_BEFORE


_CENTRE = 300
_INDEXES = tuple(_index(distance) for distance in range(-_CENTRE, _CENTRE))


def _skeleton(reading: Reading, words: Sequence[Word[T]], places: Sequence[int]) -> bytes:
    """Return a byte each for target, others, words that part them, ends of clauses, better and worse."""
    bones = [word.bone for word in words]
    for item in reading.items:
        _mark(bones, places, item.at, _sign(item.value).encode())
    for clause in reading.clauses:
        if clause.lo:
            _mark(bones, places, clause.lo, b";")
    return b"".join(bones)


def _mark(bones: list[bytes], places: Sequence[int], at: int, bone: bytes) -> None:
    index = bisect_left(places, at)
    if index < len(places) and places[index] == at:
        bones[index] = bone + bones[index]


def _items(reading: Reading, groups: Sequence[Group], ticker: str) -> Iterator[Item]:
    own = [group.lo for group in groups if ticker in group.tickers]
    for item in reading.items:
        clause = clause_at(reading.clauses, item.at)
        inside = [group for group in groups if clause.lo <= group.lo < clause.hi]
        holder = holder_of(item.at, inside, ahead=item.ahead)
        yield Item(
            word=reading.sentence.words[item.at],
            sign=_sign(item.value),
            whose="N" if holder is None else "T" if ticker in holder.tickers else "O",
            inside=any(ticker in group.tickers for group in inside),
            side="" if not own else "b" if item.at < own[0] else "a",
            hedged=item.hedged,
        )


def _situation(reading: Reading, groups: Sequence[Group], ticker: str, judgement: Judgement | None) -> Situation:
    whole = round(max(-2.0, min(2.0, sum([item.value for item in reading.items]))) * 2)
    if judgement is None:
        told: tuple[int | None, str, bool, bool, bool] = (None, "", False, False, False)
    else:
        score = judgement.score
        told = (round(score * 4), _sign(score), judgement.own, judgement.hedged, judgement.about_price)
    own = [group for group in groups if ticker in group.tickers]
    others = min(len(groups) - len(own), 3)
    if not own:
        return Situation(whole, *told, 0, others, 0, "", 0, 0)
    first, last = own[0], own[-1]
    order = "first" if groups[0] is first else "last" if groups[-1] is last else "mid"
    after = min(len(reading.sentence.words) - last.hi, 4)
    return Situation(whole, *told, min(len(own), 2), others, min(len(first.tickers), 4), order, min(first.lo, 4), after)


def _sign(value: float) -> str:
    return "+" if value > _NOTHING else "-" if value < -_NOTHING else "0"


_BONE = {word: bytes((128 + index,)) for index, word in enumerate(sorted(_BONES))}
