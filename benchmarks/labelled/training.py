"""Training of the sentiment model: multinomial logistic regression on counts of hashed features, with numpy alone."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from labelled.sets import CLASSES, Headline, article_of, folds
from stonks.stages.extractor.core.direction import judge
from stonks.stages.extractor.core.extract import read_passages
from stonks.stages.extractor.core.opinions import Passage
from stonks.stages.extractor.core.sentiment import Header, Kept, Sentiment, pack
from stonks.stages.extractor.core.sentiment_features import make_item, make_situation, make_skeleton, make_word, walk

VERSION = "embedded-2"
FOLDS = 5
C = 0.05
"""How much a training text weighs against large weights."""
RAREST = 2
"""Features of fewer texts are left out."""
_ROUNDS = 120
_MEMORY = 10
_ENOUGH = 1e-5
_STEPS = 127
_LEAST = 3
"""Steps that the larger of a feature's two weights has, or else it is left out; less would only be rounding."""
_NEUTRAL = CLASSES.index("neutral")


class Labelled(NamedTuple):
    """One judged entity: its headline's number, its passages, its name, the features of each passage, and its class."""

    headline: int
    passages: tuple[Passage, ...]
    name: str
    keys: tuple[tuple[int, ...], ...]
    label: int


class Fitted(NamedTuple):
    """Weights by feature and class, and the classes' bias."""

    keys: np.ndarray
    weights: np.ndarray
    bias: np.ndarray


class Counts(NamedTuple):
    """A sparse matrix: of each row its columns, one after another, with where each row begins."""

    columns: np.ndarray
    starts: np.ndarray
    width: int


class Collector:
    """The table that makes of each key the key itself."""

    nothing: tuple[int, ...] = ()

    def __init__(self) -> None:
        """Know no word yet."""
        self.words = Kept(partial(make_word, table=self))
        self.items = Kept(partial(make_item, table=self))
        self.situations = Kept(partial(make_situation, table=self))
        self.skeletons = Kept(partial(make_skeleton, table=self))

    def get(self, key: int, _: tuple[int, ...]) -> tuple[int, ...]:
        """Return the key."""
        return (key,)


def labelled(headlines: Sequence[Headline]) -> list[Labelled]:
    """Return every judged entity with the features of the sentences that name it, or of all where none does."""
    collector, rows = Collector(), []
    for number, headline in enumerate(headlines):
        passages = read_passages(article_of(headline.text, list(headline.entities)))
        for name, label in headline.entities.items():
            own = [one for one in passages if any(name in group.tickers for group in one.groups)] or passages
            keys = tuple(
                walk(one.reading, one.groups, name, judge(one.reading, one.groups, name), collector) for one in own
            )
            rows.append(Labelled(number, tuple(own), name, keys, CLASSES.index(label)))
    return rows


def fit(rows: Sequence[Labelled]) -> Fitted:
    """Return the weights that make these labels likely, each the smaller the more texts its feature stands in."""
    sets = [np.array([key for keys in row.keys for key in keys], np.int64) for row in rows]
    present = np.concatenate([np.unique(one) for one in sets])
    keys, texts = np.unique(present, return_counts=True)
    keys, texts = keys[texts >= RAREST], texts[texts >= RAREST]
    rarity = np.log(1 + len(rows) / texts) / 5
    labels = np.array([row.label for row in rows])
    weights, bias = _minimum(_counted(sets, keys), rarity, labels)
    return Fitted(keys, weights * rarity[:, None], bias)


def _counted(sets: Sequence[np.ndarray], keys: np.ndarray) -> Counts:
    columns, starts, size = [], [], 0
    for one in sets:
        found = np.searchsorted(keys, one).clip(max=len(keys) - 1)
        found = found[keys[found] == one]
        columns.append(found)
        starts.append(size)
        size += len(found)
    return Counts(np.concatenate(columns), np.array(starts), len(keys))


