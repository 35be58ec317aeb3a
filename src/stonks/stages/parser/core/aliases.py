"""The names under which texts speak of a company, and which of them are also ordinary words."""

import re
from collections.abc import Iterable

from stonks.model.company import Company

_LEGAL = re.compile(
    r"(?:,?\s+(?:Inc|Incorporated|Corp|Corporation|Co|Company|Companies|Cos|Ltd|Limited|plc|PLC|Group|Holdings|"
    r"International|N\.V|S\.A)\.?|\s*(?:&|and)\s+Co\.?)$"
)
_INITIALS = re.compile(r"\b([A-Z])\.(?=[A-Z]\b|\s|$)")

_SHORTEST = 2

AMBIGUOUS: dict[str, frozenset[str]] = {
    word: frozenset(following.split())
    for word, following in {
        "alexa": "",
        "allstate": "",
        "amazon": "rainforest river basin forest forests jungle deforestation delta region tribe tribes",
        "apple": "pie pies juice cider orchard orchards tree trees sauce grower growers picking crop harvest podcasts",
        "azure": "sky skies sea coast",
        "ball": "game games park",
        "block": "party of on the",
        "booking": "a your for fees",
        "chase": "for after the a his her down up may",
        "corning": "",
        "crown": "prince princess jewel jewels",
        "copilot": "and seat",
        "discover": "the how why what your more",
        "dow": "jones futures rises falls drops slides jumps gains",
        "emerson": "",
        "ford": "foundation",
        "fox": "hunt hunting",
        "gap": "between in year of up down widens narrows",
        "key": "takeaways points to facts things",
        "match": "made up day point the",
        "meta": "analysis",
        "mosaic": "of",
        "oracle": "of",
        "paramount": "importance to",
        "pool": "of party",
        "progressive": "democrats caucus tax policies lawmakers",
        "regions": "of in across",
        "snap": "election elections judgment up",
        "southern": "california states europe border district",
        "square": "miles feet root",
        "tableau": "vivant",
        "tapestry": "of",
        "target": "date dates range ranges price prices rate rates audience of for is was",
        "travelers": (
            "face faced to from at in on with who are were can could may might should need heading arriving flying "
            "stranded check championship"
        ),
        "visa": (
            "applicant applicants holder holders application applications rule rules restriction restrictions fee fees "
            "program programs revocation revocations waiver waivers ban bans bulletin free requirement requirements "
            "policy status sponsorship appointment appointments processing lottery overstay overstays"
        ),
        "waters": "off of around",
        "williams": "",
        "zoom": "call calls meeting meetings in out",
    }.items()
}
"""Names that are ordinary words, surnames or places, each with the words after which they are that and no company."""

WITH_ARTICLE = frozenset({"amazon"})
"""Ambiguous names that are the company but behind an article: the Amazon is a river."""

WORD_TICKERS = frozenset(
    "ALL ANY APP ARE BALL BEN BIG CAN CAT CEO CRM DAY EAT FAST FOR FOX GAP HAS HON IBM IT KEY LOW MAN MET NOW ONE OPEN "
    "OUT PEG POOL PAY REAL SEE SNAP SUN TECH TAP TEAM USA WELL WEST WM".split()
)
"""Tickers that are also words or common abbreviations: alone they name no company (IBM is named by its alias)."""


def variants(company: Company) -> frozenset[str]:
    """Return every name of a company: no article, with and without legal form, ``&`` as a word, initials joined."""
    names: set[str] = set()
    for name in (company.name, *company.aliases):
        names |= _shortened(name.removeprefix("The "))
    names |= set(_spelled(names))
    return frozenset(name for name in names if len(name) >= _SHORTEST)


def _shortened(name: str) -> set[str]:
    names = {name}
    while (shorter := _LEGAL.sub("", name).rstrip(" ,&")) != name and shorter:
        names.add(shorter)
        name = shorter
    return names


def _spelled(names: Iterable[str]) -> Iterable[str]:
    for name in names:
        if " & " in name:
            yield name.replace(" & ", " and ")
        if " and " in name:
            yield name.replace(" and ", " & ")
        if "-" in name:
            yield name.replace("-", " ")
        if _INITIALS.search(name):
            yield _INITIALS.sub(r"\1", name)
