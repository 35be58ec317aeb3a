import re

import pytest
from hypothesis import given, strategies as st

from stonks.model.document import DocumentType
from stonks.stages.extractor.core.extract import extract
from stonks.stages.extractor.core.summary import LONGEST
from tests.fakes.articles import make_article

WORDS = "Boeing said its profit rose 4.5% to $1,200 million . ! \n Visa fell and won a contract worth 12 billion".split(
    " "
)
TEXTS = st.lists(st.sampled_from(WORDS), max_size=80).map(" ".join)


def pieces(summary: str, text: str) -> int:
    """Return of how many verbatim pieces of a text, in its order, a summary is made."""
    count, lo = 0, 0
    while summary:
        size = next(size for size in range(len(summary), 0, -1) if summary[:size] in text[lo:])
        lo = text.index(summary[:size], lo) + size
        summary = summary[size:].removeprefix(" ")
        count += 1
    return count


@given(TEXTS, TEXTS)
def test_a_summary_is_at_most_two_verbatim_sentences_in_their_order(title: str, body: str) -> None:
    article = make_article(title.replace("\n", " ").strip(), body.strip())

    summary = extract(article).summary

    assert len(summary) <= LONGEST
    assert pieces(summary, article.text) <= 2


@given(TEXTS, TEXTS, st.sampled_from([DocumentType.NEWS, DocumentType.FILING]))
def test_every_number_of_a_summary_is_in_the_text(title: str, body: str, kind: DocumentType) -> None:
    article = make_article(title.replace("\n", " ").strip(), body.strip(), kind=kind)

    told = re.findall(r"\S*\d\S*", extract(article).summary)

    assert set(told) <= set(re.findall(r"\S*\d\S*", article.text))


@pytest.mark.parametrize(
    ("body", "summary"),
    [
        (
            "Boeing held a meeting on Monday. The weather was good that day. Boeing won a contract worth $3 billion.",
            "Boeing held a meeting on Monday. Boeing won a contract worth $3 billion.",
        ),
        ("Boeing held a meeting on Monday.", "Boeing held a meeting on Monday."),
        ("", "Boeing meets"),
    ],
)
def test_it_is_the_lead_and_the_sentence_that_tells_most(body: str, summary: str) -> None:
    assert extract(make_article("Boeing meets", body)).summary == summary
