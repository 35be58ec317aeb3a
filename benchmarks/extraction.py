"""How well the extractor judges whom a text speaks well or ill of, and how fast, beside VADER and Loughran-McDonald.

    python -P benchmarks/extraction.py --recorded DIR [--peers DIR]

SEntFiN: every entity of every headline, judged by a model that was trained without that headline (five folds; headlines
of one text share one). The rules were written from knowledge of the genre, and their errors were looked at on half of
SEntFiN's headlines and half of FiQA's. FiQA and FOMC labels fit nothing: there the shipped model is measured, which is
trained on SEntFiN alone. Lexicons know no entities: each entity gets its text's score. VADER is neutral within .05, as
its authors say; Loughran-McDonald where it finds as many words of both kinds, or none.

FOMC's sentences are labelled hawkish or dovish, which is no sentiment about a company. What answers there is the macro
classifier: rates said to rise are hawkish, to fall dovish. Lexicons have no such notion; they are given the better
of the two meanings that a good tone may have.

Then come the lines of `benchmarks/events.py`.
"""

import argparse
import csv
import gzip
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import msgspec
import numpy as np

sys.path.append(str(Path(__file__).parent))  # behind the standard library, one of whose modules is called as one here

import events
from labelled.measures import accuracy, calibration_error, macro_f1
from labelled.sets import Headline, article_of, folds, read_fiqa, read_fomc, read_sentfin
from labelled.training import FOLDS, held_out, labelled
from peers.environments import HOME, Peer, prepare

from stonks.model.signal import Extraction
from stonks.stages.extractor.core.clauses import chosen_sentences
from stonks.stages.extractor.core.direction import groups_in, judge, read
from stonks.stages.extractor.core.exposure import read_effects
from stonks.stages.extractor.core.extract import Article, extract
from stonks.stages.extractor.core.lines import likeliest, verdict_of
from stonks.stages.extractor.core.macro import Bulletin, classify
from stonks.stages.extractor.core.sentiment import Sentiment
from stonks.stages.extractor.embedded import shipped

SUFFIX = re.compile(r",? (?:Inc\.?|Corporation|Company|Group|Companies|Holdings|\(The\)|Co\.?)$| \(.*\)$")
PROGRAM = Path(__file__).parent / "peers" / "programs" / "score_lexicons.py"
LEXICONS = {
    "vader": (Peer("vader", "VADER", 1.0, "lexicons"), 0.05),
    "loughran": (Peer("loughran", "Loughran-McDonald", 1.0, "lexicons"), 1e-4),
}
"""Each with the score nearer to nothing than which is neutral."""
OURS = "embedded: model and rules"
RULES = "our rules alone"
GOALS = {
    "F1": 0.83,
    "F1 where several are named": 0.80,
    "points on FiQA": 10.0,
    "headlines": 10_000,
    "bytes": 1_000_000,
}
MET = {True: "reached", False: "missed"}


class Answer(NamedTuple):
    """What was said of one entity: the class and the signed score."""

    verdict: str
    score: float


class Scores(NamedTuple):
    """A contender's answers in the order of texts and entities, and how many texts it read in a CPU second."""

    answers: list[Answer]
    rate: float


def main() -> None:
    """Print a table for each set, then the goals."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recorded", type=Path, required=True, help="folder of recorded inputs")
    parser.add_argument("--peers", type=Path, default=HOME, metavar="DIR", help="where peers' environments are kept")
    arguments = parser.parse_args()
    pythons = {name: prepare(peer, arguments.peers) for name, (peer, _) in LEXICONS.items()}
    reached = [*sentfin(arguments.recorded, pythons)]
    for name in ("headline", "post"):
        reached += fiqa(arguments.recorded, name, pythons)
    fomc(arguments.recorded, pythons)
    reached += speed(arguments.recorded)
    for goal in reached:
        print(goal)
    print()
    events.measure(arguments.recorded)


def goal(what: str, found: float, *, reached: bool) -> str:
    """Return a line that says whether a goal was reached."""
    return f"goal: {what}: {found:,.3f}: {MET[reached]}"


# ---------------------------------------------------------------------------------------------------- contenders


def lexicon(name: str, python: Path, texts: Sequence[str]) -> tuple[list[Answer], float]:
    """Return a lexicon's answer for each text, and texts a CPU second."""
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        file.writelines(json.dumps(text) + "\n" for text in texts)
        file.flush()
        command = [str(python), "-P", "-W", "ignore", str(PROGRAM), name, file.name]
        said = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    least = LEXICONS[name][1]
    answers = [
        Answer("positive" if score > least else "negative" if score < -least else "neutral", score)
        for score in said["scores"]
    ]
    return answers, len(texts) / said["seconds"]


