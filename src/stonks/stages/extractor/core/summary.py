"""An extractive summary: sentences of the text, word for word, at most two."""

from collections.abc import Collection

from stonks.stages.extractor.core.clauses import Sentence

LONGEST = 480
_TOO_SHORT = 25


def summarize(text: str, sentences: Collection[Sentence], weights: dict[int, float]) -> str:
    """Return the lead sentence of the body and the weightiest other one, in the order of the text.

    ``weights`` says how much a sentence, by where it starts, tells of companies, events and figures. Without a body the
    title stands for it; what would make the summary longer than 480 characters is left out.
    """
    title = next((text[sentence.start : sentence.end] for sentence in sentences if sentence.in_title), "")
    body = [sentence for sentence in sentences if not sentence.in_title and _tells_more(text, sentence, title)]
    if not body:
        return _clipped(title or text.strip())
    others = [sentence for sentence in body[1:] if weights.get(sentence.start, 0.0) > 0]
    best = max(others, key=lambda sentence: (weights[sentence.start], -sentence.start), default=None)
    told = [text[sentence.start : sentence.end] for sentence in (body[0], best) if sentence is not None]
    joined = " ".join(told)
    return joined if len(joined) <= LONGEST else _clipped(told[0])


def _tells_more(text: str, sentence: Sentence, title: str) -> bool:
    told = text[sentence.start : sentence.end]
    return len(told) >= _TOO_SHORT and told.rstrip(".").casefold() != title.rstrip(".").casefold()


def _clipped(told: str) -> str:
    """Return the text up to its last whole word within the limit."""
    if len(told) <= LONGEST:
        return told
    return told[:LONGEST].rsplit(None, 1)[0]
