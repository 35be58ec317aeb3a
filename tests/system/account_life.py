"""Everything that people, recommendations, prices and lost answers may do to an account, through the real API.

After each step the books are read with the queries of ``account_books`` and held to its laws.
"""

import asyncio
import sys
from collections.abc import Awaitable, Coroutine
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

import httpx
import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from stonks.model.errors import Superseded, Transient
from stonks.model.job import BrokerOrderJob
from tests.fakes.facts import bar
from tests.fakes.floor import SESSIONS, TODAY
from tests.fakes.work import FakeWork
from tests.system.account_books import CHAIN, OVER, SECTORS, SENT, Books, check, check_all_booked, read
from tests.system.account_place import POLICIES, SECRET, Place

T = TypeVar("T")

TICKERS = st.sampled_from(sorted(SECTORS))
PICK = st.integers(0, 97)
PEOPLE = st.sampled_from(["ann", "bob", None])  # two with keys, and somebody at this machine
ORDERS = st.builds(
    lambda ticker, side, quantity, limit, life: {
        "ticker": ticker,
        "side": side,
        "quantity": str(quantity),
        "time_in_force": life,
        **({} if limit is None else {"type": "limit", "limit_price": str(limit)}),
    },
    TICKERS,
    st.sampled_from(["buy", "buy", "sell"]),
    st.sampled_from([1, 20, 40, 100, 240, 5000]),
    st.sampled_from([None, None, None, 97, 101, 104]),
    st.sampled_from(["day", "gtc"]),
)
COMMANDS: list[tuple[str, dict[str, Any]]] = [
    ("pause", {}),
    ("resume", {}),
    ("resume", {}),
    ("halt", {}),
    ("halt", {"cancel_orders": True}),
    ("halt", {"flatten": True}),
    ("flatten", {}),
    ("rearm", {}),
    ("rearm", {}),
]
FAULTS: list[dict[str, str]] = [{}, {}, {}, {"submit": "before"}, {"submit": "after"}, {"order": "before"}]


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """An order that somebody asked for under a key, and what he was answered."""

    who: str | None
    key: str
    path: str
    body: dict[str, Any]
    answer: dict[str, Any]


