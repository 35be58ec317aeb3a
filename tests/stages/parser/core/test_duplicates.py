from datetime import UTC, datetime, timedelta
from itertools import permutations
from random import Random
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, settings, strategies as st

from stonks.stages.parser.core.duplicates import Member, bands_of, place, signature_of, similarity

START = datetime(2025, 4, 7, 12, tzinfo=UTC)
VOCABULARY = [f"word{n}" for n in range(400)]


def words(seed: int, count: int = 120) -> list[str]:
    return Random(seed).choices(VOCABULARY, k=count)


def member(
    number: int, text: str, *, hours: float = 0, tickers: tuple[str, ...] = ("BA",), chars: int = 2000
) -> Member:
    return Member(
        id=UUID(int=number),
        known_at=START + timedelta(hours=hours),
        signature=signature_of(text),
        text_sha256=text,
        chars=chars,
        tickers=tickers,
        status="parsed",
    )


# ------------------------------------------------------------------------------------------------ signatures


def test_the_same_text_has_the_same_signature_whatever_its_case() -> None:
    assert signature_of("Boeing wins an order") == signature_of("BOEING wins  an Order!")
    assert similarity(signature_of("one two three"), signature_of("one two three")) == 1.0


def test_signs_and_accents_do_not_matter_as_long_as_the_words_do() -> None:
    assert signature_of("Boeing\u2019s \u201corder\u201d \u2013 \u00c9LYS\u00c9E") == signature_of(
        "boeing's order - \u00e9lys\u00e9e"
    )


def test_texts_in_other_scripts_are_told_apart() -> None:
    one, other = (
        signature_of(text)
        for text in ("\u6ce2\u97f3 \u8ba2\u5355 \u4e0a\u6da8", "\u82f9\u679c \u53d1\u5e03 \u624b\u673a")
    )

    assert similarity(one, other) < 0.1


def test_a_text_of_one_word_or_none_has_a_signature() -> None:
    assert signature_of("Boeing") != signature_of("Visa")
    assert len(signature_of("")) == 512


@pytest.mark.parametrize("seed", range(20))
def test_an_edited_copy_shares_a_band_and_another_text_does_not(seed: int) -> None:
    original, other = words(seed), words(seed + 1000)
    edited = [*original[:50], "changed", *original[51:]]
    signatures = [signature_of(" ".join(text)) for text in (original, edited, other)]

    assert set(bands_of(signatures[0])) & set(bands_of(signatures[1]))
    assert similarity(signatures[0], signatures[1]) > 0.8
    assert not set(bands_of(signatures[0])) & set(bands_of(signatures[2]))


def test_bands_fit_a_signed_64_bit_column() -> None:
    bands = bands_of(signature_of("some text that is not long"))

    assert len(bands) == 32
    assert all(-(2**63) <= band < 2**63 for band in bands)
    assert bands_of(b"") == []


# ------------------------------------------------------------------------------------------------ places


def test_an_identical_later_text_is_a_copy_and_an_earlier_one_shows_its_copies() -> None:
    first, second = member(2, "a b c d"), member(1, "a b c d", hours=1)

    assert place(second, [first]).is_copy
    assert place(first, [second]).later_copies == (second.id,)
    assert not place(first, [second]).is_copy
    assert place(first, [second]).cluster_id == place(second, [first]).cluster_id == first.id


def test_a_short_text_a_day_later_is_another_story() -> None:
    today = member(1, "boeing stock outperforms competitors", chars=60)
    tomorrow = msgspec.structs.replace(today, id=UUID(int=2), known_at=START + timedelta(hours=24))

    assert place(tomorrow, [today]).cluster_id == tomorrow.id
    assert not place(tomorrow, [today]).is_copy


def test_the_same_words_about_another_company_are_another_story() -> None:
    boeing, visa = (
        member(1, "stock outperforms competitors"),
        member(2, "stock outperforms competitors", tickers=("V",)),
    )

    assert place(visa, [boeing]).cluster_id == visa.id


def test_a_revision_stays_with_its_story_however_much_it_changed() -> None:
    first = member(1, "one text entirely")
    second = msgspec.structs.replace(member(2, "and now something else", hours=2), same_document=True)

    assert place(first, [second]).cluster_id == first.id


def test_what_was_withdrawn_makes_no_copies() -> None:
    first, second = member(1, "a b c d"), member(2, "a b c d", hours=1)

    assert not place(second, [msgspec.structs.replace(first, status="withdrawn")]).is_copy


class Stories:
    """What the worker does with placements, without a database."""

    def __init__(self) -> None:
        self.members: dict[UUID, Member] = {}

    def add(self, own: Member) -> None:
        placement = place(own, self.members.values())
        status = "duplicate" if placement.is_copy else "parsed"
        self.members[own.id] = msgspec.structs.replace(own, cluster_id=placement.cluster_id, status=status)
        for other in list(self.members.values()):
            if other.cluster_id in placement.merged:
                self.members[other.id] = msgspec.structs.replace(other, cluster_id=placement.cluster_id)
        for copy in placement.later_copies:
            self.members[copy] = msgspec.structs.replace(self.members[copy], status="duplicate")
        for other in list(self.members.values()):
            head = self.members[other.cluster_id or other.id]
            self.members[other.id] = msgspec.structs.replace(other, head_known_at=head.known_at)

    def outcome(self) -> dict[UUID, tuple[UUID | None, str]]:
        return {id_: (one.cluster_id, one.status) for id_, one in self.members.items()}


BASE = words(7)


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.integers(0, 30), st.sampled_from([("BA",), ("V",), ("BA", "V")])),
        min_size=2,
        max_size=5,
    )
)
def test_stories_and_copies_do_not_depend_on_the_order_of_arrival(
    drawn: list[tuple[int, int, tuple[str, ...]]],
) -> None:
    members = [
        member(
            n + 1,
            " ".join([*BASE[: 30 * edits], *words(edits, 30), *BASE[30 * edits + 30 :]]),
            hours=hours,
            tickers=tickers,
        )
        for n, (edits, hours, tickers) in enumerate(drawn)
    ]
    outcomes = []
    for order in permutations(members):
        stories = Stories()
        for one in order:
            stories.add(one)
        outcomes.append(stories.outcome())

    assert all(outcome == outcomes[0] for outcome in outcomes)
