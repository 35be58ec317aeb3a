"""The vocabulary of financial news as data: what moves, what it moves, what is good or bad, and what turns it round.

Written by us from knowledge of the genre. Words stand in lower case; a verb is given by its base and its forms are made
here, irregular ones are written out.
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """What a word or phrase does to a reading."""

    MOVE = "move"
    METRIC = "metric"
    TONE = "tone"
    FLIP = "flip"
    HEDGE = "hedge"
    MUTE = "mute"


class Entry(NamedTuple):
    """One word's part: its signed value and what it says when nothing stands beside it."""

    kind: Kind
    value: float
    alone: float = 0.0
    ahead: bool = False
    """Whether it has its metric, or whom it is said of, after it: cuts costs, bullish on Boeing."""
    strict: bool = False
    """Whether it is said of nobody before it: who sues or downgrades is not sued or downgraded."""


def _forms(verbs: str) -> Iterator[str]:
    """Yield the forms of regular verbs; a trailing + doubles the last letter (slip+ slipped)."""
    for verb in verbs.split():
        base = verb.rstrip("+")
        stem = base + base[-1] if verb.endswith("+") else base
        yield base
        if base.endswith("e"):
            yield from (base + "s", base + "d", base[:-1] + "ing")
        elif base.endswith("y") and base[-2] not in "aeiou":
            yield from (base[:-1] + "ies", base[:-1] + "ied", base + "ing")
        else:
            plural = "es" if base.endswith(("s", "sh", "ch", "x", "z")) else "s"
            yield from (base + plural, stem + "ed", stem + "ing")


def _verbs(regular: str, irregular: str = "") -> tuple[str, ...]:
    return (*_forms(regular), *irregular.split())


# ------------------------------------------------------------------------------------------------ what moves

_MOVES: tuple[tuple[float, float, bool, tuple[str, ...]], ...] = (
    # value, what it says alone, looks ahead for its metric first, words
    (1.0, 0.9, False, _verbs("surge soar skyrocket rocket zoom rally outperform", "skyrocketing")),
    (0.8, 0.75, False, _verbs("jump gain climb rebound recover advance bounce spurt improve strengthen accelerate")),
    (
        0.8,
        0.7,
        False,
        _verbs("", "rise rises rose risen rising up upside upswing upturn uptick uptrend upward bounceback"),
    ),
    (0.8, 0.6, False, _verbs("increase expand grow", "grew grown")),
    (0.8, 0.6, True, _verbs("double triple quadruple")),
    (0.5, 0.45, False, _verbs("firm inch edge creep+ perk")),
    (0.8, 0.6, True, _verbs("boost lift uplift bolster prop+")),
    (0.8, 0.3, True, _verbs("raise hike widen", "upped upping")),
    (0.8, 0.35, True, ("higher", "bigger", "larger", "faster")),
    (0.6, 0.0, True, ("more",)),
    (-1.0, -0.9, False, _verbs("plunge plummet tumble slump nosedive crash crater tank collapse crumble", "meltdown")),
    (-0.8, -0.75, False, _verbs("slide drop+ slip+ sag+ decline retreat skid+ falter crack dip+ slump")),
    (
        -0.8,
        -0.7,
        False,
        _verbs(
            "",
            "fall falls fell fallen falling sink sinks sank sunk sinking down downside downturn downtrend "
            "downward spiral",
        ),
    ),
    (
        -0.8,
        -0.6,
        False,
        _verbs("decrease weaken worsen deteriorate dwindle soften erode moderate decelerate slow", "slowdown"),
    ),
    (
        -0.6,
        -0.5,
        False,
        _verbs(
            "ebb fade recede abate",
            "waning shrink shrinks shrinking shrank shrunk contracted contracting contraction slack slackens",
        ),
    ),
    (-0.6, -0.35, True, _verbs("ease narrow halve")),
    (-0.8, -0.4, True, _verbs("slash lower reduce trim+ prune", "cut cuts cutting curtail curtails curtailed")),
    (-0.8, -0.6, True, _verbs("lose dent hurt", "lost losing shed sheds shedding dents hurts hurting")),
    (-0.8, -0.35, True, ("lower", "smaller", "slower")),
    (-0.6, 0.0, True, ("fewer", "less")),
)

# ------------------------------------------------------------------------------------------------ what is moved