def _minimum(counts: Counts, rarity: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    rows, classes = len(labels), len(CLASSES)
    lengths = np.diff(np.append(counts.starts, len(counts.columns)))
    owner = np.repeat(np.arange(rows), lengths)
    truth = np.eye(classes)[labels]

    def loss(point: np.ndarray) -> tuple[float, np.ndarray]:
        weights, bias = point[:-classes].reshape(counts.width, classes), point[-classes:]
        odds = np.add.reduceat((weights * rarity[:, None])[counts.columns], counts.starts) + bias
        odds -= odds.max(axis=1, keepdims=True)
        log_share = odds - np.log(np.exp(odds).sum(axis=1, keepdims=True))
        value = -C * (truth * log_share).sum() + 0.5 * (weights * weights).sum()
        error = np.exp(log_share) - truth
        slope = [
            np.bincount(counts.columns, weights=error[owner, one], minlength=counts.width) for one in range(classes)
        ]
        gradient = C * np.stack(slope, axis=1) * rarity[:, None] + weights
        return value / rows, np.concatenate([gradient.ravel(), C * error.sum(axis=0)]) / rows

    point = _descended(loss, np.zeros((counts.width + 1) * classes))
    return point[:-classes].reshape(counts.width, classes), point[-classes:]


def _descended(loss: Callable[[np.ndarray], tuple[float, np.ndarray]], point: np.ndarray) -> np.ndarray:
    """Return where a smooth convex function is least: L-BFGS with halved steps (Nocedal and Wright, algorithm 7.5)."""
    value, slope = loss(point)
    past: list[tuple[np.ndarray, np.ndarray]] = []
    for _ in range(_ROUNDS):
        way = -_turned(slope, past)
        step, promised = 1.0, float(slope @ way)
        while True:
            there = point + step * way
            new_value, new_slope = loss(there)
            if new_value <= value + 1e-4 * step * promised or step < _ENOUGH:
                break
            step /= 2
        move, change = there - point, new_slope - slope
        past = [*past[1 - _MEMORY :], (move, change)] if move @ change > 0 else past
        settled = abs(value - new_value) < _ENOUGH * max(1.0, abs(value))
        point, value, slope = there, new_value, new_slope
        if settled:
            break
    return point


def _turned(slope: np.ndarray, past: Sequence[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    way, shares = slope.copy(), []
    for move, change in reversed(past):
        shares.append((move @ way) / (move @ change))
        way -= shares[-1] * change
    way *= (past[-1][0] @ past[-1][1]) / (past[-1][1] @ past[-1][1]) if past else 1 / max(1.0, np.linalg.norm(slope))
    for (move, change), share in zip(past, reversed(shares), strict=True):
        way += (share - (change @ way) / (move @ change)) * move
    return way


def packed(fitted: Fitted, temperatures: tuple[float, float] = (1.0, 1.0)) -> bytes:
    """Return the file of these weights: against neutral, in a byte each, without those near nothing."""
    against = np.delete(fitted.weights - fitted.weights[:, [_NEUTRAL]], _NEUTRAL, axis=1)
    scale = float(f"{np.abs(against).max() / _STEPS:.4g}")
    steps = np.rint(against / scale).clip(-_STEPS, _STEPS)
    kept = np.abs(steps).max(axis=1) >= _LEAST
    bias = np.delete(fitted.bias - fitted.bias[_NEUTRAL], _NEUTRAL)
    header = Header(
        version=VERSION,
        features=int(kept.sum()),
        scale=scale,
        bias=(round(float(bias[0]), 5), round(float(bias[1]), 5)),
        temperature=temperatures[0],
        sign_temperature=temperatures[1],
    )
    return pack(header, fitted.keys[kept], steps[kept].T)


class Held(NamedTuple):
    """What models that had not seen a headline say of each entity: log-odds against neutral, and its model."""

    odds: np.ndarray
    models: list[Sentiment]


def held_out(rows: Sequence[Labelled], headlines: Sequence[Headline]) -> Held:
    """Return the answer to each row of a model trained on the other folds only."""
    fold = np.array(folds(headlines, FOLDS))[[row.headline for row in rows]]
    odds, models = np.zeros((len(rows), 2)), []
    for one in range(FOLDS):
        data = packed(fit([row for row, place in zip(rows, fold, strict=True) if place != one]))
        models.append(Sentiment.parse(data))
        for place in np.flatnonzero(fold == one):
            odds[place] = log_odds(models[-1], rows[place])
    return Held(odds, models)


def log_odds(model: Sentiment, row: Labelled) -> np.ndarray:
    """Return the mean log-odds of the sentences that speak of an entity."""
    told = [
        model.log_odds(one.reading, one.groups, row.name, judge(one.reading, one.groups, row.name))
        for one in row.passages
    ]
    return np.mean(told, axis=0)


def shares(odds: np.ndarray, temperature: float) -> np.ndarray:
    """Return the probabilities of the classes, in their order, from log-odds of the outer two against neutral."""
    whole = np.insert(odds / temperature, _NEUTRAL, 0.0, axis=1)
    whole = np.exp(whole - whole.max(axis=1, keepdims=True))
    return whole / whole.sum(axis=1, keepdims=True)


def temperatures(odds: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Return the temperatures at which held-out labels, and held-out signs, are likeliest."""
    grid = [round(0.4 + 0.02 * step, 2) for step in range(111)]
    rows = np.arange(len(labels))
    classes = min(grid, key=lambda heat: -np.log(shares(odds, heat)[rows, labels] + 1e-12).sum())
    spoken = labels != _NEUTRAL
    ahead = (odds[:, 0] - odds[:, 1])[spoken] * np.where(labels[spoken] == 0, 1.0, -1.0)
    signs = min(grid, key=lambda heat: np.logaddexp(0.0, -ahead / heat).sum())
    return classes, signs
