"""Phrases whose meaning is not the sum of their words, as data; they are read before single words."""

import re
from collections.abc import Iterator

from stonks.stages.extractor.core.lexicon import Entry, Kind, merged

_TONES: tuple[tuple[float, str], ...] = (
    (
        1.0,
        """
        better than expected|above estimates|above expectations|ahead of estimates|ahead of expectations
        tops estimates|beats estimates|beat estimates|above consensus|all time high|all time highs|new highs
        record high|record highs
        lifetime high|52 week high|new high|fresh high|upper circuit|multi year high|year high|month high
        week high|price target raised|swings to profit|swung to profit|swing to profit|returns to profit
        return to profit|back to profit|turns profitable|turned profitable|back in black|in the black
        turns around|game changer|top performer|price target hike
        """,
    ),
    (
        0.8,
        """
        buy rating|strong buy|outperform rating|a buy|must buy|top pick|top picks|buy call|maintains buy
        maintain buy|remains buy|retain buy|retains buy|reiterates buy|reiterate buy|initiates buy|good buy
        go long|stocks to buy|bets to buy|shares to buy|stock to buy|value buy|stay invested|add rating
        bucks trend|bucks the trend|ramps up|ramp up|ramping up|steps up|step up|cheers up|picks up|pick up
        picked up|shoots up|cost cutting|costs saving|cost savings|tax cut|tax cuts|rate cut|rate cuts
        market share gains|gains market share|wins order|bags order|bags orders|bags contract|lifts ban
        ban lifted|clean chit|gets nod|green light|debt free|on track|long term buy|in demand|strong demand
        price hike|price hikes|hikes prices|breaks out|breaking out|break out|went long|going long|long setup
        long position|credit positive|dismisses lawsuit|lawsuit dismissed
        wins lawsuit|wins case|wins appeal|record profit|record revenue|special dividend|stock split
        bonus issue|bonus shares|short covering|bargain hunting|bargain buying|bottom fishing|bullish bets
        gains ground|gap up|rides high|worst is behind|worst is over|in the green|turns positive
        turn positive|outlook positive|stable outlook
        """,
    ),
    (
        -1.0,
        """
        worse than expected|below estimates|below expectations|misses estimates|missed estimates
        miss estimates|below consensus|short of estimates|short of expectations|falls short|fell short
        fall short|record low|record lows|all time low|all time lows|new lows|52 week low|lifetime low
        new low|fresh low
        lower circuit|multi year low|year low|month low|week low|swings to loss|swung to loss|swing to loss
        slips into red|into the red|in the red|profit warning|going concern|lower than expected
        weaker than expected|slower than expected|class action|chapter 11|wake up call|price target cut
        price target lowered|profit warnings|money laundering|insider trading
        """,
    ),
    (
        -0.8,
        """
        sell rating|strong sell|underperform rating|a sell|sell call|maintains sell|retains sell
        reiterates sell|sell off|sold off|book profit|book profits|booking profits|profit booking
        profit taking|loss making|job cuts|cuts jobs|cut jobs|cutting jobs|job losses|lays off|lay off
        laid off|laying off|steps down|step down|stepped down|stepping down|shut down|shuts down
        shutting down|shutters|crack down|cracks down|write down|write off|writes down|writes off|price cut
        price cuts|slashes prices|hit by|hits profit|hit profit|takes a hit|took a hit|take a hit|hard hit
        hit hard|be avoided|gap down|drags down|weighed down|weighs on|weigh on|weighed on|weighing on
        under pressure|comes under|stay away|better to avoid|go short|short sellers|short seller
        bearish bets|turns negative|turn negative|outlook negative|negative outlook|credit negative|runs out
        falls apart|behind schedule|pulls out|pulled out|calls off|called off|loses ground|market share loss
        loses market|supply chain|trade war|rate hike|rate hikes|tax demand|tax evasion|tax notice
        show cause|safety concerns|data breach|security breach|cyber attack|product recall|layoffs loom
        high debt|no buyers|no takers|short squeeze fades|death cross|stop loss hit|bad loans|bad loan
        antitrust case|wipes out|wiped out|dead cat|red flag|red flags|must pay|ordered to pay|not a buy
        """,
    ),
    (
        0.35,
        "in focus on|joins hands|ties up|teams up|tie up|signs pact|signs mou|inks pact|inks deal|signs deal|to launch",
    ),
    (-0.35, "on hold|puts on hold|profit falls short"),
)

