"""Train the sentiment model on SEntFiN (MIT) alone, and write its weights and its report into the package.

    python -P benchmarks/train_sentiment.py --recorded DIR [--into DIR]

Five models are trained first, each without a fifth of the headlines, and judge what they have not seen: from their
answers come the report's figures and the temperatures that make probabilities true. Then one model is trained on all.
Nothing is random; another processor may round the last digit of a weight differently. Takes two minutes.
"""

import argparse
import hashlib
import sys
from pathlib import Path

import msgspec
import numpy as np

sys.path.append(str(Path(__file__).parent))  # behind the standard library, one of whose modules is called as one here

from labelled.measures import accuracy, calibration_error, macro_f1
from labelled.sets import CLASSES, folds, read_sentfin, sentfin_path
from labelled.training import FOLDS, RAREST, C, Held, Labelled, fit, held_out, labelled, packed, shares, temperatures

from stonks.stages.extractor.core.sentiment import Sentiment
from stonks.stages.extractor.embedded import REPORT, WEIGHTS

CORE = Path(__file__).parents[1] / "src/stonks/stages/extractor/core"


def main() -> None:
    """Write both files and print the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recorded", type=Path, required=True, help="folder of recorded inputs")
    parser.add_argument("--into", type=Path, default=CORE, metavar="DIR", help="where both files are written")
    arguments = parser.parse_args()
    headlines = read_sentfin(arguments.recorded)
    rows = labelled(headlines)
    held = held_out(rows, headlines)
    found = temperatures(held.odds, np.array([row.label for row in rows]))
    data = packed(fit(rows), found)
    report = {
        "trained on": f"SEntFiN (MIT), {len(headlines)} headlines, {len(rows)} judged entities",
        "sha256 of it": hashlib.sha256(sentfin_path(arguments.recorded).read_bytes()).hexdigest(),
        "by": "multinomial logistic regression on hashed features, L-BFGS; weights kept in a byte each",
        "options": {"C": C, "rarest feature": RAREST, "folds": FOLDS},
        "header": msgspec.to_builtins(Sentiment.parse(data).header),
        "held out": figures(rows, held, found, [len(one.entities) for one in headlines], folds(headlines, FOLDS)),
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    told = msgspec.json.format(msgspec.json.encode(report), indent=2)
    (arguments.into / WEIGHTS).write_bytes(data)
    (arguments.into / REPORT).write_bytes(told + b"\n")
    print(told.decode())


def figures(
    rows: list[Labelled], held: Held, found: tuple[float, float], entities: list[int], fold: list[int]
) -> dict[str, object]:
    """Return how well entities of headlines not trained on are judged, together and by fold."""
    odds = shares(held.odds, found[0])
    labels = np.array([row.label for row in rows])
    answers, true = odds.argmax(axis=1), [CLASSES[one] for one in labels]
    told = [CLASSES[one] for one in answers]
    several = np.array([entities[row.headline] > 1 for row in rows])
    place = np.array([fold[row.headline] for row in rows])

    def of(chosen: np.ndarray) -> dict[str, float]:
        here = np.flatnonzero(chosen)
        pair = [true[one] for one in here], [told[one] for one in here]
        return {"entities": len(here), "accuracy": round(accuracy(*pair), 4), "macro-F1": round(macro_f1(*pair), 4)}

    return {
        "all": of(labels >= 0),
        "one entity in the headline": of(~several),
        "several": of(several),
        "calibration error": round(calibration_error(odds.max(axis=1), answers == labels), 4),
        "folds": [of(place == one) for one in range(FOLDS)],
    }


if __name__ == "__main__":
    main()
