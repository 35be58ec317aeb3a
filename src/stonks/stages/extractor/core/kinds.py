"""What kind of text a document is, by its type and by the phrases of its title."""

import re

from stonks.model.document import DocumentType

_OPINION = re.compile(
    r"\bshould (?:you|i|investors)\b|\b(?:stocks?|shares|etfs?) (?:to (?:buy|watch|own|hold|avoid|sell)"
    r"|that (?:could|can|will))\b"
    r"|\bis (?:it|now)\b.*\?|\b(?:buy|sell|hold),? or (?:buy|sell|hold)\b|\bhere(?:'|’)?s (?:why|what|how)\b"
    r"|\breasons?\b.*\b(?:to|why)\b"
    r"|\bmy (?:top|favorite|best)\b|\b(?:better|best) (?:buy|stocks?|dividend)\b|\bwhy (?:i|we)\b|\b\d+ (?:best"
    r"|top|reasons|stocks|things)\b"
    r"|\bamong (?:the )?(?:best|top|worst)\b|\btop \d+\b|^(?:which|what)\b.*\?|\bwhich .*\?$|\bis [^?]{3,60}\?$"
    r"|\bopinion\b|\bbull(?:ish)? case\b|\bbear case\b",
    re.IGNORECASE,
)
_ANALYSIS = re.compile(
    r"\b(?:analysts?|analysis|valuation|q&a|price target|what to (?:watch|know|expect)|preview|outlook for"
    r"|deep dive)\b",
    re.IGNORECASE,
)
_TRANSCRIPT = re.compile(r"\b(?:earnings call|conference call) transcript\b|\btranscript\b", re.IGNORECASE)
_SPAM = re.compile(
    r"\b(?:class action deadline|shareholder alert|investor alert|investors who (?:lost|suffered)|law firm"
    r"|rosen law|pomerantz|"
    r"encouraged? to contact|deadline alert|securities fraud class action)\b",
    re.IGNORECASE,
)

_FILLER = re.compile(
    r"\bin this article,? we\b|\bwe (?:recently|just) (?:published|compiled|covered)\b|\bclick here\b"
    r"|\bread (?:more|here)\b"
    r"|\bto (?:watch|see|read) more\b|\bshould you (?:invest|buy)\b|\bfull commentary\b|\bsafe harbor\b"
    r"|\bforward[- ]looking\b"
    r"|\bindicate by check mark\b|\bcheck the appropriate box\b|\ball rights reserved\b|\bpast performance\b",
    re.IGNORECASE,
)

_LONGEST_TITLE = 300

CERTAINTY = {"opinion": 0.6, "analysis": 0.8, "pr_spam": 0.2, "transcript": 0.8}
"""How much less a text of this kind is trusted than a report of what happened."""


def kind_of(document_type: DocumentType, title: str) -> str:
    """Return news, press_release, filing, transcript, analysis, opinion or pr_spam."""
    if document_type is DocumentType.FILING:
        return "filing"
    title = title[:_LONGEST_TITLE]
    for kind, pattern in (
        ("pr_spam", _SPAM),
        ("transcript", _TRANSCRIPT),
        ("opinion", _OPINION),
        ("analysis", _ANALYSIS),
    ):
        if pattern.search(title):
            return kind
    return "press_release" if document_type is DocumentType.PRESS_RELEASE else "news"


def is_filler(sentence: str, title: str) -> bool:
    """Whether a sentence of the body says nothing of its own: the title again, or what stands in every text."""
    return sentence.rstrip(".").casefold() == title.rstrip(".").casefold() or _FILLER.search(sentence) is not None
