import pytest

from stonks.model.document import DocumentType
from stonks.stages.extractor.core.kinds import is_anaphoric, is_filler, is_supposed, kind_of


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Boeing delivers fewer jets", "news"),
        ("3 Stocks to Buy Now", "opinion"),
        ("Is Visa a good investment?", "opinion"),
        ("Here's why Apple fell", "opinion"),
        ("Analysts weigh in on Apple", "analysis"),
        ("Visa Q2 earnings call transcript", "transcript"),
        ("SHAREHOLDER ALERT: Rosen Law Firm reminds investors", "pr_spam"),
    ],
)
def test_a_title_tells_what_kind_of_text_it_heads(title: str, kind: str) -> None:
    assert kind_of(DocumentType.NEWS, title) == kind


def test_a_filing_is_a_filing_whatever_its_title() -> None:
    assert kind_of(DocumentType.FILING, "Is this a good investment?") == "filing"


def test_a_plain_press_release_keeps_its_type() -> None:
    assert kind_of(DocumentType.PRESS_RELEASE, "Visa opens an office") == "press_release"


@pytest.mark.parametrize(
    "sentence", ["Boeing cuts jobs.", "Click here to read the full commentary.", "In this article, we look at it."]
)
def test_repeats_and_phrases_of_every_text_are_filler(sentence: str) -> None:
    assert is_filler(sentence, "Boeing cuts jobs")


def test_what_says_something_is_no_filler() -> None:
    assert not is_filler("Boeing will cut 500 jobs.", "Boeing cuts jobs")


def test_what_might_happen_is_no_fact() -> None:
    assert is_supposed("A failure of our suppliers could harm our business.")
    assert not is_supposed("Deliveries fell by a third.")


def test_a_pronoun_speaks_of_who_was_named_before() -> None:
    assert is_anaphoric("Its loss widened.")
    assert is_anaphoric("The planemaker delivered fewer jets.")
    assert not is_anaphoric("General Motors cut its outlook (GM).")
    assert not is_anaphoric("Stocks fell around the globe.")
