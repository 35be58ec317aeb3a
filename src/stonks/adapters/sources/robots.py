"""What robots.txt allows: asked once a day and server, before any page of it that is not ours to configure."""

from datetime import datetime, timedelta
from urllib.robotparser import RobotFileParser

from stonks.adapters.sources.web.answer import Due, Missing
from stonks.adapters.sources.web.client import Endpoint, Web
from stonks.adapters.sources.web.guard import read_url
from stonks.model.errors import Malformed, Refused
from stonks.ports.clock import Clock

ROBOT = "stonks-oracle"
"""The name under which rules may be made for this program."""

_KEPT = timedelta(days=1)
_MOST_BYTES = 512_000


class Robots:
    """The rules of servers, as far as they were asked for."""

    def __init__(self, clock: Clock) -> None:
        """Forget rules after a day of this clock."""
        self._clock = clock
        self._rules: dict[tuple[str, str, int], tuple[datetime, RobotFileParser]] = {}

    async def allow(self, web: Web, url: str, home: Endpoint | None = None) -> None:
        """Return if a page may be read.

        Raises:
            Refused: its server's rules forbid it, or keep themselves to themselves.
            Transient: the rules cannot be had now.
        """
        target = read_url(url)
        kept_until, rules = self._rules.get(target.origin, (None, None))
        if rules is None or kept_until is None or kept_until <= self._clock.now():
            rules = await self._ask(web, target._replace(path="/robots.txt").url, home)
            self._rules[target.origin] = (self._clock.now() + _KEPT, rules)
        if not rules.can_fetch(ROBOT, target.url):
            raise Refused(f"{target.url}: robots.txt forbids it")

    async def _ask(self, web: Web, url: str, home: Endpoint | None) -> RobotFileParser:
        rules = RobotFileParser()
        try:
            answer = await web.follow(url, home, due=Due.TEXT)
        except Missing:
            rules.parse([])  # who has no rules forbids nothing
        except (Refused, Malformed):
            rules.parse(["User-agent: *", "Disallow: /"])
        else:
            rules.parse(answer.body[:_MOST_BYTES].decode("utf-8", errors="replace").splitlines())
        return rules
