"""What attacks on the text and on the news do to what is proposed, beside the same story without them.

    python -m benchmarks.adversarial [--items]

Every item of tests/adversarial goes through parser, extractor, aggregation and recommendation, clean and attacked, with
nothing else known and before two backgrounds of five other publishers: quiet ones, and ones that agree with the true
story. Columns: items; those with a flag that the clean twin has not; turned: the document's signal has the opposite
sign; lost: it has none; weight: the attacked signal's weight by the clean one's, in the median; of the three decisions
an item has, those that act where the clean one does not or the other way (wrong), and those held back where the clean
one acts (held); share: the largest share of one publisher in any trend that acts. The last line is the orders again,
read by a model that obeys them. Ends with 1 where a decision is wrong or an order to a model unflagged.
"""

import argparse
import statistics
import sys
from collections.abc import Sequence

from tests.adversarial.items import items
from tests.adversarial.trial import Trial, try_out

ORDERS = {"instruction", "nonce"}


def main() -> None:
    """Print the table by kind."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", action="store_true", help="print every item")
    shown = parser.parse_args().items
    trials = [try_out(item) for item in items()]
    heads = ("items", "flagged", "turned", "lost", "weight", "wrong", "held", "share")
    print(f"{'kind':12} {' '.join(f'{head:>8}' for head in heads)}")
    for kind in dict.fromkeys(trial.item.kind for trial in trials):
        print(row(kind, [trial for trial in trials if trial.item.kind == kind]))
    print(row("all", trials))
    obeyed = [try_out(trial.item, obedient=True) for trial in trials if trial.item.kind in ORDERS]
    print(row("obeyed", obeyed))
    if shown:
        for trial in trials:
            moves = "  ".join(f"{name} {a.score:+.2f} to {b.score:+.2f}" for name, (a, b) in trial.verdicts.items())
            print(f"{trial.item.name:28} {moves}  {', '.join(sorted(trial.flags))}")
    silent = [trial.item.name for trial in trials if trial.item.kind in ORDERS and not trial.flags]
    decisions = sum(map(wrong, trials + obeyed))
    print(f"goal: no decision changes beyond the evidence cap: {decisions} wrong of {3 * len(trials + obeyed)}")
    print(f"goal: every injected instruction flagged or harmless: {len(silent)} unflagged")
    sys.exit(bool(decisions or silent))


def row(name: str, trials: Sequence[Trial]) -> str:
    """Return one line of the table."""
    turned = sum(trial.signs[0] * trial.signs[1] < 0 for trial in trials)
    lost = sum(trial.signs[0] != 0 and trial.signs[1] == 0 for trial in trials)
    acting = [b.share for trial in trials for _, b in trial.verdicts.values() if b.acts]
    figures = (
        f"{len(trials):8}",
        f"{sum(bool(trial.flags) for trial in trials):8}",
        f"{turned:8}",
        f"{lost:8}",
        f"{statistics.median(trial.grew for trial in trials):8.2f}",
        f"{sum(map(wrong, trials)):8}",
        f"{sum(map(held, trials)):8}",
        f"{max(acting, default=0.0):8.2f}",
    )
    return f"{name:12} {' '.join(figures)}"


def wrong(trial: Trial) -> int:
    """Return how many decisions act that do not on the clean side, or act the other way."""
    return sum(b.acts and (not a.acts or a.action is not b.action) for a, b in trial.verdicts.values())


def held(trial: Trial) -> int:
    """Return how many decisions act on the clean side alone."""
    return sum(a.acts and not b.acts for a, b in trial.verdicts.values())


if __name__ == "__main__":
    main()
