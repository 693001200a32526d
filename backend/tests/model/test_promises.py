"""A random walk through all that can happen to tasks, on real servers; the promises of the design hold after each step."""

import asyncio
import contextlib
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from rota import jsontext
from rota.broker.scripts import Claim
from rota.broker.values import functions_text, parse_handed
from rota.coordinator.reconciler import Reconciler
from rota.coordinator.recorder import Recorder
from rota.domain.errors import Conflict, Invalid
from rota.domain.limits import NewLimit
from rota.operations import limits, queues, tasks
from rota.store import attempts, functions
from rota.store.limits import all_limits
from tests.support.broker import LEASE_MS, settlement
from tests.support.rota import ADMIN, ALICE, MULTIPLY, Rota, open_rota, settings_for

EXAMPLES, STEPS = 12, 40
LONG_EXAMPLES, LONG_STEPS = 400, 80  # with --long
FINAL = {"SUCCEEDED", "FAILED", "CANCELLED", "EXPIRED"}
TABLES = ("limits", "totals", "attempts", "dependencies", "task_tags", "tasks", "counters", "positions", "ticks")
FUNCTIONS = ("divide", "multiply")
workers = st.sampled_from(["w1", "w2"])
strategies = st.sampled_from(["PRIORITY", "ROUND_ROBIN", "LEAST_LOADED"])
picks = st.integers(0, 10**6)