class AccountLife(RuleBasedStateMachine):
    """One account behind the API, from eleven o'clock on."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place
        self.floor = self.do(place.begin())
        self.was = self.do(read(place.database))
        self.session, self.serial = TODAY, 0
        self.said: list[Said] = []

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.place.runner.run(work)

    def name(self, kind: str) -> str:
        self.serial += 1
        return f"{kind}-{self.serial:06}"

    async def call(
        self, method: str, path: str, body: dict[str, Any] | None = None, who: str | None = None, **headers: str
    ) -> httpx.Response:
        """Ask the API; whatever it says, it says well."""
        asked = {"idempotency-key": self.name("key")} | headers
        if who is not None:
            asked["authorization"] = f"Bearer stk_{who}_{SECRET}"
        answer = await self.place.client.request(method, f"/api/v1{path}", json=body, headers=asked)
        self.place.seen[str(answer.status_code)] += 1
        problem = answer.headers["content-type"] == "application/problem+json"
        fine = answer.is_success or (problem and 400 <= answer.status_code < 500)
        assert fine, f"{method} {path} {body}: {answer.status_code} {answer.text}"
        return answer

    async def attempt(self, work: Awaitable[object]) -> bool:
        """Do what may lose a race or an answer, as the runtime does; return whether it did neither."""
        try:
            await work
        except (Transient, Superseded):
            return False
        return True

    @initialize(
        policy=st.sampled_from([None, *POLICIES, "wide", "asking", "asking"]),
        bought=st.lists(
            st.tuples(TICKERS, st.sampled_from([40, 100, 200])), min_size=1, max_size=4, unique_by=lambda each: each[0]
        ),
    )
    def it_begins(self, policy: str | None, bought: list[tuple[str, int]]) -> None:
        """Some names were bought yesterday; another policy may be in force by now."""
        self.do(self._set("wide", "now"))
        for ticker, shares in bought:
            order = {"ticker": ticker, "side": "buy", "quantity": str(shares), "reason": "to begin with"}
            self.do(self._ask("/orders", order, None))
        self.do(self._bring_all())
        self._next_session(dict.fromkeys(SECTORS, 1.0), 0.99)
        if policy is not None:
            self.do(self._set(policy, "now"))
        self.was = self.do(read(self.place.database))

    # ------------------------------------------------------------------------------------------- people

    @rule(order=ORDERS, who=PEOPLE, brought=st.booleans())
    def somebody_places_an_order(self, order: dict[str, Any], who: str | None, *, brought: bool) -> None:
        self.do(self._ask("/orders", order | {"reason": "I like it"}, who))
        if brought:
            self.do(self._bring_all())

    @precondition(lambda self: any(self.was.held.values()))
    @rule(pick=PICK, part=st.sampled_from([1, 0.5, 1.5]), who=PEOPLE)
    def somebody_sells(self, pick: int, part: float, who: str | None) -> None:
        """Some of what is held, all of it, or more than that."""
        held = sorted((ticker, shares) for ticker, shares in self.was.held.items() if shares)
        ticker, shares = held[pick % len(held)]
        order = {"ticker": ticker, "side": "sell", "quantity": str(int(float(shares) * part) or 1), "reason": "enough"}
        self.do(self._ask("/orders", order, who))

    @rule(orders=st.lists(ORDERS, min_size=2, max_size=4), who=PEOPLE)
    def orders_come_at_once(self, orders: list[dict[str, Any]], who: str | None) -> None:
        async def all_at_once() -> None:
            placed = [self._ask("/orders", order | {"reason": "now"}, who) for order in orders]
            await asyncio.gather(*placed, self.attempt(self.floor.trade(self.place.clock.at)))

        self.do(all_at_once())

    @rule(order=ORDERS, who=PEOPLE)
    def somebody_asks_what_the_gates_say(self, order: dict[str, Any], who: str | None) -> None:
        before = len(self.was.orders)
        self.do(self._ask("/risk/evaluate", order, who))
        assert self.do(self.place.database.value("SELECT count(*) FROM orders")) == before

    @rule(ticker=TICKERS, who=st.sampled_from(["ann", "bob"]), twice=st.booleans())
    def somebody_asks_and_somebody_else_allows(self, ticker: str, who: str, *, twice: bool) -> None:
        """What is allowed goes with the trader's next poll, once."""
        order = {"ticker": ticker, "side": "buy", "quantity": "30", "reason": "I like it"}
        self.do(self._ask("/orders", order, who))
        body, other = {"decision": "approve", "reason": "I looked at it"}, "bob" if who == "ann" else "ann"
        asked = self.said[-1].answer.get("approval_id") if self.said else None
        for _ in range(1 + twice if asked else 0):
            self.do(self.call("POST", f"/approvals/{asked}/decision", body, other))
            self.the_trader_polls()

    async def _ask(self, path: str, body: dict[str, Any], who: str | None) -> None:
        key = self.name("order")
        answer = await self.call("POST", path, body, who, **{"idempotency-key": key})
        if answer.is_success:
            told = answer.json()
            self.place.seen[told["primary_reason"] or told["verdict"]] += 1
            self.said.append(Said(who=who, key=key, path=path, body=body, answer=told))

    @precondition(lambda self: self.said)
    @rule(pick=PICK, other=st.booleans(), times=st.integers(1, 3))
    def a_request_is_repeated(self, pick: int, times: int, *, other: bool) -> None:
        """The same is answered and nothing more is done; another request under the same key is turned away."""
        said = self.said[pick % len(self.said)]
        body = said.body | ({"quantity": "7"} if other else {})
        before = len(self.was.orders)

        async def again() -> list[httpx.Response]:
            asked = (
                self.call("POST", said.path, body, said.who, **{"idempotency-key": said.key}) for _ in range(times)
            )
            return await asyncio.gather(*asked)

        for answer in self.do(again()):
            assert answer.status_code == (409 if other else 200)
            assert other or answer.json() == said.answer
        assert self.do(self.place.database.value("SELECT count(*) FROM orders")) == before

    @precondition(lambda self: self.was.approvals)
    @rule(pick=PICK, other=st.sampled_from([True, True, False]), allow=st.sampled_from([True, True, True, False]))
    def somebody_answers_what_waits(self, pick: int, *, other: bool, allow: bool) -> None:
        """Whoever asked for it or somebody else, twice at once, and once more when it is sent."""
        waiting = [row for row in self.was.approvals if row["state"] == "pending"] or self.was.approvals
        asked = waiting[pick % len(waiting)]
        who = "ann" if (asked["requested_by"] == "ann") != other else "bob"
        path = f"/approvals/{asked['id']}/decision"
        body = {"decision": "approve" if allow else "reject", "reason": "I looked at it"}

        async def answer() -> list[httpx.Response]:
            return await asyncio.gather(*(self.call("POST", path, body, who) for _ in range(2)))

        assert sum(each.is_success for each in self.do(answer())) <= 1
        self.the_trader_polls()

    @rule(command=st.sampled_from(COMMANDS), who=PEOPLE)
    def somebody_commands(self, command: tuple[str, dict[str, Any]], who: str | None) -> None:
        self.do(self.call("POST", f"/trading/{command[0]}", {"reason": "because"} | command[1], who))

    @precondition(lambda self: self.was.orders)
    @rule(pick=PICK)
    def somebody_takes_an_order_back(self, pick: int) -> None:
        open_ones = [order for order in self.was.orders if order["status"] not in OVER] or self.was.orders
        self.do(self.call("DELETE", f"/orders/{open_ones[pick % len(open_ones)]['id']}?reason=too+late"))

    @rule(ticker=TICKERS)
    def somebody_closes_a_position(self, ticker: str) -> None:
        self.do(self.call("POST", f"/positions/{ticker}/close", {"reason": "enough"}))

    @rule(policy=st.sampled_from([*POLICIES, "wide"]), seen=st.sampled_from(["now", "now", "before", None]))
    def somebody_sets_limits(self, policy: str, seen: str | None) -> None:
        assert self.do(self._set(policy, seen)) == {"now": 200, "before": 412, None: 428}[seen]

    async def _set(self, policy: str, seen: str | None) -> int:
        now = await self.call("GET", "/risk/limits")
        body = {name: now.json()[name] for name in ("limits", "sizes", "breakers")} | {"reason": "as I see it"}
        body["limits"] |= {"approval_share": {"live": 0.02}} | POLICIES[policy]
        etag = {"now": now.headers["etag"], "before": '"moderate-999"'}.get(str(seen))
        given = {} if etag is None else {"if-match": etag}
        return (await self.call("PUT", "/risk/limits", body, **given)).status_code

    @rule(where=st.sampled_from([None, None, ("global", "DRAWDOWN"), ("ticker:AAPL", "LOW_PROFIT")]))
    def a_breaker_opens(self, where: tuple[str, str] | None) -> None:
        if where is None:
            return
        self.do(
            self.place.database.rows(
                "INSERT INTO breakers (scope, kind, state, observed, limit_, opened_at, changed_at, reason, opener)"
                " VALUES ($1, $2, 'open', -1, 0, $3, $3, 'a test', 'test') ON CONFLICT (scope, kind) DO UPDATE"
                " SET state = 'open', opened_at = $3, changed_at = $3, opener = 'test'",
                *where,
                self.place.clock.at,
            )
        )

    @precondition(lambda self: self.was.breakers or not self.was.active)
    @rule(who=PEOPLE)
    def all_is_cleared(self, who: str | None) -> None:
        """Whatever holds entries back is ended, where it can be."""
        for row in self.was.breakers:
            self.do(self.call("POST", f"/risk/breakers/{row['scope']}/{row['kind']}/reset", {"reason": "seen"}, who))
        for command in ("rearm", "resume"):
            self.do(self.call("POST", f"/trading/{command}", {"reason": "seen"}, who))

    # ------------------------------------------------------------------------------------------- the stages

    @rule(ticker=TICKERS, sells=st.sampled_from([False, False, True]), sure=st.sampled_from([0.6, 0.9]))
    def something_is_recommended(self, ticker: str, sure: float, *, sells: bool) -> None:
        self.serial += 1
        chance = {"probability": sure, "probability_low": sure - 0.01, "confidence": sure + 0.09, "contradiction": 0.0}
        action = {"action": "sell" if sells else "buy"}
        self.do(self.floor.recommend(self.serial, ticker, self.place.clock.at, **chance, **action))
        self.the_trader_polls()

    @rule()
    def the_trader_polls(self) -> None:
        self.do(self.attempt(self.floor.trade(self.place.clock.at)))

    @precondition(lambda self: self.was.orders)
    @rule(pick=PICK, faults=st.sampled_from(FAULTS), times=st.integers(1, 2))
    def an_order_is_brought(self, pick: int, faults: dict[str, str], times: int) -> None:
        """Any order, again too, by several at once; answers are lost on the way."""
        rows = (self._fresh() if pick % 4 else []) or self.was.orders

        async def bring() -> None:
            self.place.wire.faults = dict(faults)
            await asyncio.gather(*(self._bring(rows[pick % len(rows)]["id"]) for _ in range(times)))
            self.place.wire.faults = {}

        self.do(bring())

    @precondition(lambda self: self._fresh() and not self.was.halted)
    @rule(pick=PICK)
    def somebody_halts_while_an_order_is_brought(self, pick: int) -> None:
        """What was judged before the halt is neither claimed nor sent after it."""
        there: list[Any] = []

        async def halt() -> None:
            await self.call("POST", "/trading/halt", {"reason": "odd"}, "bob")
            there.append(await self.place.database.rows(SENT))

        async def bring() -> None:
            self.place.wire.meanwhile = halt
            await self._bring(self._fresh()[pick % len(self._fresh())]["id"])
            self.place.wire.meanwhile = None
            if there:
                assert await self.place.database.rows(SENT) == there[0], "it was claimed or sent once all was halted"

        self.do(bring())

    def _fresh(self) -> list[dict[str, Any]]:
        """Return orders that nobody has brought, or of which nobody knows whether they arrived."""
        return [row for row in self.was.orders if row["status"] in {"initialized", "submitting"}]

    @precondition(lambda self: self.was.orders)
    @rule(random=st.randoms(use_true_random=False))
    def all_orders_are_brought(self, random: Any) -> None:  # noqa: ANN401 - Hypothesis's own
        self.do(self._bring_all(random))

    async def _bring_all(self, random: Any = None) -> None:  # noqa: ANN401 - as above
        """Bring whatever has not ended, in its order or shuffled."""
        waiting = [row["id"] for row in (await read(self.place.database)).orders if row["status"] not in OVER]
        if random is not None:
            random.shuffle(waiting)
        for order in waiting:
            await self._bring(order)

    async def _bring(self, order: UUID) -> None:
        work = FakeWork(self.floor.store, BrokerOrderJob(order_id=order), self.place.clock.at)
        await self.attempt(self.floor.courier(work))

    @rule()
    def the_clerk_polls(self) -> None:
        self.do(self._book())

    async def _book(self) -> None:
        if await self.attempt(self.floor.book(self.place.clock.at)):
            check_all_booked(await read(self.place.database))

    # ------------------------------------------------------------------------------------------- time

    @rule(minutes=st.sampled_from([1, 20, 90]))
    def minutes_pass(self, minutes: int) -> None:
        self.place.clock.at = min(self.place.clock.at + timedelta(minutes=minutes), self.session.closes_at)

    @precondition(lambda self: self.session != SESSIONS[-1])
    @rule(
        opens=st.tuples(*[st.sampled_from([0.9, 0.97, 1.0, 1.0, 1.02, 1.07])] * len(SECTORS)),
        falls=st.sampled_from([0.9, 0.98, 0.99, 0.995]),
        brought=st.booleans(),
        closing=st.booleans(),
    )
    def the_next_session_begins(self, opens: tuple[float, ...], falls: float, *, brought: bool, closing: bool) -> None:
        """What waits for the open trades then; the trader and the clerk work through it, or are late."""
        if brought:
            self.do(self._bring_all())
        if closing:
            self.place.clock.at = self.session.closes_at + timedelta(minutes=5)
            self.do(self._book())
        self._next_session(dict(zip(SECTORS, opens, strict=True)), falls)

    def _next_session(self, moves: dict[str, float], falls: float) -> None:
        self.session = SESSIONS[SESSIONS.index(self.session) + 1]
        self.do(self._draw(moves, falls))
        self.place.clock.at = self.session.opens_at + timedelta(minutes=30)
        self.do(self._book())

    async def _draw(self, moves: dict[str, float], falls: float) -> None:
        for ticker, bars in self.place.market.bars_of.items():
            opened = round(float(bars[-1].close) * moves[ticker], 2)
            prices = (opened, round(opened * 1.01, 2), round(opened * falls, 2), round(opened * (1 + falls) / 2, 2))
            bars.append(bar(self.session.day, prices, ticker=ticker, volume=2_000_000))
            await self.place.database.bars(bars[-1:])

    # ------------------------------------------------------------------------------------------- what is always so

    @invariant()
    def every_law_holds(self) -> None:
        now = self.do(read(self.place.database))
        check(self.was, now, lambda ticker: self.place.market.middle(ticker, self.place.clock.at))
        self._count(now)
        self.was = now

    def _count(self, now: Books) -> None:
        """Keep how much happened, so that a machine that has come to do nothing is seen."""
        seen = self.place.seen
        seen["steps"] += 1
        seen["steps while halted"] += now.halted
        seen["steps while paused"] += not (now.halted or now.active)
        for name in ("orders", "sent", "executions", "fills", "consumed"):
            seen[name] += max(0, len(getattr(now, name)) - len(getattr(self.was, name)))

    def teardown(self) -> None:
        if sys.exception() is None:
            assert self.do(self.place.database.rows(CHAIN)) == []
            self.do(self._proof())

    async def _proof(self) -> None:
        proof = (await self.call("GET", "/audit/verify")).json()
        entries = await self.place.database.value("SELECT count(*) FROM audit")
        assert (proof["intact"], proof["entries"]) == (True, entries)
