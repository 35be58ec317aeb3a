"""SEC EDGAR: the live feed every few minutes, every company's list once a day, and each filing's documents."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus

import msgspec

from stonks.adapters.sources.cursors import dump_cursor, load_cursor
from stonks.adapters.sources.live import Surroundings
from stonks.adapters.sources.submission import (
    Columns,
    Filing,
    Index,
    Part,
    Submissions,
    filing_of,
    parse_index,
    split_submission,
)
from stonks.adapters.sources.syndication import parse_feed
from stonks.adapters.sources.web.answer import Due, Missing, WebAnswer
from stonks.adapters.sources.web.client import Endpoint, Web
from stonks.model.document import Action, DocumentType, FetchedDocument, Source
from stonks.model.errors import Malformed, Refused
from stonks.ports.budget import Rate
from stonks.ports.sources import Fetched, Listing

NAME = "edgar"

_CADENCE, _CLOSED = timedelta(minutes=3), timedelta(minutes=10)
_FRESH = timedelta(minutes=15)
NO_CONTACT = "the SEC answers only those who say who they are: set STONKS_EDGAR_CONTACT to a name and an e-mail"
"""Why the source is stopped where the setting is missing."""

RATE = Rate(tokens=8, per=timedelta(seconds=1), burst=2)
"""At most 10 requests in any second, which is what the SEC allows."""

_HISTORY = timedelta(days=30)
_SWEEP = timedelta(days=1)
_MARGIN = timedelta(days=2)
"""How far back a sweep looks behind the one before: dates are New York's, and some times are not what they say."""

_LATE = timedelta(minutes=10)
_PER_PAGE = 100
_MOST_LIVE = 2000
_TRIES = 5
_FORGET = timedelta(days=4)


class EdgarCursor(msgspec.Struct):
    """How far the live feed and the sweep over companies came, what is to be fetched, and what lately was."""

    newest: datetime | None = None
    swept_at: datetime | None = None
    sweeping: datetime | None = None
    after: int = 0
    pending: list[Filing] = []
    handled: dict[str, int] = {}

    def want(self, filing: Filing) -> None:
        """Note a filing to fetch, unless it was noted or fetched."""
        if filing.accession not in self.handled and all(one.accession != filing.accession for one in self.pending):
            self.pending.append(filing)

    def done(self, filing: Filing, now: datetime) -> None:
        """Note that a filing needs no more looking at; long ago is forgotten, no list goes back to it."""
        self.pending = [one for one in self.pending if one.accession != filing.accession]
        self.handled[filing.accession] = int(now.timestamp())