class Walk(RuleBasedStateMachine):
    """The steps; what was accepted and what each run was told is remembered outside of Rota."""

    runner: ClassVar["asyncio.Runner"]
    rota: ClassVar[Rota]

    def __init__(self) -> None:
        super().__init__()
        self.accepted: list[str] = []
        self.claims: list[tuple[str, str, Claim]] = []  # worker, claim id, what it got
        self.seen: dict[str, int] = {}  # worker -> the last lease that it knows to have been handed to it
        self.taken: dict[str, list[str]] = {}  # task -> results that were taken by Redis
        self.ended: dict[str, tuple[str, Any]] = {}
        self.was_flushed = self.had_deadlines = False
        self.has: dict[str, tuple[str, ...]] = {}  # worker -> its functions
        self.count = 0
        self.do(self.begin())

    def do(self, work: Any) -> Any:
        return self.runner.run(work)

    async def begin(self) -> None:
        await self.rota.redis.flushdb()
        await self.rota.rebuilt()
        async with self.rota.platform.database.transaction() as db:
            for table in TABLES:
                await db.run(f"DELETE FROM {table}")
            await db.run("UPDATE queues SET strategy = 'PRIORITY'")
            await functions.offer(db, [{**MULTIPLY, "name": name} for name in FUNCTIONS], 1)
        self.rota.platform.catalogue.forget()
        self.rota.recorder = Recorder(self.rota.platform)
        self.reconciler = Reconciler(self.rota.platform, self.rota.recorder)

    def pick(self, number: int) -> str:
        return self.accepted[number % len(self.accepted)]

    # What clients do.

    @rule(
        count=st.integers(1, 3),
        later=st.booleans(),
        deadline=st.booleans(),
        need=st.none() | picks,
        key=st.sampled_from([None, "a", 'b"\\']),
        function=st.sampled_from(FUNCTIONS),
    )
    def submit(self, count: int, later: bool, deadline: bool, need: int | None, key: str | None, function: str) -> None:
        now = self.rota.clock.now_ms()
        wish: dict[str, Any] = {"run_at": now + 600_000} if later else {}
        wish |= {"limit_key": key, "function": function}
        if deadline:
            wish["deadline_at"] = now + 1_200_000
        if need is not None and self.accepted:
            wish["depends_on"] = (self.pick(need),)
        with contextlib.suppress(Invalid):  # what it depends on has ended otherwise
            self.accepted += [task.id for task in self.do(self.rota.submit(count, **wish))]

    @precondition(lambda self: self.accepted)
    @rule(which=picks)
    def cancel(self, which: int) -> None:
        with contextlib.suppress(Conflict):
            self.do(tasks.cancel(self.rota.platform, ALICE, self.pick(which)))

    @precondition(lambda self: self.accepted)
    @rule(which=picks)
    def retry(self, which: int) -> None:
        with contextlib.suppress(Conflict):
            self.do(tasks.retry(self.rota.platform, ALICE, self.pick(which)))
            self.ended.pop(self.pick(which), None)

    @precondition(lambda self: self.accepted)
    @rule(which=picks, priority=st.integers(1, 10), later=st.booleans())
    def reschedule(self, which: int, priority: int, later: bool) -> None:
        run_at = self.rota.clock.now_ms() + (300_000 if later else 0)
        with contextlib.suppress(Conflict, Invalid):  # it waits no more, or its deadline has passed
            self.do(tasks.reschedule(self.rota.platform, ALICE, self.pick(which), priority=priority, run_at=run_at))

    # What administrators do.

    @rule(of=st.sampled_from(["q", "f", "k"]), most=st.integers(1, 3), is_by_starts=st.booleans())
    def set_limit(self, of: str, most: int, is_by_starts: bool) -> None:
        how: dict[str, Any] = {"max_starts": most, "period_ms": 100} if is_by_starts else {"max_running": most}
        function = None if of == "q" else "multiply"
        wanted = NewLimit(self.rota.queue, function, per_key=of == "k", **how)
        self.do(limits.put(self.rota.platform, ADMIN, wanted))

    @rule(which=picks)
    def remove_limit(self, which: int) -> None:
        self.do(self.remove_limits(which))

    async def remove_limits(self, which: int | None = None) -> None:
        async with self.rota.platform.database.read() as db:
            found = await all_limits(db)
        for index, limit in enumerate(found):
            if which is None or index == which % len(found):
                await limits.remove(self.rota.platform, ADMIN, limit.id)

    @rule(strategy=strategies)
    def set_strategy(self, strategy: str) -> None:
        self.do(queues.set_strategy(self.rota.platform, ADMIN, self.rota.queue, strategy))

    # What workers do.

    @rule(
        worker=workers,
        want=st.integers(1, 4),
        slots=st.integers(1, 4),
        steals=st.booleans(),
        is_free=st.booleans(),
        has=st.sampled_from([None, ("multiply",), FUNCTIONS, FUNCTIONS]),
    )
    def claim(
        self, worker: str, want: int, slots: int, steals: bool, is_free: bool, has: tuple[str, ...] | None
    ) -> None:
        self.count += 1
        # A worker's functions do not change; one that has told nothing may get anything.
        has = self.has.setdefault(worker, has) if has else None
        before = self.do(self.counted())
        claim = self.do(
            self.rota.broker.claim(
                self.rota.queue,
                worker,
                f"c{self.count}",
                want,
                LEASE_MS,
                slots=slots,
                is_stealing=steals,
                seen=self.seen.get(worker, 0),
                is_free=is_free,
                functions=functions_text(has) if has else "",
            )
        )
        # One alone learns by giving back what it cannot do; where two are known to differ, nobody is given such a thing.
        do_differ = len(set(self.do(self.rota.redis.hvals(self.rota.key("offers"))))) > 1
        if has and not claim.was_handed and do_differ:
            functions = {jsontext.loads(task.payload)["f"] for task in claim.tasks}
            assert functions <= set(has), "a worker gets what it has a function for"
        for name, number in self.do(self.counted()).items():
            assert number <= max(self.do(self.most(name)), before.get(name, 0)), f"no more than {name} allows"
        if claim.was_handed:
            self.note_handed(worker, claim)
        elif claim.tasks:
            self.claims.append((worker, f"c{self.count}", claim))

    @rule(worker=workers, is_lost=st.booleans())
    def hear(self, worker: str, is_lost: bool) -> None:
        """Reads its wakes, and what was handed to it with them; or they are lost on the way."""
        for text in self.do(self.rota.wakes(worker)):
            handed = parse_handed(text.encode())
            if handed is not None and not is_lost:
                self.note_handed(worker, handed.claim)

    def note_handed(self, worker: str, claim: Claim) -> None:
        if claim.lease > self.seen.get(worker, 0):
            self.seen[worker] = claim.lease
            self.claims.append((worker, "handed", claim))

    async def counted(self) -> dict[str, int]:
        return await self.rota.broker.counts(self.rota.queue)

    async def most(self, name: str) -> float:
        """How many a limit lets run."""
        rule = await self.rota.redis.hget(self.rota.key("limits"), name.partition('"')[0])
        return int((rule or b"0").partition(b":")[0]) or float("inf")

    @rule(worker=workers, for_good=st.booleans())
    def leave(self, worker: str, for_good: bool) -> None:
        """Pauses, or ends; its leases may still run."""
        self.count += 1
        if for_good:
            self.do(self.rota.broker.forget(self.rota.queue, worker))
        else:
            self.do(self.rota.claim(0, worker, f"c{self.count}"))

    @precondition(lambda self: self.claims)
    @rule()
    def claim_again(self) -> None:
        """The answer was lost: the same id gives nothing else than before."""
        worker, claim_id, claim = self.claims[-1]
        if claim_id == f"c{self.count}":
            again = self.do(self.rota.claim(9, worker, claim_id))
            assert self.was_flushed or set(again.tasks) <= set(claim.tasks)
            if again.lease != claim.lease and again.tasks:
                self.claims.append((worker, claim_id, again))

    @precondition(lambda self: self.claims)
    @rule(
        which=picks,
        how=st.sampled_from(["SUCCEEDED", "SUCCEEDED", "FAILED", "RETRY", "RELEASED", "NOT_BEGUN", "UNKNOWN"]),
        twice=st.booleans(),
    )
    def settle(self, which: int, how: str, twice: bool) -> None:
        worker, _, claim = self.claims[which % len(self.claims)]
        self.do(self.settle_all(worker, claim, how, twice))

    async def settle_all(self, worker: str, claim: Claim, how: str, twice: bool) -> None:
        self.count += 1
        now = await self.rota.now()
        settlements = []
        for task in claim.tasks:
            more: dict[str, Any] = {"result": f"{task.id}-{self.count}"} if how == "SUCCEEDED" else {}
            if how in ("RETRY", "RELEASED", "NOT_BEGUN", "UNKNOWN"):
                more["due_at"] = now + (60_000 if how == "RETRY" else 0)
            more |= {"is_begun": how not in ("NOT_BEGUN", "UNKNOWN"), "is_known": how != "UNKNOWN"}
            outcome = {"RETRY": "FAILED", "NOT_BEGUN": "RELEASED", "UNKNOWN": "RELEASED"}.get(how, how)
            settlements.append(settlement(task, claim.lease, outcome, at=now, **more))
        broker, queue = self.rota.broker, self.rota.queue
        flags = await broker.settle(queue, worker, f"s{self.count}", settlements)
        if twice:
            assert await broker.settle(queue, worker, f"s{self.count}", settlements) == flags
        for task, is_taken in zip(claim.tasks, flags, strict=True):
            if is_taken and how == "SUCCEEDED":
                self.taken.setdefault(task.id, []).append(f"{task.id}-{self.count}")

    # What time and faults do.

    @rule()
    def leases_end(self) -> None:
        self.do(self.rota.end_leases())
        self.do(self.rota.broker.sweep(self.rota.queue))

    @rule()
    def instants_come(self) -> None:
        self.do(self.rota.make_due())

    @rule()
    def deadlines_pass(self) -> None:
        self.had_deadlines = True
        self.do(self.rota.pass_deadlines())
        self.do(self.rota.broker.sweep(self.rota.queue))

    @rule()
    def flush(self) -> None:
        self.was_flushed = True
        self.do(self.rota.redis.flushdb())

    # What the coordinator does.

    @rule()
    def record(self) -> None:
        self.do(self.rota.record())

    @rule()
    def reconcile(self) -> None:
        pushed, dropped = self.do(self.reconciled())
        # Where nothing failed there is nothing to mend. But Redis lets go of what has passed its deadline, and SQL may have
        # given it another one before that was recorded: then it is missing there until this look.
        assert self.was_flushed or dropped == 0
        assert self.was_flushed or self.had_deadlines or pushed == 0

    async def reconciled(self) -> tuple[int, int]:
        (queue,) = await self.reconciler._queues()
        await self.rota.record()
        running = await self.running()
        wrong = await self.reconciler.mend(queue)
        assert wrong == 0, "counts are right without being mended"
        pushing = asyncio.create_task(self.reconciler.push_missing(queue, 0))
        while not pushing.done():
            await self.rota.record()
            await asyncio.sleep(0)
        assert await self.running() == running, "what runs goes on, though Redis was emptied"
        assert {one.decode() for one in await self.rota.redis.hkeys(self.rota.key("running"))} == set(running), (
            "Redis knows what runs"
        )
        return await pushing, await self.reconciler.drop_ended(queue)

    async def running(self) -> dict[str, int]:
        """The number of each run that SQL knows of."""
        return {row["id"]: row["number"] for row in await self.rota.all_tasks() if row["status"] == "RUNNING"}

    # The promises.

    @invariant()
    def promises_hold(self) -> None:
        self.do(self.check())

    async def check(self) -> None:
        async with self.rota.platform.database.read() as db:
            rows = {row["id"]: row for row in await db.rows("SELECT id, status, result, number FROM tasks")}
            told = await attempts.of(db, list(rows))
        outcomes = {task_id: [one.outcome for one in some] for task_id, some in told.items()}
        doubles = [task_id for task_id, some in outcomes.items() if some.count("SUCCEEDED") > 1]
        unowned = [
            task_id for task_id, some in outcomes.items() if "RUNNING" in some and rows[task_id]["status"] != "RUNNING"
        ]
        assert set(rows) == set(self.accepted), "every accepted task is in SQL, and no other"
        assert doubles == [], "at most one outcome is accepted"
        assert unowned == [], "only a running task has a running attempt"
        for task_id, some in told.items():
            numbers = list(range(1, rows[task_id]["number"] + 1))
            assert [one.number for one in some] == numbers, "each run is an attempt"
        await self.rota.check_counters()
        await self.rota.check_places()
        for task_id, row in rows.items():
            was = self.ended.get(task_id)
            assert was in (None, (row["status"], row["result"])), "what has ended stays as it is"
            if row["status"] in FINAL:
                self.ended[task_id] = (row["status"], row["result"])
            if row["status"] == "SUCCEEDED":
                assert row["result"].strip('"') in self.taken[task_id], "a result is one that was taken"

    def teardown(self) -> None:
        self.do(self.drain())

    async def drain(self) -> None:
        """In the end everything ends, and Redis holds nothing."""
        await self.rota.record()
        for number in range(60):
            if number == 10:  # with limits nothing is stuck; yet they take their time
                await self.remove_limits()
            await self.reconciled()
            await self.rota.end_leases()
            await self.rota.broker.sweep(self.rota.queue)
            await self.rota.make_due()
            self.count += 1
            claim = await self.rota.claim(1_000, "w1", f"c{self.count}", seen=self.seen.get("w1", 0), has=FUNCTIONS)
            if claim.was_handed:
                self.note_handed("w1", claim)
            await self.settle_all("w1", claim, "SUCCEEDED", False)
            await self.rota.record()
            if all(task["status"] in FINAL for task in await self.rota.all_tasks()):
                break
        await self.reconciled()
        assert {task["status"] for task in await self.rota.all_tasks()} <= FINAL
        assert await self.rota.left_over() == {}
        await self.check()


@pytest.mark.slow
@pytest.mark.timeout(3_600)
def test_the_promises_hold_on_every_walk(
    database_url: str, redis_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    is_long = request.config.getoption("--long")
    with asyncio.Runner() as runner:
        stack = contextlib.AsyncExitStack()
        rota = runner.run(stack.enter_async_context(open_rota(settings_for(database_url, redis_url, tmp_path))))
        machine = type("WalkHere", (Walk,), {"runner": runner, "rota": rota})
        try:
            run_state_machine_as_test(
                machine,
                settings=settings(
                    max_examples=LONG_EXAMPLES if is_long else EXAMPLES,
                    stateful_step_count=LONG_STEPS if is_long else STEPS,
                    deadline=None,
                    database=None,
                    suppress_health_check=list(HealthCheck),
                ),
            )
        finally:
            runner.run(stack.aclose())