def lexicons(rows: Sequence[tuple[str, Sequence[str]]], pythons: dict[str, Path]) -> dict[str, Scores]:
    """Return what the lexicons say of every entity of these texts: of each what they say of its text."""
    scores = {}
    for name, (peer, _) in LEXICONS.items():
        answers, rate = lexicon(name, pythons[name], [text for text, _ in rows])
        spread = [answer for answer, (_, names) in zip(answers, rows, strict=True) for _ in names]
        scores[peer.label] = Scores(spread, rate)
    return scores


def ours(rows: Sequence[tuple[str, Sequence[str]]], models: Sequence[Sentiment | None]) -> Scores:
    """Return what the extractor says of every entity, each text read with its own model or by the rules alone."""
    articles = [article_of(text, names) for text, names in rows]
    started = time.process_time()
    found = [extract(article, model) for article, model in zip(articles, models, strict=True)]
    rate = len(rows) / (time.process_time() - started)
    return Scores([answer_of(one, name) for one, (_, names) in zip(found, rows, strict=True) for name in names], rate)


def answer_of(extraction: Extraction, name: str) -> Answer:
    """Return what `stonks extract --json` says of somebody."""
    told = next((one for one in extraction.sentiments if one.ticker == name), None)
    if told is not None:
        return Answer(likeliest(told).value, told.score)
    score = next((impact.direction for impact in extraction.impacts if impact.ticker == name), 0.0)
    return Answer(verdict_of(score).value, score)


# ------------------------------------------------------------------------------------------------------- SEntFiN


def sentfin(recorded: Path, pythons: dict[str, Path]) -> Iterator[str]:
    """Print three classes on SEntFiN for everybody, and how true the confidences are; yield the goals."""
    headlines = read_sentfin(recorded)
    rows = [(one.text, list(one.entities)) for one in headlines]
    models = held_out(labelled(headlines), headlines).models
    own = [models[fold] for fold in folds(headlines, FOLDS)]
    scores = {
        OURS: ours(rows, own),
        RULES: ours(rows, [None] * len(rows)),
        **lexicons(rows, pythons),
    }
    labels = [label for one in headlines for label in one.entities.values()]
    several = [len(one.entities) > 1 for one in headlines for _ in one.entities]
    print(f"SEntFiN, {len(headlines)} headlines, {len(labels)} entities, each judged by a model that has not seen it")
    print(f"{'':28}{'accuracy':>10}{'macro-F1':>10}{'one named':>11}{'several':>9}{'headlines/CPU s':>17}")
    for name, found in scores.items():
        told = [answer.verdict for answer in found.answers]
        parts = [f1_where(labels, told, [one is part for one in several]) for part in (False, True)]
        whole = accuracy(labels, told), macro_f1(labels, told)
        print(f"{name:28}{whole[0]:10.3f}{whole[1]:10.3f}{parts[0]:11.3f}{parts[1]:9.3f}{found.rate:17,.0f}")
        if name == OURS:
            reached = [*whole[1:], parts[1]]
    calibration(headlines, own)
    for (what, least), value in zip(list(GOALS.items())[:2], reached, strict=True):
        yield goal(f"SEntFiN macro-{what} at least {least}", value, reached=value >= least)


def f1_where(labels: Sequence[str], told: Sequence[str], chosen: Sequence[bool]) -> float:
    """Return the macro-F1 of some of the answers."""
    pairs = [pair for pair, holds in zip(zip(labels, told, strict=True), chosen, strict=True) if holds]
    return macro_f1([label for label, _ in pairs], [answer for _, answer in pairs])


