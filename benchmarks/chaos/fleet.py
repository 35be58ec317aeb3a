"""The processes of one run: servers, driver and one worker a stage. Whatever ends before its time is started again."""

import asyncio
import ctypes
import json
import os
import signal
import sys
import time
from asyncio.subprocess import Process
from collections import Counter
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

from benchmarks.chaos.journal import Fault, InHand, Journal
from benchmarks.chaos.plan import Plan
from benchmarks.chaos.sight import Blind, Sight
from benchmarks.chaos.trap import MOST_CRASHES
from stonks.cli.session import UNREACHABLE
from stonks.stages import PIPELINE

STAGES = {stage.name: stage for stage in PIPELINE}
_PR_SET_PDEATHSIG = 1
_START = 10.0  # seconds in which a process may find that a server is away, and end with the code that says so
_MOST_FAILURES = 8  # in a row, of one process
_BREATH = 0.5  # seconds before something that ended by itself is started again
_LAST_WORDS = 200  # characters of a dead process's log that a finding shows


class Hopeless(Exception):
    """Raised when a run does not go on, however often it is started anew."""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """Where a run lives and what it plays."""

    data: Path
    tape: Path | None
    span: tuple[str, ...]
    lease: str

    @property
    def environment(self) -> dict[str, str]:
        """What every process of the run is told."""
        told = {"STONKS_DATA_DIR": str(self.data), "STONKS_LEASE": self.lease, "STONKS_LOG_LEVEL": "warning"}
        return os.environ | told | ({"STONKS_SOURCES_URL": f"tape://{self.tape}"} if self.tape else {})


@dataclass(eq=False)
class Life:
    """One life of a process; a fault given before its end is what ended it."""

    process: Process
    said: Path
    """Where its standard output goes: unlike a pipe's, its end does not depend on what it leaves behind."""
    mark: str
    """What every process that it starts has in its environment."""
    born: float = field(default_factory=time.monotonic)
    fault: Fault | None = None

    def lines(self) -> list[str]:
        """Return what it has said so far, in whole lines."""
        return [line.strip() for line in self.said.read_text().splitlines(keepends=True) if line.endswith("\n")]


