"""The campaign from end to end: a run in peace, the same under faults, and what the difference is."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from benchmarks.chaos.facts import Difference, compare, gather, show
from benchmarks.chaos.fleet import Fleet, Hopeless, Setting
from benchmarks.chaos.journal import Fault, Journal
from benchmarks.chaos.plan import Plan, planned
from benchmarks.chaos.sight import Blind, Sight
from benchmarks.chaos.storm import KINDS, Drawn, Storm, drawn
from stonks.app import tape_of
from stonks.replay.instants import instants
from stonks.settings import read_settings

_GLANCE = 0.05
_STALLED = 90.0
"""Seconds for which the clock may stand still, whatever was killed; then that is a finding and all is started anew."""
_MOST_STALLS = 3
_LATE = 30.0
_TELL_EVERY = 60.0
_SHOWN = 2  # rows of a table's difference that are printed
_FINISHED = """
CREATE SCHEMA chaos;
CREATE TABLE chaos.finished (job_id text, at timestamptz DEFAULT clock_timestamp());
CREATE FUNCTION chaos.note() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO chaos.finished (job_id) VALUES (NEW.job_id); RETURN NULL; END $$;
CREATE TRIGGER chaos_finished AFTER UPDATE OF done_at ON jobs FOR EACH ROW
    WHEN (NEW.done_at IS NOT NULL AND NEW.done_at IS DISTINCT FROM OLD.done_at) EXECUTE FUNCTION chaos.note();
"""
"""Has the database itself note each time that a job is marked done."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What was asked for."""

    scratch: Path
    tape: Path | None
    span: tuple[str, ...]
    stages: Sequence[str]
    """Whose workers die at moments of the plan."""
    outside: Sequence[str]
    """What is done from outside."""
    kills: int
    seed: int
    lease: str


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What came of it."""

    journal: Journal
    differences: Sequence[Difference]
    samples: Sequence[str]
    digests: tuple[str, str]
    passed: Mapping[str, Counter[str]]
    """How often each moment came to each stage in the undisturbed run."""
    unmet: int
    """Faults for which the tape was too short."""
    open_jobs: int
    dead_jobs: int
    redone_jobs: int
    """Jobs that were marked done more than once."""
    leftovers: Sequence[str]
    """Keys that the queue still holds for jobs, though none is open."""
    seconds: tuple[float, float]

    @property
    def lost(self) -> int:
        """Jobs that were not done, and rows that the undisturbed run has and this one has not or otherwise."""
        return self.open_jobs + self.dead_jobs + sum(len(each.missing) + len(each.changed) for each in self.differences)

    @property
    def twice(self) -> int:
        """Jobs done twice, and rows and effects that the undisturbed run has not."""
        return self.redone_jobs + sum(each.duplicated for each in self.differences)

    @property
    def holds(self) -> bool:
        """Whether nothing was lost, nothing happened twice, and nothing ended that should have lived."""
        harm = self.lost or self.twice or self.unmet or self.leftovers or self.journal.findings
        return not harm and self.digests[0] == self.digests[1]


async def campaign(wish: Wish) -> Verdict:
    """Play in peace, play under faults, and compare."""
    journal = Journal()
    setting = Setting(data=wish.scratch / "peace", tape=wish.tape, span=wish.span, lease=wish.lease)
    peace = Fleet(setting, journal)
    storm = Fleet(replace(setting, data=wish.scratch / "storm"), journal)
    try:
        await peace.launch()
        calm = await _played(peace, None, journal, [])
        journal.say(f"undisturbed: {calm:.0f} s, digest {peace.digest}")
        if dead := (peace.summary or {})["dead_letters"]:
            journal.find(f"the undisturbed run has {dead} dead letters itself")
        chance = random.Random(wish.seed)
        plan = planned({stage: peace.passed[stage] for stage in wish.stages}, wish.kills, chance)
        journal.sent.clear()
        await storm.launch()
        await storm.sight.script(_FINISHED)
        outside = drawn(wish.outside, wish.kills, chance)
        rough = await _played(storm, plan, journal, outside)
        journal.say(f"disturbed: {rough:.0f} s, digest {storm.digest}")
        unmet = plan.left + len(outside) - sum(fault.kind in KINDS for fault in journal.faults)
        return await _judged(peace, storm, unmet, journal, (calm, rough))
    finally:
        await asyncio.gather(peace.close(), storm.close())


async def _played(fleet: Fleet, plan: Plan | None, journal: Journal, faults: Sequence[Drawn]) -> float:
    """Play to the tape's end under these faults; return the seconds it took."""
    started = time.monotonic()
    fleet.play(plan)
    watch = Watch(fleet, journal, len(faults) + (plan.left if plan else 0))
    async with asyncio.TaskGroup() as group:
        helpers = [
            group.create_task(each) for each in (watch.drains(), watch.progress(), _brought(fleet, journal, faults))
        ]
        await fleet.ended
        seconds = time.monotonic() - started
        await watch.drain_late()
        for helper in helpers:
            helper.cancel()
    await fleet.land()
    return seconds