_METRICS: tuple[tuple[float, float, str], ...] = (
    (
        1.0,
        0.0,
        """
        net profit|operating profit|gross profit|net income|net sales|market share|price target|target price
        cash flow|free cash flow|share price|stock price|market cap|market value|order book|order intake
        same store sales|comparable sales|operating income|gross margin|operating margin|interest income
        buy back|credit rating|new orders
        growth forecast|sales forecast|profit forecast|revenue forecast
        earnings forecast|full year|oil price|oil prices|crude price|crude prices|gold price|gold prices
        asset quality|profit margin
        """,
    ),
    (1.0, 0.5, "profit growth|revenue growth|sales growth|loan growth|credit growth|earnings growth"),
    (-1.0, -0.65, "net loss|operating loss|quarterly loss|trading loss"),
    (
        -1.0,
        -0.2,
        """
        interest rate|interest rates|lending rates|bond yields|jobless claims|bad debt|npa ratio|input costs
        operating costs|raw material costs|short interest|tax rate|credit costs|medical costs
        cost of capital
        """,
    ),
)

_MOVES: tuple[tuple[float, float, bool, str], ...] = (
    (0.8, 0.7, False, "goes up|went up|moves up|moved up|marches up|bounces back|bounced back|snaps back|gathers pace"),
    (
        -0.8,
        -0.7,
        False,
        "goes down|went down|comes down|came down|gives up|gave up|dries up|slows down|slowed down|cools off",
    ),
    (0.8, 0.6, True, "props up|propped up|shores up"),
    (-0.8, -0.4, True, "cuts down|cut down|scales back|scaled back|cuts back|cut back|pulls back|rolls back"),
)

_FLIPS = (
    -0.8,
    """
        fails to|failed to|fail to|rules out|ruled out|no longer|not to|far from|lack of|lacks|end to
        puts an end|recovers from|recover from|rebounds from|rebound from|instead of|in spite of|yet to
        too early|makes up for
        """,
)

_MUTES = """
        up to|set up|sets up|setting up|start up|start ups|follow up|made up|make up|sign up|line up
        lines up|up for|build up|take up|takes up|taken up|ups and|more than|less than|no more
        at least|at most|best buy|sales force|top 10|top 5|top ten|top five|top 3|top 20|top stocks
        top gainers and losers|gainers and losers|up next|what is up|break down|down under|down payment
        sit down|good morning|rising star|target corp|stop loss|stoploss|hedge fund|interest in|real estate
        income tax|income fund|income stock|income stocks|mutual fund|growth stock|growth stocks
        value stocks|strong economic|fixed income|gross domestic|may day|share sale|share capital
        issuer default|default rating|private equity|fire sale|fair value|safe harbor|risk factors
        stocks to watch|stock to watch|here is|order to|in order|as well|as good as|raise funds
        raise capital|raise money|raises funds|raise up to|raise rs|raises rs|raise about|not only|no matter
        not just|should you buy|is it a buy|buy or sell|buy sell|sell or hold|time to buy|or sell
        """


_EXTREMES = tuple(
    (1.0 if end == "high" else -1.0, f"{verb} {mark} {end}")
    for verb in ("hit", "hits", "touch", "touches", "at", "to")
    for mark in (
        "record",
        "52 week",
        "all time",
        "new",
        "fresh",
        "lifetime",
        "fresh 52 week",
        "new 52 week",
        "fresh record",
    )
    for end in ("high", "low")
)


def _listed(text: str) -> Iterator[str]:
    """Yield what stands between bars or on lines of its own."""
    return (phrase for part in re.split(r"[|\n]", text) if (phrase := part.strip()))


def _all() -> Iterator[tuple[str, Entry]]:
    for value, text in _TONES:
        yield from ((phrase, Entry(Kind.TONE, value)) for phrase in _listed(text))
    yield from ((phrase, Entry(Kind.TONE, value)) for value, phrase in _EXTREMES)
    for value, alone, text in _METRICS:
        yield from ((phrase, Entry(Kind.METRIC, value, alone)) for phrase in _listed(text))
    for value, alone, ahead, text in _MOVES:
        yield from ((phrase, Entry(Kind.MOVE, value, alone, ahead)) for phrase in _listed(text))
    value, text = _FLIPS
    yield from ((phrase, Entry(Kind.FLIP, value)) for phrase in _listed(text))
    yield from ((phrase, Entry(Kind.MUTE, 0.0)) for phrase in _listed(_MUTES))


PHRASES = merged(_all())
"""Phrases by their first word, the longest first."""