def calibration(headlines: Sequence[Headline], models: Sequence[Sentiment]) -> None:
    """Print the calibration error of the classes' probabilities and of the impacts' confidence in their sign."""
    classes: list[tuple[float, bool]] = []
    signs: list[tuple[float, bool]] = []
    for one, model in zip(headlines, models, strict=True):
        found = extract(article_of(one.text, list(one.entities)), model)
        for told in found.sentiments:
            sure = max(told.positive, told.neutral, told.negative)
            classes.append((sure, likeliest(told).value == one.entities[told.ticker]))
        for impact in found.impacts:
            label = one.entities[impact.ticker]
            if label != "neutral" and impact.direction:
                signs.append(((1 + impact.confidence) / 2, (impact.direction > 0) is (label == "positive")))
    for what, pairs in (("probability of the class", classes), ("confidence in the sign, where there is one", signs)):
        sure, right = (np.array(column, float) for column in zip(*pairs, strict=True))
        error = calibration_error(sure, right)
        print(f"{what}: calibration error {error:.3f}, mean {sure.mean():.3f}, right {right.mean():.3f}")
    print()


# ---------------------------------------------------------------------------------------------------- FiQA, FOMC


def fiqa(recorded: Path, name: str, pythons: dict[str, Path]) -> Iterator[str]:
    """Print how often the sign of an opinion is right for everybody; yield the goals."""
    texts = list(read_fiqa(recorded, name))
    rows = [(text, list(opinions)) for text, opinions in texts]
    values = [value for _, opinions in texts for value in opinions.values()]
    scores = {
        OURS: ours(rows, [shipped()] * len(rows)),
        RULES: ours(rows, [None] * len(rows)),
        **lexicons(rows, pythons),
    }
    print(f"FiQA {name}s, {sum(map(bool, values))} opinions of {len(texts)} texts")
    heads = ("sign right", "silence ½", "speaks on", "right there", "F1 of signs")
    print(f"{'':28}" + "".join(f"{head:>13}" for head in heads))
    rights = {}
    for who, found in scores.items():
        pairs = [(value, one) for value, one in zip(values, found.answers, strict=True) if value]
        rights[who], line = signs_line(pairs)
        print(f"{who:28}{line}")
    print()
    for peer, _ in LEXICONS.values():
        points = 100 * (rights[OURS] - rights[peer.label])
        least = GOALS["points on FiQA"]
        yield goal(f"FiQA {name}s, {least:.0f} points of signs over {peer.label}", points, reached=points >= least)


def signs_line(pairs: Sequence[tuple[float, Answer]]) -> tuple[float, str]:
    """Return the share of right signs, silence being half right, and the columns of one contender."""
    spoken = [(value > 0, one.score > 0) for value, one in pairs if abs(one.score) > LEXICONS["loughran"][1]]
    right = sum(label == sign for label, sign in spoken)
    half = (right + (len(pairs) - len(spoken)) / 2) / len(pairs)
    signs = ["positive" if value > 0 else "negative" for value, _ in pairs]
    told = ["positive" if one.score > 0 else "negative" if one.score < 0 else "none" for _, one in pairs]
    figures = (right / len(pairs), half, len(spoken) / len(pairs), right / max(1, len(spoken)), macro_f1(signs, told))
    return half, "".join(f"{figure:13.3f}" for figure in figures)


def fomc(recorded: Path, pythons: dict[str, Path]) -> None:
    """Print three classes of the central bank's sentences."""
    statements = read_fomc(recorded)
    labels = [one.label for one in statements]
    effects = read_effects(files("stonks.stages.extractor.core").joinpath("effects.toml").read_text())
    started = time.process_time()
    told = [stance(one.text, effects) for one in statements]
    rate = len(statements) / (time.process_time() - started)
    print(f"FOMC, {len(statements)} sentences: hawkish, dovish or neutral")
    print(f"{'':28}{'accuracy':>10}{'macro-F1':>10}{'sentences/CPU s':>17}")
    print(f"{'macro classifier':28}{accuracy(labels, told):10.3f}{macro_f1(labels, told):10.3f}{rate:17,.0f}")
    for name, (peer, _) in LEXICONS.items():
        answers, rate = lexicon(name, pythons[name], [one.text for one in statements])
        best = max(
            (meant(answers, meaning) for meaning in (("hawkish", "dovish"), ("dovish", "hawkish"))),
            key=lambda stances: macro_f1(labels, stances),
        )
        print(f"{peer.label:28}{accuracy(labels, best):10.3f}{macro_f1(labels, best):10.3f}{rate:17,.0f}")
    print()