async def _brought(fleet: Fleet, journal: Journal, faults: Sequence[Drawn]) -> None:
    """Bring the faults from outside."""
    if faults:
        await Storm(fleet, journal).blow(faults, await _instants(fleet))


async def _instants(fleet: Fleet) -> list[datetime]:
    """Return the instants of the replay that is under way."""
    tape = tape_of(read_settings(sources_url=f"tape://{fleet.setting.tape}" if fleet.setting.tape else None))
    while True:
        with suppress(Blind):
            rows = await fleet.sight.sql("SELECT starts_at, ends_at FROM replay_clock")
            if rows:
                return [instant.at for instant in instants(tape, rows[0]["starts_at"], rows[0]["ends_at"])]
        await asyncio.sleep(_GLANCE)


class Watch:
    """Looks on: when what a fault interrupted is done, how far the tape is, and whether it still moves."""

    def __init__(self, fleet: Fleet, journal: Journal, faults: int) -> None:
        """Watch a run in which so many faults are to come."""
        self._fleet, self._journal, self._asked = fleet, journal, faults
        self._stalls = 0

    async def drains(self) -> None:
        """Write beside each fault how long it took."""
        while True:
            await self._look()
            await asyncio.sleep(_GLANCE)

    async def drain_late(self) -> None:
        """Give what the last faults interrupted the time to be done."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_LATE):
                while self._journal.open:  # noqa: ASYNC110 - only asking tells
                    await asyncio.sleep(_GLANCE)

    async def _look(self) -> None:
        for fault in self._journal.open:
            with suppress(Blind):
                if await self._fleet.sight.is_drained(fault):
                    fault.drained = time.monotonic() - fault.at

    async def progress(self) -> None:
        """Say once a minute how far it is; where nothing moves, start everything anew.

        Raises:
            Hopeless: that did not help either.
        """
        seen, since, told = None, time.monotonic(), time.monotonic()
        while True:
            await asyncio.sleep(1)
            now = await self._clock()
            if now is not None and now != seen:
                seen, since = now, time.monotonic()
            if time.monotonic() - told >= _TELL_EVERY:
                told = time.monotonic()
                self._journal.say(f"{now}  {len(self._journal.faults)} of {self._asked} faults")
            if time.monotonic() - since > _STALLED:
                since = time.monotonic()
                self._restart(seen)

    async def _clock(self) -> str | None:
        with suppress(Blind):
            rows = await self._fleet.sight.sql("SELECT now, stage FROM replay_clock")
            return f"{rows[0]['now']:%Y-%m-%d %H:%M:%S} {rows[0]['stage']}" if rows else None
        return None

    def _restart(self, seen: str | None) -> None:
        last = self._journal.faults[-1] if self._journal.faults else Fault("no fault")
        self._journal.find(f"nothing moved for {_STALLED:.0f} s at {seen}, after {last.kind} {last.point}")
        self._stalls += 1
        if self._stalls > _MOST_STALLS:
            raise Hopeless("it does not come to an end")
        for name in self._fleet.lives:
            if name != "servers":
                self._fleet.kill(name, Fault("started anew"))


async def _judged(peace: Fleet, storm: Fleet, unmet: int, journal: Journal, seconds: tuple[float, float]) -> Verdict:
    before = await gather(peace.sight, peace.setting.data)
    after = await gather(storm.sight, storm.setting.data)
    differences = compare(before, after)
    open_jobs, dead_jobs, redone_jobs = await _blame(storm.sight, journal)
    return Verdict(
        journal=journal,
        passed=peace.passed,
        differences=differences,
        samples=[line for each in differences for line in await _samples(each, peace.sight, storm.sight)],
        digests=(peace.digest, storm.digest),
        unmet=unmet,
        open_jobs=open_jobs,
        dead_jobs=dead_jobs,
        redone_jobs=redone_jobs,
        leftovers=await storm.sight.leftovers(),
        seconds=seconds,
    )


async def _blame(sight: Sight, journal: Journal) -> tuple[int, int, int]:
    """Write beside each fault what it lost and what was done twice; return how many jobs are open, dead, done twice."""
    undone, dead, twice = [
        {row["job_id"] for row in await sight.sql(query)}
        for query in (
            "SELECT job_id FROM jobs WHERE done_at IS NULL AND dead_at IS NULL",
            "SELECT job_id FROM jobs WHERE dead_at IS NOT NULL",
            "SELECT job_id FROM chaos.finished GROUP BY job_id HAVING count(*) > 1",
        )
    ]
    for fault in journal.faults:
        ids = {job.id for job in fault.jobs}
        fault.lost = len(ids & (undone | dead)) + (fault.turn is not None and fault.drained is None)
        fault.twice = len(ids & twice)
    return len(undone), len(dead), len(twice)


async def _samples(difference: Difference, peace: Sight, storm: Sight) -> list[str]:
    """Return the first rows that differ, both as they stand in peace and as they stand here."""
    keys = (*difference.missing, *difference.extra, *difference.changed)[:_SHOWN]
    lines = []
    for key in keys:
        lines += [
            f"{difference.table} {key}",
            f"  undisturbed: {await show(peace, difference.table, key)}",
            f"  disturbed:   {await show(storm, difference.table, key)}",
        ]
    return lines
