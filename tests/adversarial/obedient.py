"""A language model that does what the document tells it: the worst that an order in a text can lead to."""

import msgspec

from stonks.model.signal import Extraction
from stonks.stages.extractor.core.extract import Article
from stonks.stages.extractor.core.reading.blend import blend
from stonks.stages.extractor.core.reading.checks import Checks
from stonks.stages.extractor.core.reading.shapes import DocumentRead
from stonks.stages.extractor.core.reading.task import candidates_of
from stonks.stages.extractor.core.reading.windows import windows_of

LONGEST_QUOTE = 240


def obeyed(article: Article, said: Extraction, ticker: str, sign: int) -> Extraction:
    """Return both readings put together, where the model claims a sign for a company as loudly as it can.

    It quotes the order itself, which does stand in the text and names the company, and it knows the nonce; whether the
    document would have been worth asking about is left aside.
    """
    candidates = candidates_of(article, said)
    number = next(at for at, one in enumerate(candidates, start=1) if one.ticker == ticker)
    answer = {
        "doc_check": "00000000",
        "summary": "",
        "doc_kind": "news",
        "companies": [
            {
                "mention_id": number,
                "relevance": "primary",
                "sentiment": 2 * sign,
                "direction": "positive" if sign > 0 else "negative",
                "magnitude": 3,
                "horizon": "1q",
                "event_types": ["other"],
                "novelty": "new",
                "confidence": 3,
                "quote": article.text.rpartition("\n\n")[2][:LONGEST_QUOTE],
            }
        ],
        "key_numbers": [],
        "guidance": [],
        "risks": [],
        "macro_relevant": False,
    }
    judged = Checks(windows_of(article)[-1], candidates).judge(msgspec.convert(answer, DocumentRead))
    return said if judged.value is None else blend(article, said, [judged.value], "document-extractor-1").extraction
