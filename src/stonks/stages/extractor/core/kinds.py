"""What kind of text a document is, by its type and by the phrases of its title."""

import re

from stonks.model.document import DocumentType

_OPINION = re.compile(
    r"\bshould (?:you|i|investors)\b"
    r"|\b(?:stocks?|shares|etfs?) (?:to (?:buy|watch|own|hold|avoid|sell)|that (?:could|can|will))\b"
    r"|\bis (?:it|now)\b.*\?|\b(?:buy|sell|hold),? or (?:buy|sell|hold)\b|\bhere(?:'|’)?s (?:why|what|how)\b"
    r"|\breasons?\b.*\b(?:to|why)\b|\bmy (?:top|favorite|best)\b|\b(?:better|best) (?:buy|stocks?|dividend)\b"
    r"|\bwhy (?:i|we)\b|\b\d+ (?:best|top|reasons|stocks|things)\b|\bamong (?:the )?(?:best|top|worst)\b"
    r"|\btop \d+\b|^(?:which|what)\b.*\?|\bwhich .*\?$|\bis [^?]{3,60}\?$|\bopinion\b|\bbull(?:ish)? case\b"
    r"|\bbear case\b",
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
    r"|rosen law|pomerantz|encouraged? to contact|deadline alert|securities fraud class action)\b",
    re.IGNORECASE,
)

_FILLER = re.compile(
    r"\bin this article,? we\b|\bwe (?:recently|just) (?:published|compiled|covered)\b|\bclick here\b"
    r"|\bread (?:more|here)\b|\bto (?:watch|see|read) more\b|\bshould you (?:invest|buy)\b|\bfull commentary\b"
    r"|\bsafe harbor\b|\bforward[- ]looking\b|\bindicate by check mark\b|\bcheck the appropriate box\b"
    r"|\ball rights reserved\b|\bpast performance\b",
    re.IGNORECASE,
)

_LONGEST_TITLE = 300

_NO_FACT = re.compile(
    r"\b(?:may|might|could|would|can|cannot|should|if|risks?|uncertain\w*|subject to|depends? on|the purpose of"
    r"|mission)\b",
    re.IGNORECASE,
)

_ANAPHORA = re.compile(
    r"\b(?:it|its|they|their|he|she|we|our|the (?:company|firm|group|stock|shares|bank|lender|insurer"
    r"|retailer|maker|giant|business|drugmaker|planemaker|carmaker|chipmaker|executives?|management|board|ceo"
    r"|unit|deal|order|judge|court|plan|profit|loss|figures?|results|report|move|decision|news|case|drug"
    r"|agreement|contract|[a-z-]+maker))\b",
    re.IGNORECASE,
)
_TICKER = re.compile(r"\((?:[A-Z]+ ?: ?)?[A-Z]{1,5}\)")

CERTAINTY = {"filing": 0.8, "opinion": 0.6, "analysis": 0.8, "pr_spam": 0.2, "transcript": 0.8}
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


def is_anaphoric(sentence: str) -> bool:
    """Whether a sentence that names nobody we know speaks of who was named before: by a pronoun, with no ticker."""
    return _ANAPHORA.search(sentence) is not None and _TICKER.search(sentence) is None


def is_filler(sentence: str, title: str) -> bool:
    """Whether a sentence of the body says nothing of its own: the title again, or what stands in every text."""
    return sentence.rstrip(".").casefold() == title.rstrip(".").casefold() or _FILLER.search(sentence) is not None


def is_supposed(sentence: str) -> bool:
    """Whether a sentence of a filing tells what might happen, as most of its risk factors do, and no fact."""
    return _NO_FACT.search(sentence) is not None
