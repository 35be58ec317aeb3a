"""Phrases by which a kind of text is known: letters for plaintiffs, paywalls, templates, orders to a model."""

import re
from dataclasses import dataclass

REACH = 200
"""Characters that a phrase has at most."""


@dataclass(frozen=True)
class Phrases:
    """A pattern, and words of which each of its branches needs one: looking for those first costs next to nothing.

    No match is longer than ``REACH``, so that only what stands near such a word is looked at.
    """

    pattern: re.Pattern[str]
    cues: tuple[str, ...]

    def found_in(self, text: str) -> bool:
        """Return whether a text has one of the phrases."""
        lower = text.lower()
        if len(lower) != len(text):  # places of the one are not those of the other
            return bool(self.pattern.search(text))
        return any(self._found_near(cue, lower, text) for cue in self.cues)

    def _found_near(self, cue: str, lower: str, text: str) -> bool:
        at = lower.find(cue)
        while at >= 0:
            if self.pattern.search(text, max(0, at - REACH), at + 2 * REACH):
                return True
            at = lower.find(cue, at + REACH)
        return False


LAW_FIRM = Phrases(
    re.compile(
        r"class action (?:lawsuit )?deadline|deadline alert|lead plaintiff|"
        r"investors who (?:lost|suffered|purchased|have)|shareholders? (?:who|that) (?:lost|purchased|suffered)|"
        r"(?:recover|recovery of) (?:your )?losses|"
        r"\b(?:Rosen|Pomerantz|Bronstein|Levi & Korsinsky|Robbins Geller|Hagens Berman|Kessler Topaz|Faruqi|Bragar|"
        r"Schall|Glancy|Portnoy|Kirby McInerney|Kahn Swick|Johnson Fistel|Halper Sadeh)\b.{0,60}"
        r"\b(?:LLP|LLC|P\.?C|Law Firm|Law)\b|"
        r"\blaw firm (?:announces|reminds|urges|encourages|is investigating|investigates|notifies)",
        re.IGNORECASE,
    ),
    (
        "deadline",
        "plaintiff",
        "losses",
        "investors who",
        "shareholder",
        "law firm",
        "rosen",
        "pomerantz",
        "bronstein",
        "korsinsky",
        "robbins",
        "hagens",
        "kessler",
        "faruqi",
        "bragar",
        "schall",
        "glancy",
        "portnoy",
        "mcinerney",
        "swick",
        "johnson",
        "sadeh",
    ),
)
"""A law firm looks for plaintiffs."""

PAYWALL = Phrases(
    re.compile(
        r"subscribe (?:now |today )?to (?:continue|read|unlock|keep)|already a subscriber|"
        r"(?:sign|log) in to (?:continue|read)|for (?:subscribers|members) only|"
        r"reserved for (?:our )?(?:subscribers|members)|to (?:continue|keep) reading|"
        r"(?:article|story|content) is (?:available |reserved )?(?:only )?(?:to|for) "
        r"(?:subscribers|members|subscribing)|"
        r"unlock this (?:article|story)|start your (?:free )?(?:trial|subscription)",
        re.IGNORECASE,
    ),
    (
        "subscrib",
        "sign in to",
        "log in to",
        "members",
        "to continue reading",
        "to keep reading",
        "unlock this",
        "start your",
    ),
)
"""The stub in front of a paywall."""

TEMPLATE = Phrases(
    re.compile(
        r"Zacks Rank|we recently (?:published|compiled|made) (?:a|our) list|"
        r"in this article, we are going to take a look|"
        r"is attracting investor attention|here is what you (?:should|need to) know|according to hedge funds|"
        r"stock (?:out|under)performs|should you buy it|read the full (?:stock )?report|"
        r"stocks? to buy (?:now|right now|and hold|according)",
        re.IGNORECASE,
    ),
    (
        "zacks rank",
        "we recently ",
        "in this article, we",
        "investor attention",
        "here is what you",
        "hedge funds",
        "performs",
        "should you buy",
        "read the full",
        " to buy ",
    ),
)
"""The same sentences about any company, filled in by a machine."""

INJECTION = Phrases(
    re.compile(
        r"\b(?:ignore|disregard|forget)\s+(?:all|any|every|the|your|previous|prior|above)\s+\w*\s?(?:previous|prior|above|"
        r"instructions?|prompts?|rules?|text)|"
        r"(?:^|[>.]) ?(?:system|assistant) ?:|<\|im_(?:start|end)\|>|\[/?INST\]|\bsystem prompt\b|"
        r"\b(?:new|updated|real|override) instructions? ?:|\b(?:respond|reply|answer|output) only (?:with|in) \w|"
        r"\b(?:notes?|message|attention) (?:to|for) (?:automated|AI|LLM|machine|language)\b|"
        r"\bif you are an? (?:AI|LLM|language model|bot)\b|"
        r"<<<\s?DOC\b|\bDOC [0-9a-f]{8} ?>>>|\bNONCE ?[=:]|\bmention_id\b|"
        r"\byou are (?:now )?(?:an? )?(?:AI|helpful assistant|language model)|"
        r"\bas an AI (?:language )?model\b|\bdoc_check\b",
        re.IGNORECASE | re.MULTILINE,
    ),
    (
        "[inst]",
        "[/inst]",
        "system prompt",
        "instruction",
        " only with ",
        " only in ",
        "automated",
        "if you are a",
        "message to",
        "message for",
        "attention ",
        "note to",
        "note for",
        "notes to",
        "notes for",
        "<<<",
        ">>>",
        "nonce",
        "mention_id",
        "ignore",
        "disregard",
        "forget",
        "system:",
        "system :",
        "assistant:",
        "assistant :",
        "<|im_",
        "helpful assistant",
        "language model",
        "you are ai",
        "you are an ai",
        "you are a ai",
        "you are now",
        "as an ai",
        "doc_check",
    ),
)
"""The text gives orders to a model that reads it."""