_METRICS: tuple[tuple[float, float, str], ...] = (
    # value, what it says alone, words
    (1.0, 0.0, "profit profits pat earnings income ebitda ebit eps revenue revenues sales turnover topline bottomline"),
    (
        1.0,
        0.0,
        "margin margins demand orders order bookings backlog output production shipments deliveries volume volumes",
    ),
    (
        1.0,
        0.0,
        "traffic subscribers users customers footfall collections exports nii aum advances deposits disbursements",
    ),
    (
        1.0,
        0.0,
        "guidance outlook forecast forecasts estimate estimates target targets rating ratings view dividend payout",
    ),
    (
        1.0,
        0.0,
        "shares share stock stocks price prices valuation valuations scrip index market markets equities futures",
    ),
    (
        1.0,
        0.0,
        "productivity efficiency liquidity spending consumption investment investments capex hiring payrolls jobs",
    ),
    (1.0, 0.0, "sentiment confidence cashflow cash bookings occupancy yield yields capacity stake bets"),
    (1.0, 0.5, "growth recovery"),
    (-1.0, -0.65, "loss losses"),
    (-1.0, -0.15, "cost costs expense expenses expenditure debt debts borrowings leverage deficit shortfall glut"),
    (-1.0, -0.2, "npa npas provisions provisioning impairment impairments writedown writedowns delinquencies defaults"),
    (-1.0, -0.2, "unemployment inflation tariffs tariff duties taxes risks risk volatility churn attrition slippages"),
    (
        -1.0,
        -0.2,
        "delays complaints defects cancellations inventory inventories redemptions outflows outflow vacancies",
    ),
    (
        -1.0,
        -0.2,
        "headwinds pressure pressures concern concerns fear fears worry worries uncertainty tensions claims charges",
    ),
)

# ------------------------------------------------------------------------------------------------ good or bad by itself

_TONES: tuple[tuple[float, tuple[str, ...]], ...] = (
    (1.0, _verbs("exceed surpass outpace outshine top+", "beat beats beating beaten trounce trounces")),
    (1.0, _verbs("", "upgraded outperformance outperformer breakthrough blockbuster stellar bumper skyrocketing")),
    (0.8, _verbs("win+ clinch bag+ secure", "won wins triumph triumphs bagged lands landed accolade")),
    (0.8, _verbs("approve thrive flourish excel+ impress delight shine", "approval approvals nod clearance shone")),
    (
        0.8,
        tuple(
            "strong stronger strongest robust solid healthy buoyant resilient upbeat bullish optimistic bulls".split()
        ),
    ),
    (
        0.8,
        tuple(
            "positive impressive excellent superb outstanding attractive lucrative rosy bright brighter winner".split()
        ),
    ),
    (
        0.8,
        tuple(
            "winners best better favourable favorable promising profitable undervalued overweight multibagger".split()
        ),
    ),
    (0.6, ("confident", "risers", "breakout")),
    (-0.6, ("irregularities", "invalidated", "skepticism", "scepticism")),
    (
        0.7,
        tuple(
            "accumulate booming boom tailwind tailwinds momentum success successful successfully gainers gainer".split()
        ),
    ),
    (
        0.6,
        tuple(
            "good great record opportunity opportunities rewarding turnaround revival cheer cheers hope hopes".split()
        ),
    ),
    (
        0.5,
        _verbs(
            "benefit reward settle resume reinstate restore welcome revive", "propels propelled optimism relief bargain"
        ),
    ),
    (
        0.4,
        tuple(
            "launch launches launched unveils unveiled partnership partners tie-up collaboration expansion bonus "
            "clears cleared".split()
        ),
    ),
    (
        0.4,
        tuple(
            "buyback leader leading love loves favorite favourite top picks pick support supports green safe".split()
        ),
    ),
    (0.3, _verbs("expand add partner invest", "innovative dividends oversubscribed")),
    (-1.0, _verbs("miss", "downgraded fraud scam bankrupt bankruptcy insolvency insolvent underperformance scandal")),
    (
        -1.0,
        _verbs("default underperform disappoint plague slam+", "disappointing disappointment dismal bleak grim worst"),
    ),
    (-0.8, _verbs("breach violate allege", "lawsuit lawsuits penalty penalties probe probes fine fines suit")),
    (
        -0.8,
        _verbs(
            "recall suspend halt ban+ block reject fail scrap+ delist+",
            "failure investigation investigations raid raids",
        ),
    ),
    (
        -0.8,
        tuple(
            "weak weaker weakest weakness poor bearish bear bears pessimistic sluggish muted tepid lacklustre".split()
        ),
    ),
    (
        -0.8,
        tuple("lackluster negative subdued gloomy dull worse bad dire crisis trouble troubled woes turmoil".split()),
    ),
    (
        -0.8,
        tuple(
            "underweight overvalued overpriced loser losers laggard laggards unprofitable toxic sour pummeled "
            "pummelled hammered battered".split()
        ),
    ),
    (
        -0.8,
        tuple(
            "layoff layoffs hack hacked outage shutdown strike strikes boycott accident crashes explosion fire".split()
        ),
    ),
    (-0.6, _verbs("warn struggle suffer postpone delay cancel threaten withdraw hamper stall languish", "withdrew")),
    (
        -0.6,
        tuple("warning warnings threat threats headwind bubble wary cautious caution jitters panic shortage".split()),
    ),
    (
        -0.6,
        tuple(
            "volatile vulnerable expensive pricey overbought uncertain wrong costly stressed slower backlash".split()
        ),
    ),
    (-0.5, _verbs("blame punish grapple wobble lag+", "worried ousted choppy shaky")),
    (-0.3, _verbs("resign quit+ exit depart")),
    (
        -0.4,
        tuple("red problem problems dispute challenge challenges scrutiny complaint difficult tough hurdle".split()),
    ),
    (
        -0.4,
        tuple("stepping glitch error bottleneck bottlenecks cheating rout bloodbath carnage doubts doubt".split()),
    ),
)