def stance(text: str, effects: dict[str, object]) -> str:
    """Return what the macro classifier makes of a sentence: bad for shares is hawkish, good is dovish."""
    bulletin = Bulletin(
        document_id=UUID(int=0), text=text, body_start=len(text), known_at=datetime(2025, 1, 1, tzinfo=UTC), version=""
    )
    event = classify(bulletin, effects)  # type: ignore[arg-type]
    direction = 0 if event is None else event.direction
    return "hawkish" if direction < 0 else "dovish" if direction > 0 else "neutral"


def meant(answers: Sequence[Answer], meaning: tuple[str, str]) -> list[str]:
    """Return stances where a good and a bad tone have these meanings."""
    names = {"positive": meaning[0], "negative": meaning[1], "neutral": "neutral"}
    return [names[answer.verdict] for answer in answers]


# --------------------------------------------------------------------------------------------------------- speed


def speed(recorded: Path) -> Iterator[str]:
    """Print headlines judged, headlines and news items extracted whole in a CPU second; yield the goals."""
    articles = [article_of(one.text, list(one.entities)) for one in read_sentfin(recorded)]
    rates = {
        "headlines judged: sentences, mentions given, rules, features, model": per_second(articles, judged),
        "headlines extracted whole: events, figures, quotes, summary too": per_second(articles, extracted),
        "news items extracted whole: title and about 150 characters": per_second(list(news(recorded)), extracted),
    }
    for what, rate in rates.items():
        print(f"{what}: {rate:,.0f} a CPU second")
    size = files("stonks.stages.extractor.core").joinpath("sentiment.bin").stat().st_size  # type: ignore[attr-defined]
    print()
    rate = next(iter(rates.values()))
    yield goal(f"{GOALS['headlines']:,} headlines judged a CPU second", rate, reached=rate >= GOALS["headlines"])
    yield goal(f"weights under {GOALS['bytes']:,} bytes", size, reached=size < GOALS["bytes"])


def judged(article: Article) -> None:
    """Judge everybody whom a headline names."""
    model, spans = shipped(), {one.ticker: one.spans for one in article.named}
    for sentence in chosen_sentences(article.text, article.body_start, ()):
        reading, groups = read(sentence), groups_in(sentence, spans)
        for name in spans:
            model.read(reading, groups, name, judge(reading, groups, name))


def extracted(article: Article) -> None:
    """Read a text for all there is."""
    extract(article, shipped())


def per_second(articles: Sequence[Article], work: Callable[[Article], None]) -> float:
    """Return how many texts are worked on in one CPU second, the best of five rounds."""
    rates = []
    for _ in range(5):
        started = time.process_time()
        for article in articles:
            work(article)
        rates.append(len(articles) / (time.process_time() - started))
    return max(rates)


def news(recorded: Path) -> Iterator[Article]:
    """Yield three months of news about twenty companies, these found by their names."""
    with (recorded / "reference/sp500_constituents.csv").open() as file:
        names = {row["Symbol"]: SUFFIX.sub("", SUFFIX.sub("", row["Security"])) for row in csv.DictReader(file)}
    with gzip.open(recorded / "djia-2025/news_finnhub.jsonl.gz", "rt") as lines:
        items = [json.loads(line) for line in lines]
    followed = sorted({names[symbol] for item in items for symbol in item["symbols"] if symbol in names})
    for item in items:
        text = f"{item['title']}\n\n{item['description']}"
        article = article_of(text, [name for name in followed if name in text])
        yield msgspec.structs.replace(article, body_start=len(item["title"]) + 2)


if __name__ == "__main__":
    main()
