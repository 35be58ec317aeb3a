"""How many companies the gazetteer finds by name alone, how rarely it errs, and how fast it reads.

    python -P benchmarks/mentions.py --recorded DIR [--rounds 5] [--misses]

Recall needs no labels: a writer who puts a ticker with its exchange behind a name (``NYSE: BA``) says which company is
meant. Every such tag is taken out of every recorded text that has one, also where it stands in brackets behind a name,
and the company, of the S&P 500 as it comes with stonks, has to be found in what is left.

The control is the same texts in lower case, where no company is named: what is found there is found wrongly, but for
names that are written so (iPhone).

Speed is CPU time over whole articles and filings, beside a bare ahocorasick_rs pass over the same texts with the same
names, which finds less and decides nothing; short news are shown apart.
"""

import argparse
import gzip
import json
import re
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from stonks.model.company import Company
from stonks.model.errors import Malformed
from stonks.stages.parser.core import Gazetteer
from stonks.stages.parser.core.aliases import owners_of
from stonks.stages.parser.core.filings import read_filing
from stonks.stages.parser.core.page import read_page
from stonks.stages.parser.core.reading import Reading
from stonks.stages.scheduler.listing import sp500

TAG = re.compile(
    r"\b(?:NYSE|NASDAQ|Nasdaq|AMEX)(?:\s?(?:American|Arca|GS|GM|CM))?\s?:\s?(?P<ticker>[A-Z]{1,5}(?:\.[A-Z])?)\b"
)
LEAST_RECALL, MOST_FALSE, LEAST_SPEED = 0.95, 0.01, 50
MET = {True: "reached", False: "missed"}


class Text(NamedTuple):
    """A text and where its body begins."""

    text: str
    body_start: int


def main() -> None:
    """Print recall, control and speed, then the goals."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recorded", type=Path, required=True, help="folder of recorded inputs")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--misses", action="store_true", help="print every tag whose company was not found")
    arguments = parser.parse_args()
    companies = sp500()
    started = time.process_time()
    gazetteer = Gazetteer(companies)
    print(f"{len(companies)} companies, ready after {time.process_time() - started:.2f} s of CPU")
    kinds = {name: list(read(arguments.recorded)) for name, read in KINDS.items()}
    everything = list(chain.from_iterable(kinds.values()))
    recall = masked_recall(gazetteer, companies, kinds, show=arguments.misses)
    wrong = control(gazetteer, everything)
    speed = speeds(gazetteer, companies, kinds, arguments.rounds)
    print(f"goal: masked-ticker recall at least {LEAST_RECALL}: {recall:.3f}: {MET[recall >= LEAST_RECALL]}")
    print(f"goal: lower-case control under {MOST_FALSE:.0%} false: {wrong:.2%}: {MET[wrong < MOST_FALSE]}")
    print(f"goal: at least {LEAST_SPEED} MB/s of articles and filings: {speed:.0f}: {MET[speed >= LEAST_SPEED]}")


# ------------------------------------------------------------------------------------------------ texts


def of_reading(read: Callable[[bytes, str], Reading], files: Iterable[Path]) -> Iterator[Text]:
    """Yield what files say that can be read at all."""
    for file in files:
        raw = file.read_bytes()
        try:
            reading = read(gzip.decompress(raw) if file.suffix == ".gz" else raw, "")
        except Malformed:
            continue
        yield Text(f"{reading.title}\n\n{reading.body}", len(reading.title) + 2)


def articles(recorded: Path) -> Iterator[Text]:
    """Yield the text of whole pages."""
    files = [*recorded.glob("articles-trafilatura-en/html/*"), *recorded.glob("articles-readability/*/source.html.gz")]
    yield from of_reading(read_page, sorted(files))


def filings(recorded: Path) -> Iterator[Text]:
    """Yield the text of reports."""
    yield from of_reading(read_filing, sorted(recorded.glob("filings-html/**/*.html.gz")))


def news(recorded: Path) -> Iterator[Text]:
    """Yield headlines with their summaries."""
    for name in ("news_finnhub", "news_polygon"):
        with gzip.open(recorded / "djia-2025" / f"{name}.jsonl.gz", "rt") as lines:
            items = [json.loads(line) for line in lines]
        yield from (Text(f"{one['title']}\n\n{one['description'] or ''}", len(one["title"]) + 2) for one in items)


def answers(recorded: Path) -> Iterator[Text]:
    """Yield the strings of several words in recorded answers of feeds and in labelled texts."""
    files = [*recorded.glob("djia-2025/raw_samples/*.json"), *recorded.glob("labelled/fiqa/*.json")]
    for file in [*files, *recorded.glob("api-fixtures/**/*.json")]:
        yield from (Text(text, 0) for text in strings(json.loads(file.read_text())) if " " in text)
    with (recorded / "labelled/sentfin/sentfin_train.csv").open() as lines:
        yield from (Text(line, 0) for line in lines)


def strings(value: object) -> Iterator[str]:
    """Yield every string inside a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from chain.from_iterable(map(strings, value.values()))
    elif isinstance(value, list):
        yield from chain.from_iterable(map(strings, value))


