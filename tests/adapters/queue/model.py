"""What a queue is to do, in plain Python: where each job is, in which order, and what every call answers."""

from dataclasses import dataclass, field

from stonks.adapters.queue.calls import MAX_CRASHES, MAX_DELIVERIES


@dataclass(eq=False, slots=True)
class Item:
    """A job; its payload tells it from all others. Without a subject it was pushed by hand."""

    payload: bytes
    subject: str | None = None
    ledger_id: str | None = None
    window: bool = False
    high: bool = False
    malformed: bool = False
    raw: bool = False  # it died as a string of bytes, as nobody knew it to be JSON
    n: int = 0
    c: int = 0


@dataclass(slots=True)
class Model:
    """One queue. Time does not pass by itself: ``overdue`` and ``due`` say what has expired and what has come due."""

    lanes: dict[bool, list[Item]] = field(default_factory=lambda: {True: [], False: []})
    held: dict[str, Item] = field(default_factory=dict)
    overdue: list[str] = field(default_factory=list)
    delayed: list[Item] = field(default_factory=list)
    due: list[Item] = field(default_factory=list)
    dead: list[Item] = field(default_factory=list)
    locks: dict[str, str] = field(default_factory=dict)

    @property
    def waiting(self) -> int:
        return len(self.lanes[True]) + len(self.lanes[False])

    # -------------------------------------------------------------------------------------------- in

    def enqueue(self, item: Item, high_water: int) -> int:
        assert item.subject is not None
        assert item.ledger_id is not None
        if self.waiting >= high_water:
            return -1
        holder = self.locks.get(item.subject)
        if holder is not None:
            if not item.window and holder != item.ledger_id and not holder.endswith("+"):
                self.locks[item.subject] += "+"
            return 0
        self.locks[item.subject] = item.ledger_id
        self.lanes[False].append(item)
        return 1

    def promote(self, sweep: int) -> None:
        promoted, self.due = self.due[:sweep], self.due[sweep:]
        for item in promoted:
            self.lanes[item.high].append(item)

    def reap(self, sweep: int) -> None:
        expired, self.overdue = self.overdue[:sweep], self.overdue[sweep:]
        for token in reversed(expired):
            self.crash(token, told=False)

    # -------------------------------------------------------------------------------------------- out

    def claim(self, limit: int, in_hand: int) -> list[Item]:
        """What a claim takes after promoting and reaping; what is no object dies."""
        taken: list[Item] = []
        for high in (True, False):
            lane = self.lanes[high]
            malformed: list[Item] = []
            full = False
            for item in lane[: limit - len(taken)]:
                suspect = item.c >= MAX_CRASHES - 1
                full = suspect and bool(taken or in_hand)
                if full:
                    break
                (malformed if item.malformed else taken).append(lane.pop(0))
                item.high, item.raw = high, item.malformed
                full = suspect
                if full:
                    break
            self.dead += malformed
            if full:
                break
        for item in taken:
            item.n += 1
        return taken

    def hold(self, token: str, item: Item) -> None:
        self.held[token] = item

    def settle(self, token: str) -> bool:
        """Whether others of its subject were turned away meanwhile."""
        return self._unlock(self._part(token))

    def release(self, token: str) -> None:
        item = self._part(token)
        item.n -= 1
        self.lanes[item.high].insert(0, item)

    def retry(self, token: str) -> str:
        item = self._part(token)
        if item.n >= MAX_DELIVERIES:
            self._bury(item)
            return "dead"
        self.delayed.append(item)
        return "delayed"

    def crash(self, token: str, *, told: bool = True) -> str:
        """``told``: by someone who lived. Otherwise nobody could say whether a plain push is JSON."""
        item = self._part(token)
        item.n, item.c = item.n - 1, item.c + 1
        if item.c >= MAX_CRASHES:
            self._bury(item, raw=not told and item.subject is None)
            return "dead"
        self.lanes[item.high].insert(0, item)
        return "returned"

    def bury(self, token: str, *, raw: bool) -> None:
        self._bury(self._part(token), raw=raw)

    def replay(self, item: Item) -> None:
        self.dead.remove(item)
        item.n = item.c = 0
        if item.raw:
            item.subject, item.ledger_id, item.high, item.window = None, None, False, False
        if item.subject is not None and item.ledger_id is not None:
            self.locks.setdefault(item.subject, item.ledger_id)
        self.lanes[item.high].append(item)

    def _part(self, token: str) -> Item:
        if token in self.overdue:
            self.overdue.remove(token)
        return self.held.pop(token)

    def _bury(self, item: Item, *, raw: bool = False) -> None:
        item.raw = raw
        self.dead.append(item)
        self._unlock(item)

    def _unlock(self, item: Item) -> bool:
        if item.subject is None or item.window:
            return False
        holder = self.locks.get(item.subject)
        if holder not in {item.ledger_id, f"{item.ledger_id}+"}:
            return False
        del self.locks[item.subject]
        return holder != item.ledger_id
