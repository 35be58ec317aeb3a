"""What the SEC's pages say of a filing: which it lists, which documents one has, and when it was accepted."""

import re
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from stonks.adapters.sources.syndication import FeedItem
from stonks.model.errors import Malformed

FORMS = frozenset({"10-K", "10-Q", "8-K", "20-F", "6-K", "10-K/A", "10-Q/A", "8-K/A", "20-F/A", "6-K/A"})
"""The forms that are read."""

_NEW_YORK = ZoneInfo("America/New_York")
_ACCESSION = re.compile(r"\d{10}-\d{2}-\d{6}")
_CIK = re.compile(r"\((\d{10})\)")
_ITEM = re.compile(r"Item (\d\.\d\d)\b")
_PATH = re.compile(r"/Archives/edgar/data/\d{1,10}/\d{18}/[A-Za-z0-9_.~-]+")
_EXHIBIT = re.compile(r"EX-(?:99|13)(?:\.|$)")
_READABLE = (".htm", ".html", ".txt")
_PAGE_FILE = re.compile(r"CIK\d{10}-submissions-\d{3}\.json")
_DOCUMENT = re.compile(rb"<DOCUMENT>\s(.*?)</DOCUMENT>", re.DOTALL)
_TEXT = re.compile(rb"<TEXT>\s*(?:<XBRL>\s*)?(.*?)(?:\s*</XBRL>)?\s*</TEXT>", re.DOTALL)


class Filing(msgspec.Struct):
    """A filing that is to be fetched: whose, which, and how often its pages were not there."""

    accession: str
    cik: int
    form: str
    tries: int = 0

    @property
    def index(self) -> str:
        """Path of the page that lists its documents."""
        return f"/Archives/edgar/data/{self.cik}/{self.accession}-index.html"

    @property
    def complete(self) -> str:
        """Path of the one file that holds all of it."""
        return f"/Archives/edgar/data/{self.cik}/{self.accession.replace('-', '')}/{self.accession}.txt"


class Columns(msgspec.Struct, rename="camel"):
    """Filings by column, as submissions list them. Not every company's times are UTC, whatever their Z says."""

    accession_number: list[str] = []
    form: list[str] = []
    filing_date: list[date] = []

    def since(self, first: date, cik: int) -> list[Filing]:
        """Return the filings of a day and later that are read, oldest first.

        Raises:
            Malformed: the columns are not of one length.
        """
        if not len(self.accession_number) == len(self.form) == len(self.filing_date):
            raise Malformed(f"submissions of {cik}: columns of different lengths")
        rows = zip(self.accession_number, self.form, self.filing_date, strict=True)
        found = [(day, name, form) for name, form, day in rows if day >= first and form in FORMS]
        return [Filing(name, cik, form) for _, name, form in sorted(found) if _ACCESSION.fullmatch(name)]


class _Part(msgspec.Struct, rename="camel"):
    name: str
    filing_to: date


class _Filings(msgspec.Struct):
    recent: Columns
    files: list[_Part] = []


class Submissions(msgspec.Struct):
    """A company's filings: the recent ones, and the files in which older ones are."""

    filings: _Filings

    def older(self, first: date) -> list[str]:
        """Return the names of files that reach up to a day or later."""
        return [part.name for part in self.filings.files if part.filing_to >= first and _PAGE_FILE.fullmatch(part.name)]


class Part(msgspec.Struct, frozen=True):
    """One document of a filing: its type, its file's name and its path; and its bytes where they came along."""

    type: str
    name: str
    path: str
    data: bytes = b""


class Index(msgspec.Struct, frozen=True, kw_only=True):
    """What the index of a filing says: the items of an 8-K, when it was accepted, and its documents to read."""

    items: tuple[str, ...]
    accepted_at: datetime | None
    parts: tuple[Part, ...]


def filing_of(item: FeedItem) -> Filing | None:
    """Return the filing that an entry of the live feed tells, if its form is read."""
    accession, cik = _ACCESSION.search(item.id), _CIK.search(item.title)
    form = item.categories[0] if item.categories else ""
    if accession is None or cik is None or form not in FORMS:
        return None
    return Filing(accession.group(), int(cik.group(1)), form)


def parse_index(page: bytes, where: str) -> Index:
    """Return what an index page says.

    Raises:
        Malformed: it is no index page.
    """
    from lxml import html
    from lxml.etree import ParserError

    try:
        tree = html.fromstring(page)
    except (ParserError, ValueError) as wrong:
        raise Malformed(f"{where}: no page: {str(wrong)[:200]}") from wrong
    tables = tree.xpath("//table[contains(@class, 'tableFile')]")
    if not tables:
        raise Malformed(f"{where}: no index of a filing")
    heads = {_text(head): _told(head) for head in tree.xpath("//div[@class='infoHead']")}
    rows = (row.xpath("./td") for row in tables[0].xpath(".//tr"))
    parts = [part for cells in rows if (part := _part(cells))]
    return Index(
        items=tuple(dict.fromkeys(_ITEM.findall(heads.get("Items", "")))),
        accepted_at=_accepted(heads.get("Accepted", "")),
        parts=tuple(part for place, part in enumerate(parts) if _is_read(part, place)),
    )


def split_submission(raw: bytes, where: str) -> tuple[Part, ...]:
    """Return the documents to read of a complete submission, with their bytes.

    Raises:
        Malformed: it is no submission.
    """
    parts = []
    for document in _DOCUMENT.finditer(raw):
        head, text = document.group(1)[:2000], _TEXT.search(document.group(1))
        kind, name = _tag(head, b"TYPE"), _tag(head, b"FILENAME")
        if text and name:
            parts.append(Part(kind, name, "", text.group(1)))
    if not parts:
        raise Malformed(f"{where}: no submission")
    return tuple(part for place, part in enumerate(parts) if _is_read(part, place))


def _tag(head: bytes, name: bytes) -> str:
    found = re.search(rb"<" + name + rb">([^\r\n<]*)", head)
    return found.group(1).decode("ascii", errors="replace").strip() if found else ""


def _part(cells: list[Any]) -> Part | None:
    links = cells[2].xpath(".//a/@href") if len(cells) > 3 else []  # noqa: PLR2004 - the fourth cell is the type
    path = links[0].partition("?doc=")[2] or links[0] if links else ""
    return Part(_text(cells[3]), path.rpartition("/")[2], path) if _PATH.fullmatch(path) else None


def _is_read(part: Part, place: int) -> bool:
    """Whether a document is the filing's own, which comes first, or an exhibit that tells news."""
    return part.name.lower().endswith(_READABLE) and (place == 0 or bool(_EXHIBIT.match(part.type)))


def _told(head: Any) -> str:  # noqa: ANN401 - lxml ships no types
    """Return the text of the element after a heading; a comment between them is none."""
    return " ".join(map(_text, head.xpath("following-sibling::*[1]")))


def _text(element: Any) -> str:  # noqa: ANN401 - lxml ships no types
    return " ".join(element.text_content().split())


def _accepted(text: str) -> datetime | None:
    """Return the instant of acceptance, which the SEC writes in New York's time."""
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=_NEW_YORK).astimezone(UTC)
    except ValueError:
        return None