KINDS: dict[str, Callable[[Path], Iterator[Text]]] = {
    "articles": articles,
    "filings": filings,
    "news": news,
    "answers": answers,
}


# ------------------------------------------------------------------------------------------------ recall and control


def masked_recall(
    gazetteer: Gazetteer, companies: Sequence[Company], kinds: Mapping[str, Sequence[Text]], *, show: bool
) -> float:
    """Return the share of tagged companies that are found without their tags; classes of one share are one company."""
    filer = {company.ticker: company.cik for company in companies}
    found: Counter[str] = Counter()
    tagged: Counter[str] = Counter()
    for kind, texts in kinds.items():
        for one in texts:
            wanted = {found["ticker"] for found in TAG.finditer(one.text)} & filer.keys()
            if not wanted:
                continue
            left = masked(one.text, wanted)
            named = {filer[mention.ticker] for mention in gazetteer.find(left, min(one.body_start, len(left)))}
            missed = {ticker for ticker in wanted if filer[ticker] not in named}
            tagged[kind] += len(wanted)
            found[kind] += len(wanted) - len(missed)
            if missed and show:
                print(f"missed {sorted(missed)}: {' '.join(one.text.split())[:240]}")
    for kind, count in tagged.items():
        print(f"masked tickers, {kind:12} {found[kind]:5} of {count:5} found by name")
    return found.total() / tagged.total()


def masked(text: str, tickers: Iterable[str]) -> str:
    """Return a text without its tags, and without those tickers wherever they stand as words."""
    ours = "|".join(map(re.escape, sorted(tickers, key=len, reverse=True)))
    return re.sub(rf"(?<![\w.&])\$?(?:{ours})(?![\w&]|\.\w)", "", TAG.sub("", text))


def control(gazetteer: Gazetteer, texts: Sequence[Text]) -> float:
    """Return how many places name a company in lower case, as a share of those that do as written."""
    places = partial(counted, gazetteer)
    written = sum((places(one) for one in texts), Counter[str]())
    small = sum((places(Text(one.text.lower(), one.body_start)) for one in texts), Counter[str]())
    meant = {name for name in written if name[:1].islower()}
    for name in {name.lower() for name in meant}:
        del small[name]
    print(f"lower-case control: {small.total()} of {written.total()} places; {dict(small.most_common(5))}")
    return small.total() / written.total()


def counted(gazetteer: Gazetteer, one: Text) -> Counter[str]:
    """Return how often each spelling names a company."""
    mentions = gazetteer.find(one.text, one.body_start)
    return Counter(one.text[span.start : span.end] for mention in mentions for span in mention.spans)


# ------------------------------------------------------------------------------------------------ speed


def speeds(
    gazetteer: Gazetteer, companies: Sequence[Company], kinds: Mapping[str, Sequence[Text]], rounds: int
) -> float:
    """Print MB a CPU second of each kind, and return that of articles and filings together."""
    bare = automaton(companies)
    kinds = {"articles and filings": [*kinds["articles"], *kinds["filings"]], **kinds}
    rates: dict[str, float] = {}
    for kind, texts in kinds.items():
        size = sum(len(one.text.encode()) for one in texts) / 1e6
        passes = (partial(find_all, gazetteer, texts), partial(pass_over, bare, texts))
        taken = [[seconds(work) for work in passes] for _ in range(rounds)]
        ours, limit = (statistics.median(column) for column in zip(*taken, strict=True))
        rates[kind] = size / ours
        print(
            f"{kind:21} {len(texts):6} texts {size:5.1f} MB {size / ours:6.1f} MB/s {len(texts) / ours:8,.0f} texts/s"
            f"   bare pass {size / limit:6.1f} MB/s"
        )
    return rates["articles and filings"]


def find_all(gazetteer: Gazetteer, texts: Iterable[Text]) -> None:
    """Do the whole of what the parser does."""
    for text, body_start in texts:
        gazetteer.find(text, body_start)


def pass_over(bare: Callable[[str], object], texts: Iterable[Text]) -> None:
    """Do what cannot be saved."""
    for text, _ in texts:
        bare(text)


def automaton(companies: Sequence[Company]) -> Callable[[str], object]:
    """Return a bare pass: names in lower case in a text in lower case."""
    from ahocorasick_rs import AhoCorasick, MatchKind

    names = sorted({name.lower() for name in owners_of(companies)})
    bare = AhoCorasick(names, matchkind=MatchKind.LeftmostLongest)
    return lambda text: bare.find_matches_as_indexes(text.lower())


def seconds(work: Callable[[], object]) -> float:
    """Return the CPU time that something takes."""
    started = time.process_time()
    work()
    return time.process_time() - started


if __name__ == "__main__":
    main()
