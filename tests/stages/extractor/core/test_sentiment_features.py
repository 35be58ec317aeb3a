from collections.abc import Callable
from functools import partial
from zlib import crc32

from hypothesis import given, strategies as st

from stonks.stages.extractor.core.direction import judge
from stonks.stages.extractor.core.sentiment import Kept, Sentiment
from stonks.stages.extractor.core.sentiment_features import (
    Item,
    Situation,
    Word,
    make_item,
    make_situation,
    make_skeleton,
    make_word,
    walk,
)
from stonks.stages.extractor.embedded import shipped
from tests.fakes.articles import reading_of

Keys = tuple[int, ...]


class Collector:
    """The table that makes of each key the key itself, as training has it."""

    nothing: Keys = ()

    def __init__(self) -> None:
        self.words: Kept[str, Word[Keys]] = Kept(partial(make_word, table=self))
        self.items: Kept[Item, Keys] = Kept(partial(make_item, table=self))
        self.situations: Kept[Situation, Keys] = Kept(partial(make_situation, table=self))
        self.skeletons: Kept[bytes, Keys] = Kept(partial(make_skeleton, table=self))

    @property
    def get(self) -> Callable[[int, Keys], Keys]:
        return lambda key, _: (key,)


COLLECTOR = Collector()
TITLES = st.lists(
    st.sampled_from("Apple Boeing Amazon shares surge plunge profit , ; : while after not may 12 5% of".split()),
    max_size=16,
).map(" ".join)


def keys_of(title: str, ticker: str) -> Keys:
    reading, groups = reading_of(title)
    return walk(reading, groups, ticker, judge(reading, groups, ticker), COLLECTOR)


@given(TITLES, st.sampled_from(("AAPL", "BA")))
def test_what_is_read_is_the_sum_of_what_was_trained(title: str, ticker: str) -> None:
    reading, groups = reading_of(title)
    model: Sentiment = shipped()

    total = walk(reading, groups, ticker, judge(reading, groups, ticker), model)

    assert total == sum(model.get(key, 0j) for key in keys_of(title, ticker))


def test_no_name_of_a_company_is_a_feature() -> None:
    assert sorted(keys_of("Apple rallies, Boeing slips", "AAPL")) == sorted(keys_of("Boeing rallies, Visa slips", "BA"))


def test_figures_are_one_word_and_shares_of_a_hundred_another() -> None:
    assert keys_of("Apple up 5% at 12", "AAPL") == keys_of("Apple up 7.25% at 31,000", "AAPL")
    assert keys_of("Apple up 5%", "AAPL") != keys_of("Apple up 5", "AAPL")


def test_the_place_beside_the_target_tells() -> None:
    assert sorted(keys_of("Apple beats Boeing", "AAPL")) != sorted(keys_of("Boeing beats Apple", "AAPL"))


def test_without_words_there_is_nothing() -> None:
    assert keys_of("", "AAPL") == ()


def test_the_features_are_those_that_the_weights_were_trained_on() -> None:
    keys = keys_of("After strong profit Apple shares jump 5%, Boeing may fall", "AAPL")

    # When this changes on purpose the model has to be trained again: CONTRIBUTING.md says how.
    assert (len(keys), crc32(repr(sorted(keys)).encode())) == (197, 1217458109)