class Fleet:
    """Keeps everything running until the driver has come to its end."""

    def __init__(self, setting: Setting, journal: Journal) -> None:
        """Run here; nothing is started yet."""
        self.setting = setting
        self._journal = journal
        self._urls: dict[str, str] = {}
        self._keepers: list[asyncio.Task[None]] = []
        self._ending = False
        self._fails = Counter[str]()
        self._count = count()
        self._up = asyncio.Event()
        self.lives: dict[str, Life] = {}
        self.passed: dict[str, Counter[str]] = {}
        self.summary: dict[str, Any] | None = None
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done when the driver has come to the tape's end, or when it never will."""

    # -------------------------------------------------------------------------------------------- up and down

    @property
    def digest(self) -> str:
        """The digest of decisions that the driver printed."""
        return str((self.summary or {}).get("digest"))

    async def launch(self) -> None:
        """Start the servers and keep them."""
        (self.setting.data / "out").mkdir(parents=True)
        self._keep(self._servers())
        await self._up.wait()
        self.sight = Sight(self._urls["STONKS_DATABASE_URL"], self._urls["STONKS_REDIS_URL"])

    def play(self, plan: Plan | None) -> None:
        """Start the driver and a worker a stage, and keep them; each dies as the plan has it. In peace all are one."""
        self._keep(self._drive())
        if plan is None:
            self._keep(self._work("stages", list(STAGES), Plan({})))
            return
        for stage in STAGES:
            self._keep(self._work(stage, [stage], plan))

    async def land(self) -> None:
        """Stop the workers in good order and wait for them; the servers stay."""
        self._ending = True
        for name in [name for name in self.lives if name != "servers"]:
            self._signal(name, signal.SIGTERM)
        await asyncio.gather(*self._keepers[1:], return_exceptions=True)

    async def close(self) -> None:
        """Kill what still works, and stop the servers."""
        self._ending = True
        for name in self.lives:
            self._signal(name, signal.SIGTERM if name == "servers" else signal.SIGKILL)
        await asyncio.gather(*self._keepers, return_exceptions=True)
        if self._up.is_set():
            await self.sight.close()

    def kill(self, name: str, fault: Fault) -> None:
        """Kill a process with its group, if it runs."""
        life = self.lives[name]
        life.fault = life.fault or fault
        self._signal(name, signal.SIGKILL)

    async def kill_unless_suspect(self, stage: str, fault: Fault) -> bool:
        """Kill a worker unless one of its jobs would then be buried; it stands still while one looks."""
        life = self.lives[stage]
        queues = STAGES[stage].queues
        self._signal(stage, signal.SIGSTOP)
        try:
            await asyncio.sleep(0.01)  # a command that is on its way arrives
            if life.fault is not None or await self.sight.is_suspect(queues, MOST_CRASHES):
                return False
            fault.jobs = await self.sight.in_hand(queues)
            self.kill(stage, fault)
        finally:
            self._signal(stage, signal.SIGCONT)
        return True

    def _signal(self, name: str, number: signal.Signals) -> None:
        process = self.lives[name].process
        if process.returncode is None:
            send = os.kill if name == "servers" else os.killpg  # PostgreSQL and Valkey are to notice by themselves
            with suppress(ProcessLookupError):  # it has just ended
                send(process.pid, number)

    def _keep(self, keeper: Coroutine[Any, Any, None]) -> None:
        self._keepers.append(asyncio.create_task(self._unless_hopeless(keeper)))

    async def _unless_hopeless(self, keeper: Coroutine[Any, Any, None]) -> None:
        try:
            await keeper
        except Hopeless as error:
            if not self.ended.done():
                self.ended.set_exception(error)

    # -------------------------------------------------------------------------------------------- who is kept

    async def _servers(self) -> None:
        while not self._ending:
            life = await self._start("servers", "-m", "stonks", "servers")
            while not self._up.is_set() and life.process.returncode is None:
                self._urls = dict(line.split("=", 1) for line in life.lines() if "=" in line)
                if "STONKS_REDIS_URL" in self._urls:
                    self._up.set()
                await asyncio.sleep(0.05)
            await self._bury("servers", life)

    async def _drive(self) -> None:
        tape = ("--tape", str(self.setting.tape)) if self.setting.tape else ()
        command = ("-m", "stonks", "replay", "--drive-only", "--exit", "--json", *tape, *self.setting.span)
        while not self._ending:
            life = await self._start("driver", *command, "--data", str(self.setting.data / "driver"))
            code = await life.process.wait()
            if code in {0, 1} and (lines := life.lines()):
                self.summary = json.loads(lines[-1])["summary"]
                self.ended.set_result(None)
                return
            await self._bury("driver", life)

    async def _work(self, stage: str, stages: Sequence[str], plan: Plan) -> None:
        while not self._ending:
            order = plan.next(stage)
            trap = ("--point", order.point, "--nth", str(order.nth)) if order else ()
            life = await self._start(stage, "-m", "benchmarks.chaos.worker", *stages, *trap)
            await life.process.wait()
            said: dict[str, Any] = {"passed": {}}
            for line in life.lines():
                said |= json.loads(line)
                if "sent" in said:
                    self._journal.sent[said.pop("sent")] += 1
            self.passed |= {name: Counter(moments) for name, moments in said["passed"].items()}
            if "killed" in said:
                life.fault = await _own_death(stage, said, self.sight)
            elif order is not None:
                plan.put_back(stage, order)
            await self._bury(stage, life)

    async def _start(self, name: str, *command: str) -> Life:
        out = self.setting.data / "out"
        mark = f"CHAOS_LIFE={name}-{next(self._count)}-{os.getpid()}"
        environment = self.setting.environment | (self._urls if name != "servers" else {}) | dict([mark.split("=")])
        with (out / f"{name}.log").open("ab") as errors, (out / f"{name}.said").open("wb") as said:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *command,
                env=environment,
                stdout=said,
                stderr=errors,
                start_new_session=True,
                preexec_fn=_ending_with_us,
            )
        self.lives[name] = Life(process, out / f"{name}.said", mark)
        return self.lives[name]

    async def _bury(self, name: str, life: Life) -> None:
        """Write down why a process ended, and kill what it left behind."""
        code = await life.process.wait()
        for pid in await _left_behind(life) if name != "servers" else []:
            self._journal.find(f"{name} left process {pid} behind")
            os.kill(pid, signal.SIGKILL)
        if life.fault is not None:
            if life.fault not in self._journal.faults:
                self._journal.faults.append(life.fault)
            self._fails[name] = 0
        elif not self._ending:
            self._fails[name] += 1
            if self._fails[name] > _MOST_FAILURES:
                raise Hopeless(f"{name} will not run")
            await asyncio.sleep(_BREATH)
            if code == UNREACHABLE and time.monotonic() - life.born < _START:
                self._journal.turned_away += 1
                return
            words = (self.setting.data / "out" / f"{name}.log").read_text(errors="replace").strip().rpartition("\n")[2]
            last = self._journal.faults[-1] if self._journal.faults else None
            after = f"after {last.kind} {last.point}" if last else "with no fault before"
            self._journal.find(f"{name} ended by itself with code {code}, {after}: {words[:_LAST_WORDS]}")


def _ending_with_us() -> None:
    """Ask the kernel for a SIGTERM when the campaign itself is killed."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM))


async def _own_death(stage: str, said: dict[str, Any], sight: Sight) -> Fault:
    """Return the fault that a worker announced; what the queue has in hand counts beside what it knew of."""
    fault = Fault(stage, said["killed"], said["where"])
    fault.jobs = {InHand(*job) for job in said["jobs"]}
    if said["turn"]:
        fault.turn = (stage, datetime.fromisoformat(said["turn"]))
    try:
        known = await sight.in_hand(STAGES[stage].queues)
    except Blind:
        return fault
    ids = {job.id for job in known}
    fault.jobs = known | {job for job in fault.jobs if job.id not in ids}
    return fault


async def _left_behind(life: Life) -> list[int]:
    """Return the processes that a dead process started and that did not end with it."""
    for _ in range(20):
        left = _started_by(life)
        if not left:
            break
        await asyncio.sleep(0.05)
    return left


def _started_by(life: Life) -> list[int]:
    return [int(process.name) for process in Path("/proc").glob("[0-9]*") if _is_of(process, life.mark)]


def _is_of(process: Path, mark: str) -> bool:
    try:
        return mark.encode() in (process / "environ").read_bytes()
    except OSError:  # it has ended meanwhile, or is another user's
        return False
