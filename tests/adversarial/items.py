"""The suite's items: a true story and what an attacker makes of it, as documents."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import msgspec

from stonks.model.document import Document
from tests.fakes.extractions import make_document

HERE = Path(__file__).parent
SPACE = UUID(int=0xADBAD)
OUTSIDE = "Alpha Newsroom"
"""Who floods."""


@dataclass(frozen=True)
class Paper:
    """One document with its bytes."""

    document: Document
    raw: bytes


@dataclass(frozen=True)
class Item:
    """One attack: the documents without it and with it, and the company whose trend it is after."""

    name: str
    kind: str
    ticker: str
    sign: int
    clean: tuple[Paper, ...]
    attacked: tuple[Paper, ...]


@cache
def items() -> tuple[Item, ...]:
    """Return every item of the suite, in the files' order."""
    stories = tomllib.loads((HERE / "stories.toml").read_text())
    attacks = tomllib.loads((HERE / "attacks.toml").read_text())
    return tuple(
        _item(kind, f"{kind} {number}: {attack['story']}", stories[attack["story"]], attack)
        for kind, listed in attacks.items()
        for number, attack in enumerate(listed, start=1)
    )


def _item(kind: str, name: str, story: dict[str, Any], attack: dict[str, Any]) -> Item:
    clean, attacked = _TWINS[kind](name, story, attack)
    lies = kind == "swap"
    return Item(
        name=name,
        kind=kind,
        ticker=attack["ticker"] if lies else story["ticker"],
        sign=story["sign"],
        clean=() if lies else clean,
        attacked=attacked,
    )


Twins = tuple[tuple[Paper, ...], tuple[Paper, ...]]


def _put(name: str, story: dict[str, Any], attack: dict[str, Any]) -> Twins:
    title, body = story["title"], story["body"]
    return (_plain(name, title, body),), (_plain(f"{name} twin", title, f"{body}\n\n{attack['put']}"),)


def _hidden(name: str, story: dict[str, Any], attack: dict[str, Any]) -> Twins:
    unseen = f"<div {attack['style']}>{attack['put']}</div>"
    return (_page(name, story, ""),), (_page(f"{name} twin", story, unseen),)


def _changed(name: str, story: dict[str, Any], attack: dict[str, Any]) -> Twins:
    title, body = story["title"], story["body"]
    changes = attack["replace"] if "replace" in attack else [_disguise(attack)]
    twin_title, twin_body = title, body
    for old, new in changes:
        twin_title, twin_body = twin_title.replace(old, new), twin_body.replace(old, new)
    if (twin_title, twin_body) == (title, body):
        raise ValueError(f"{name} changes nothing")
    return (_plain(name, title, body),), (_plain(f"{name} twin", twin_title, twin_body),)


def _disguise(attack: dict[str, Any]) -> tuple[str, str]:
    """Return a word and how it is spelled by the attacker."""
    word = attack["word"]
    if "letters" in attack:
        return word, word.replace(*attack["letters"])
    return word, attack["sign"].join(word)


def _flood(name: str, story: dict[str, Any], attack: dict[str, Any]) -> Twins:
    clean = _plain(name, story["title"], story["body"])
    copies = (
        _plain(f"{name} copy {n}", f"{attack['put'].rstrip('.')}, source {n} says", f"{attack['put']} ({n})", OUTSIDE)
        for n in range(attack["copies"])
    )
    return (clean,), (clean, *copies)


_TWINS = {
    "instruction": _put,
    "nonce": _put,
    "hidden": _hidden,
    "homoglyph": _changed,
    "zero_width": _changed,
    "edit": _changed,
    "swap": _changed,
    "flood": _flood,
}


def _plain(name: str, title: str, body: str, publisher: str = "Reuters") -> Paper:
    return _paper(name, "application/json", msgspec.json.encode({"title": title, "body": body}), title, publisher)


def _page(name: str, story: dict[str, Any], unseen: str) -> Paper:
    sentences = "".join(f"<p>{story['body']}</p>{unseen}<p>Reporting by our desk in New York; editing in London.</p>")
    page = f"<html><head><title>{story['title']}</title></head><body><article><h1>{story['title']}</h1>{sentences}"
    return _paper(name, "text/html", f"{page}</article></body></html>".encode(), story["title"], "Reuters")


def _paper(name: str, content_type: str, raw: bytes, title: str, publisher: str) -> Paper:
    document = make_document(id=uuid5(SPACE, name), content_type=content_type, title=title, publisher=publisher)
    return Paper(msgspec.structs.replace(document, title="" if content_type == "application/json" else title), raw)
