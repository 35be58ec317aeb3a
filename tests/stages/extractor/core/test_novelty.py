from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from stonks.stages.extractor.core.novelty import Told, novelty, story_words

STORY, OTHER = UUID(int=1), UUID(int=2)
TITLES = st.lists(st.sampled_from("boeing strike ends workers vote deal jets fall profit 12%".split()), min_size=1).map(
    " ".join
)


def told(title: str, cluster: UUID = OTHER) -> Told:
    return Told(ticker="BA", title=title, cluster_id=cluster)


def test_a_story_nobody_told_is_wholly_new() -> None:
    assert novelty(story_words("Boeing strike ends"), STORY, []) == 1.0


def test_a_copy_of_the_same_story_is_not_new() -> None:
    assert novelty(story_words("Boeing strike ends"), STORY, [told("Something else", STORY)]) == 0.0


@given(TITLES)
def test_the_same_title_is_not_new(title: str) -> None:
    words = story_words(title)

    assert novelty(words, STORY, [told(title)]) == (0.0 if words else 1.0)


@given(TITLES, st.lists(TITLES))
def test_more_earlier_stories_never_make_it_newer(title: str, earlier: list[str]) -> None:
    words, stories = story_words(title), [told(one) for one in earlier]

    assert novelty(words, STORY, stories) <= novelty(words, STORY, stories[1:]) <= 1.0


@given(TITLES, st.permutations([told("boeing jets fall"), told("workers vote on deal"), told("profit 12%")]))
def test_the_order_of_earlier_stories_does_not_matter(title: str, earlier: list[Told]) -> None:
    words = story_words(title)

    assert novelty(words, STORY, earlier) == novelty(words, STORY, sorted(earlier, key=lambda one: one.title))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Boeing cuts jobs", "Boeing cut jobs"),
        ("Boeing's jets delayed", "Jets delayed at Boeing"),
        ("BOEING STRIKE", "Boeing strike"),
    ],
)
def test_inflection_names_and_case_make_no_story(one: str, other: str) -> None:
    assert story_words(one, ["Boeing"]) == story_words(other, ["Boeing"])


def test_figures_tell_stories_apart() -> None:
    assert story_words("Dow drops 239 points") != story_words("Dow drops 500 points")
