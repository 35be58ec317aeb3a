"""Finds a section after each line of stars, named by the first word after it: ``*** part_i_item_2 Text``."""

import re
from dataclasses import dataclass


@dataclass
class ParserConfig:
    form: str


@dataclass
class Section:
    told: str

    def text(self) -> str:
        return self.told


@dataclass
class Document:
    sections: dict[str, Section]


@dataclass
class HTMLParser:
    config: ParserConfig

    def parse(self, page: str) -> Document:
        """Return a page's sections.

        Raises:
            ValueError: the page says that it breaks edgartools.
        """
        if "breaks edgartools" in page:
            raise ValueError("broken")
        plain = re.sub("<[^>]+>", " ", page)
        parts = [part.strip().partition(" ") for part in plain.split("***")[1:]]
        return Document({name: Section(text.strip()) for name, _, text in parts})
