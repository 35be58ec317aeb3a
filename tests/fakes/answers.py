"""What an attentive model would answer: read off the prompt it gets, so that it can follow any tape."""

import re
from dataclasses import dataclass
from typing import Any

_NONCE = re.compile(r"\b[0-9a-f]{8,}\b")
_FENCED = re.compile(r"<<<DOC ([0-9a-f]+)\n(.*)\nDOC \1>>>", re.DOTALL)
_CANDIDATE = re.compile(r"(\d+)\) (\S+) ([^\n]+?)(?= \d+\) |\n|$)")
_SENTENCE = re.compile(r"[^\s.!?][^\n]*?(?:[.!?](?=\s|$)|(?=\n|$))")
_FIGURE = re.compile(r"\$?\d[\d,]*(?:\.\d+)?(?:%| (?:billion|million|percent))?")
_GOOD = re.compile(r"\b(?:beat|record|raise|rise|rose|gain|strong|growth|surge|win|up|approv|upgrad)\w*", re.IGNORECASE)
_BAD = re.compile(r"\b(?:miss|cut|fall|fell|drop|weak|loss|lawsuit|recall|down|plung|probe|ban)\w*", re.IGNORECASE)
_LONGEST_QUOTE = 240
_MACRO = {
    "tariff_trade": "tariff",
    "inflation": "inflation|consumer price|cpi",
    "labor": "payroll|jobless|unemployment",
    "energy_supply": "opec|oil",
    "rates": "fed|rates|central bank",
}


@dataclass(frozen=True)
class Asked:
    """A prompt as it was sent, taken apart."""

    system: str
    prompt: str
    schema: dict[str, Any]

    @property
    def nonce(self) -> str:
        """What stands last in the last line of the system's words, or nothing where no nonce does."""
        found = _NONCE.findall(self.system.strip().rpartition("\n")[2])
        return found[-1] if found else ""

    @property
    def text(self) -> str:
        """The document between the marks."""
        found = _FENCED.search(self.prompt)
        return found[2] if found else ""

    @property
    def candidates(self) -> list[tuple[int, str, str]]:
        """The numbered companies: number, ticker, name."""
        _, _, listed = self.prompt.partition("CANDIDATES:")
        listed, _, _ = listed.partition("<<<DOC")
        return [(int(number), ticker, name.strip()) for number, ticker, name in _CANDIDATE.findall(listed)]

    @property
    def sentences(self) -> list[str]:
        """The sentences of the document, as they stand in it."""
        return _SENTENCE.findall(self.text)

    def field(self, name: str) -> str:
        """Return what stands after a name at the start of a line of the prompt."""
        found = re.search(rf"^{re.escape(name)}[=:] ?(.*)$", self.prompt, re.MULTILINE)
        return found[1].strip() if found else ""


def good_answer(asked: Asked) -> dict[str, Any]:
    """Return what an attentive model answers, with no more fields than the schema has."""
    fields = asked.schema.get("properties", {})
    if "thesis" in fields:
        answer = _thesis(asked)
    elif "event_type" in fields:
        answer = _event(asked)
    else:
        answer = _intelligence(asked)
    return {name: value for name, value in answer.items() if name in fields}


def tone(text: str) -> int:
    """Return 1, -1 or 0: which of the words for better and worse are more."""
    balance = len(_GOOD.findall(text)) - len(_BAD.findall(text))
    return (balance > 0) - (balance < 0)


def _intelligence(asked: Asked) -> dict[str, Any]:
    sentences = asked.sentences or [""]
    return {
        "doc_check": asked.nonce,
        "summary": sentences[0][:_LONGEST_QUOTE],
        "doc_kind": "news",
        "companies": [one for one in (_company(each, sentences) for each in asked.candidates) if one][:8],
        "key_numbers": [],
        "guidance": [],
        "risks": [],
        "macro_relevant": False,
    }


def _company(candidate: tuple[int, str, str], sentences: list[str]) -> dict[str, Any] | None:
    number, ticker, name = candidate
    calls = (ticker, name.split()[0])
    place = next((at for at, one in enumerate(sentences) if any(call in one for call in calls)), None)
    if place is None:
        return None
    quote = sentences[place][:_LONGEST_QUOTE]
    sentiment = tone(quote)
    return {
        "mention_id": number,
        "relevance": "primary" if place == 0 else "secondary",
        "sentiment": sentiment,
        "direction": {1: "positive", -1: "negative", 0: "none"}[sentiment],
        "magnitude": abs(sentiment),
        "horizon": "1d",
        "event_types": ["other"],
        "novelty": "new",
        "confidence": 2,
        "quote": quote,
    }


def _event(asked: Asked) -> dict[str, Any]:
    sentences = asked.sentences or [""]
    first, text = sentences[0], asked.text.lower()
    told = [name for name, words in _MACRO.items() if re.search(rf"\b(?:{words})", text)]
    direction = tone(first)
    return {
        "doc_check": asked.nonce,
        "event_type": told[0] if told else "other",
        "regions": ["US"],
        "stage": "announced",
        "severity": 3,
        "surprise": 0,
        "direction_risk_assets": direction,
        "duration": "weeks",
        "sectors": [],
        "commodities": [],
        "currencies": [],
        "countries_named": [],
        "companies_named": [],
        "quote": first[:_LONGEST_QUOTE],
        "confidence": 2,
        "summary": first[:_LONGEST_QUOTE],
    }


def _thesis(asked: Asked) -> dict[str, Any]:
    """Say the supplied figures and reasons again, in other words."""
    action = asked.field("ACTION")
    evidence = re.findall(r"^(E\d+)\) (rise|fall): ([^\n]+)$", asked.prompt, re.MULTILINE)
    figures = _FIGURE.findall(asked.field("probability of a rise"))
    chance = f" The probability of a rise is {figures[0]}." if figures else ""
    points = {
        side: [
            {"text": f"There was {told.split(';')[0].strip()}.", "evidence_id": name}
            for name, its, told in evidence
            if its == side
        ][:2]
        for side in ("rise", "fall")
    }
    return {
        "doc_check": asked.nonce,
        "headline": f"{action.capitalize()} on what was reported",
        "thesis": f"The case to {action} rests on what was reported.{chance}",
        "bull_points": points["rise"],
        "bear_points": points["fall"],
        "what_would_change_my_mind": "News to the contrary.",
        "used_numbers": figures[:1],
    }
