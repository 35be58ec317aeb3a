import pytest
from hypothesis import given, strategies as st

from stonks.stages.extractor.core.entities import MOST_PLACES, places_of


def found(text: str, *names: str) -> dict[str, list[str]]:
    return {name: [text[span.start : span.end] for span in spans] for name, spans in places_of(text, names).items()}


@pytest.mark.parametrize(
    ("text", "name", "place"),
    [
        ("Boeing falls", "Boeing", "Boeing"),
        ("BOEING falls", "Boeing", "BOEING"),
        ("Rane Holdings Q3 net up", "Rane Industries", "Rane"),
        ("SABMiller revenue hit", "SAB Miller", "SABMiller"),
        ("Profit of Hewlett-Packard", "Hewlett Packard", "Hewlett-Packard"),
        ("RBS cuts jobs", "Royal Bank of Scotland", "RBS"),
        ("International Business Machines Corp. partners", "IBM", "International Business Machines"),
        ("Bank of America falls", "BofA, Bank of America", None),
        ("The bank falls", "The Home Depot", None),
        ("Industry NewsMorrisons unveils", "Morrisons", "Morrisons"),
        ("Visa falls", "", None),
        ("Bank\n\nNifty", "Bank Nifty", "Bank"),
        ("a" * 300, "a" * 300, None),
    ],
)
def test_a_name_is_found_whole_in_part_or_by_its_initials(text: str, name: str, place: str | None) -> None:
    assert found(text, name) == ({} if place is None else {name: [place]})


def test_a_name_within_another_counts_only_where_it_stands_alone() -> None:
    assert found("Bank Nifty beats Nifty", "Nifty", "Bank Nifty") == {"Nifty": ["Nifty"], "Bank Nifty": ["Bank Nifty"]}
    assert found("Bank Nifty falls", "Nifty", "Bank Nifty") == {"Nifty": ["Nifty"], "Bank Nifty": ["Bank Nifty"]}
    assert [span.start for span in places_of("Bank Nifty beats Nifty", ["Nifty", "Bank Nifty"])["Nifty"]] == [17]


def test_of_a_flood_of_one_name_a_bounded_number_of_places_is_kept() -> None:
    assert len(places_of("Boeing " * 10_000, ["Boeing"])["Boeing"]) == MOST_PLACES


@given(st.text(max_size=80), st.text(max_size=12))
def test_every_place_is_in_the_text(text: str, name: str) -> None:
    for spans in places_of(text, [name]).values():
        assert all(0 <= span.start < span.end <= len(text) for span in spans)
