"""The embedded extractor as a child of the pool runs it: the core with the weights that stand beside it."""

from functools import cache
from importlib.resources import files

from stonks.model.signal import Extraction
from stonks.stages.extractor.core.extract import Article, extract
from stonks.stages.extractor.core.sentiment import Sentiment

WEIGHTS = "sentiment.bin"
REPORT = "sentiment.json"
"""The weights' file beside the core, and what it was trained from and how well it did."""


def read_article(article: Article) -> Extraction:
    """Return all that rules and model read from a document."""
    return extract(article, shipped())


@cache
def shipped() -> Sentiment:
    """Return the model as it is shipped, read when a process first asks for it."""
    return Sentiment.parse(files("stonks.stages.extractor.core").joinpath(WEIGHTS).read_bytes())