class EdgarReader:
    """Reads the filings of followed companies; a filing is known from its acceptance on."""

    kind = NAME

    def __init__(self, surroundings: Surroundings) -> None:
        """Ask under the contact of the settings."""
        settings = surroundings.settings
        self._contact = settings.edgar_contact
        self._universe = surroundings.universe
        agent = f"Stonks Oracle {self._contact}"
        self._site = Endpoint(
            name=NAME, base=settings.edgar_url, rate=RATE, setting="STONKS_EDGAR_CONTACT", agent=agent
        )
        self._data = Endpoint(
            name=NAME, base=settings.edgar_data_url, rate=RATE, setting="STONKS_EDGAR_CONTACT", agent=agent
        )

    def sources(self) -> Sequence[Source]:
        """Return the one source: a filing is the same whichever list told of it."""
        return [
            Source(
                name=NAME,
                adapter=self.kind,
                cadence=_CADENCE,
                closed_cadence=_CLOSED,
                freshness_slo=_FRESH,
                stopped=None if self._contact else NO_CONTACT,
            )
        ]

    async def read(self, source: Source, web: Web) -> AsyncGenerator[Fetched, None]:
        """Yield each filing with its exhibits as a step, and each list that was read.

        Raises:
            Refused: the settings do not say who asks.
        """
        if not self._contact:
            raise Refused(NO_CONTACT)
        state = load_cursor(source.cursor, EdgarCursor)
        companies = {int(one.cik): one for one in await self._universe.listings() if one.cik and one.cik.isdigit()}
        if companies:
            await self._look(web, state, companies)
            yield Fetched(cursor=dump_cursor(state))
        tried: set[str] = set()
        async for step in self._fetch(web, state, companies, tried):
            yield step
        async for step in self._sweep(web, state, companies, tried):
            yield step

    async def _look(self, web: Web, state: EdgarCursor, companies: Mapping[int, Listing]) -> None:
        """Note what is new on the live feed; before the first sweep its first page is enough."""
        newest = state.newest
        for start in range(0, _MOST_LIVE, _PER_PAGE):
            asked = {"action": "getcurrent", "count": str(_PER_PAGE), "start": str(start), "type": ""}
            answer = await web.ask(
                self._site, "/cgi-bin/browse-edgar", asked | {"owner": "exclude", "output": "atom"}, due=Due.XML
            )
            items = parse_feed(answer.body, answer.url)
            for filing in filter(None, map(filing_of, items)):
                if filing.cik in companies:
                    state.want(filing)
            dated = [item.published_at for item in items if item.published_at]
            newest = max([*dated, *([newest] if newest else [])], default=None)
            if not dated or state.newest is None or min(dated) < state.newest - _LATE:
                break
        state.newest = newest

    async def _sweep(
        self, web: Web, state: EdgarCursor, companies: Mapping[int, Listing], tried: set[str]
    ) -> AsyncGenerator[Fetched, None]:
        """Go through the list of every company once a day: what the live feed did not show is found here."""
        if state.sweeping is None:
            if state.swept_at is not None and web.now - state.swept_at < _SWEEP:
                return
            state.sweeping, state.after = web.now, 0
        since = (state.swept_at or state.sweeping - _HISTORY) - _MARGIN
        for cik in sorted(cik for cik in companies if cik > state.after):
            troubles = await self._list(web, state, cik, since)
            state.after = cik
            yield Fetched(troubles=troubles, cursor=dump_cursor(state))
            async for step in self._fetch(web, state, companies, tried):
                yield step
        state.swept_at, state.sweeping, state.after = state.sweeping, None, 0
        oldest = int((web.now - _FORGET - _MARGIN).timestamp())
        state.handled = {name: at for name, at in state.handled.items() if at >= oldest}
        yield Fetched(cursor=dump_cursor(state))

    async def _list(self, web: Web, state: EdgarCursor, cik: int, since: datetime) -> tuple[str, ...]:
        """Note a company's filings since an instant; return what went wrong."""
        first = since.date()
        try:
            answer = await web.ask(self._data, f"/submissions/CIK{cik:010d}.json", due=Due.JSON)
        except Missing as missing:
            return (str(missing),)
        submissions = answer.json(Submissions)
        columns = [submissions.filings.recent]
        older = [await web.ask(self._data, f"/submissions/{name}", due=Due.JSON) for name in submissions.older(first)]
        columns += [answer.json(Columns) for answer in older]
        for column in reversed(columns):
            for filing in column.since(first, cik):
                state.want(filing)
        return ()

    async def _fetch(
        self, web: Web, state: EdgarCursor, companies: Mapping[int, Listing], tried: set[str]
    ) -> AsyncGenerator[Fetched, None]:
        """Fetch what is noted, once a poll; what is not there is asked for at the next polls, and then given up."""
        for filing in [one for one in state.pending if one.accession not in tried]:
            tried.add(filing.accession)
            listing = companies.get(filing.cik)
            step = Fetched()
            try:
                if listing is not None:
                    step = Fetched(documents=await self._documents(web, filing, listing))
                state.done(filing, web.now)
            except (Missing, Malformed) as error:
                filing.tries += 1
                if filing.tries >= _TRIES:
                    state.done(filing, web.now)
                step = Fetched(troubles=(str(error),))
            yield msgspec.structs.replace(step, cursor=dump_cursor(state))

    async def _documents(self, web: Web, filing: Filing, listing: Listing) -> tuple[FetchedDocument, ...]:
        answer = await self._ask(web, filing.index, Due.PAGE)
        index = parse_index(answer.body, answer.url)
        try:
            pages = [(part, await self._ask(web, part.path, Due.PAGE)) for part in index.parts]
            parts = [(msgspec.structs.replace(part, data=page.body), page) for part, page in pages]
        except Missing:
            whole = await self._ask(web, filing.complete, Due.TEXT)
            parts = [(part, whole) for part in split_submission(whole.body, whole.url)]
        return tuple(_document(filing, listing, index, part, page) for part, page in parts)

    async def _ask(self, web: Web, path: str, due: Due) -> WebAnswer:
        """Return a page of the archive.

        Raises:
            Missing: it is not there; the archive says so as if it were forbidden.
        """
        try:
            return await web.ask(self._site, path, due=due)
        except Refused as error:
            last = web.answers[-1]
            if last.status == HTTPStatus.FORBIDDEN and "xml" in last.content_type:
                raise Missing(f"{last.url}: there is nothing ({last.status})") from error
            raise


def _document(filing: Filing, listing: Listing, index: Index, part: Part, answer: WebAnswer) -> FetchedDocument:
    is_exhibit = part.type.startswith("EX-")
    what = f" {part.type}" if is_exhibit else f": items {', '.join(index.items)}" if index.items else ""
    accepted_at = min(index.accepted_at or answer.fetched_at, answer.fetched_at)
    return FetchedDocument(
        external_id=f"{filing.accession}/{part.name}" if is_exhibit else filing.accession,
        revision=1,
        action=Action.CREATED,
        document_type=DocumentType.FILING,
        publisher="SEC EDGAR",
        published_at=index.accepted_at,
        known_at=accepted_at,
        content_type="text/plain" if part.name.lower().endswith(".txt") else "text/html",
        raw=part.data,
        title=f"{listing.name} {filing.form}{what}",
        url=answer.url,
        language="en",
        feed_tickers=(listing.ticker,),
    )