_TONES_AHEAD: tuple[tuple[float, bool, tuple[str, ...]], ...] = (
    # value, said of nobody before it, words said of whom or what stands after them
    (1.0, True, ("upgrades", "upgrading")),
    (1.0, False, ("upgrade",)),
    (-1.0, True, ("downgrades", "downgrading")),
    (-1.0, False, ("downgrade",)),
    (0.7, True, _verbs("prefer+ favour favor recommend help back")),
    (0.6, False, ("betting", "bullish", "upbeat", "optimistic", "positive", "overweight")),
    (-0.7, False, ("bearish", "cautious", "underweight", "wary", "negative", "pessimistic")),
    (
        -0.8,
        True,
        ("sues", "suing", "fines", "probes", "probing", "accuses", "accusing", "slaps", "investigates", "penalises"),
    ),
    (-0.8, False, _verbs("hit+ knock drag+ weigh penalize indict", "sue sued fine fined probe probed accused slapped")),
)

# ------------------------------------------------------------------------------------------------ what turns round

_FLIPS = (
    # a negation or an end of something turns what follows within three tokens
    (
        -0.8,
        "not no never cannot can't won't don't doesn't didn't isn't aren't wasn't without hardly barely neither nor",
    ),
    (-0.8, "fails failed unable unlikely denies denied deny rejects avoids avoid avoided averts despite shrug shrugs"),
    (-0.9, "pare pares pared paring erase erases erased erasing recoup recoups recouped reverse reverses reversed"),
    (
        -0.9,
        "snap snaps snapped stem stems stemmed limit limits limited curb curbs curbed arrest arrests wipe wipes wiped",
    ),
    (-0.9, "overcome overcomes defies defy defied cushion cushions offset offsets"),
)
HEDGES = frozenset(
    "may might could reportedly rumor rumors rumour rumours rumoured rumored considering considers mulls mull "
    "mulling "
    "weighs weighing explores exploring potential potentially possible possibly perhaps likely allegedly would if "
    "speculation eyes plans planning seeks seeking hopes".split()
)
NEGATIONS = frozenset(
    "not no never denies denied deny without won't cannot can't didn't doesn't isn't rules scraps".split()
)
"""Words before an event that say it does not happen (``rules`` as in rules out)."""

STOP = frozenset(
    "a an and are as at be been being but by can did do does for from had has have he her his how i if in into "
    "is it its "
    "may more most my new no nor not of on or our out over said says say she so some such than that the their "
    "them then "
    "there these they this to too under up was we were what when where which while who why will with would you "
    "your after "
    "about again all also am any because before between both down during each few here just off only other own "
    "same should "
    "through until very amid inc corp co ltd plc company shares stock stocks".split()
)
"""Words that tell one story from another as little as punctuation does."""


def _single_words() -> Iterator[tuple[str, Entry]]:
    for value, words in _TONES:
        yield from ((word, Entry(Kind.TONE, value)) for word in words)
    for value, alone, text in _METRICS:
        yield from ((word, Entry(Kind.METRIC, value, alone)) for word in text.split())
    for value, alone, ahead, words in _MOVES:
        yield from ((word, Entry(Kind.MOVE, value, alone, ahead)) for word in words)
    for value, text in _FLIPS:
        yield from ((word, Entry(Kind.FLIP, value)) for word in text.split())
    for value, strict, words in _TONES_AHEAD:
        yield from ((word, Entry(Kind.TONE, value, ahead=True, strict=strict)) for word in words)
    yield from ((word, Entry(Kind.HEDGE, 0.8)) for word in HEDGES)


WORDS: dict[str, Entry] = dict(_single_words())
"""Every single word with its part; where lists overlap the later wins: tone, metric, move, flip, tone ahead, hedge."""


def merged(*groups: Iterable[tuple[str, Entry]]) -> dict[str, list[tuple[tuple[str, ...], Entry]]]:
    """Return phrases by their first word, the longest first."""
    table: dict[str, list[tuple[tuple[str, ...], Entry]]] = {}
    for group in groups:
        for phrase, entry in group:
            words = tuple(phrase.split())
            table.setdefault(words[0], []).append((words, entry))
    for entries in table.values():
        entries.sort(key=lambda pair: -len(pair[0]))
    return table
