"""The sentiment model: a linear one over hashed features, whose weights are given, never read here."""

from collections.abc import Callable, Sequence
from functools import partial
from math import exp, tanh
from typing import TYPE_CHECKING, TypeVar

import msgspec

from stonks.stages.extractor.core.direction import Group, Judgement, Reading
from stonks.stages.extractor.core.sentiment_features import make_item, make_situation, make_skeleton, make_word, walk

if TYPE_CHECKING:
    import numpy as np

K = TypeVar("K")
V = TypeVar("V")

MAGIC = b"stonks-sentiment-1\n"
"""How a file of weights begins; a header in JSON follows on a line of its own, then keys and weights."""

_MOST_KEPT = 8192
"""Values kept ready; when there are more all are forgotten."""


class Kept(dict[K, V]):
    """What was worked out once, and on demand whatever else is asked for; the memory it takes is bounded."""

    def __init__(self, make: Callable[[K], V]) -> None:
        """Work values out with this."""
        super().__init__()
        self._make = make

    def __missing__(self, key: K) -> V:
        """Return a value that was not asked for lately."""
        if len(self) >= _MOST_KEPT:
            self.clear()
        value = self[key] = self._make(key)
        return value


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What a file of weights says before them."""

    version: str
    """The extractor version that its answers are stored under."""
    features: int
    scale: float
    """What one step of a stored weight is worth."""
    bias: tuple[float, float]
    """Log-odds of positive and of negative against neutral, before anything is read."""
    temperature: float
    """By which log-odds are divided so that probabilities are those of texts not trained on."""
    sign_temperature: float
    """The same for which of the two signs it is, if it is one of them."""


class Opinion(msgspec.Struct, frozen=True):
    """How a sentence speaks of a company: probabilities of the three classes, and how sure the sign is."""

    positive: float
    neutral: float
    negative: float
    sure: float
    """2p - 1 for the probability p that the sign is the right one, were the company not spoken of neutrally."""

    @property
    def score(self) -> float:
        """P(positive) - P(negative)."""
        return self.positive - self.negative

    @property
    def takes_side(self) -> bool:
        """Whether neutral is not the likeliest."""
        return max(self.positive, self.negative) > self.neutral


class Sentiment:
    """The model in memory. A weight is one complex number, positive + negative * 1j, so that one addition adds both."""

    nothing = 0j

    def __init__(self, header: Header, table: dict[int, complex]) -> None:
        """Take weights by key, in steps of the header's scale."""
        self.header = header
        self.get = table.get
        self.words = Kept(partial(make_word, table=self))
        self.items = Kept(partial(make_item, table=self))
        self.situations = Kept(partial(make_situation, table=self))
        self.skeletons = Kept(partial(make_skeleton, table=self))

    @classmethod
    def parse(cls, data: bytes) -> "Sentiment":
        """Return the model that a file holds.

        Raises:
            ValueError: it is no such file.
        """
        import numpy as np

        if not data.startswith(MAGIC):
            raise ValueError("no weights of a sentiment model")
        head, _, body = data[len(MAGIC) :].partition(b"\n")
        header = msgspec.json.decode(head, type=Header)
        keys = np.frombuffer(body, np.uint32, header.features)
        steps = np.frombuffer(body, np.int8, 2 * header.features, keys.nbytes).reshape(2, -1).astype(np.float64)
        known: dict[complex, complex] = {}  # few differ: that all keys of one weight share it halves what is looked up
        weights = [known.setdefault(weight, weight) for weight in (steps[0] + 1j * steps[1]).tolist()]
        return cls(header, dict(zip(keys.tolist(), weights, strict=True)))

    def log_odds(
        self, reading: Reading, groups: Sequence[Group], ticker: str, judgement: Judgement | None
    ) -> tuple[float, float]:
        """Return the log-odds of positive and of negative against neutral, as trained."""
        total = walk(reading, groups, ticker, judgement, self) * self.header.scale
        return total.real + self.header.bias[0], total.imag + self.header.bias[1]

    def read(self, reading: Reading, groups: Sequence[Group], ticker: str, judgement: Judgement | None) -> Opinion:
        """Return how a sentence speaks of a company."""
        positive, negative = self.log_odds(reading, groups, ticker, judgement)
        sure = tanh(abs(positive - negative) / (2 * self.header.sign_temperature))
        heat = self.header.temperature
        top = max(positive, negative, 0.0)
        up, still, down = exp((positive - top) / heat), exp(-top / heat), exp((negative - top) / heat)
        whole = up + still + down
        return Opinion(up / whole, still / whole, down / whole, sure)


def pack(header: Header, keys: "np.ndarray", steps: "np.ndarray") -> bytes:
    """Return the file that ``Sentiment.parse`` reads: unsigned 32-bit keys, then signed bytes, (2, features)."""
    import numpy as np

    return b"".join(
        (MAGIC, msgspec.json.encode(header), b"\n", keys.astype(np.uint32).tobytes(), steps.astype(np.int8).tobytes())
    )
