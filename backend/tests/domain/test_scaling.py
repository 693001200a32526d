"""The size of a pool: by expected wait, within bounds, at once up, slowly down, and never to and fro."""

from dataclasses import dataclass, field, replace
from itertools import pairwise

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from rota.domain.scaling import Bounds, Calm, Load, QueueLoad, decide, expected_wait_ms, needed

BOUNDS = Bounds(least=0, most=20, slots=5, target_ms=10_000, quiet_ms=30_000)
SECOND = 1_000


def load(
    waiting: int = 0,
    mean_ms: float | None = 1_000,
    running: int = 0,
    others: int = 0,
    *,
    has_started: bool = False,
    so_far_ms: float = 0,
) -> Load:
    return Load([QueueLoad(waiting, mean_ms, others, so_far_ms)], running, has_started)


@pytest.mark.parametrize(
    ("size", "wanted", "what"),
    [
        (0, 0, load()),  # nothing to do, nobody there
        (0, 1, load(1)),  # a task and nobody there
        (0, 1, load(1, mean_ms=3_600_000)),  # a long one needs one slot, not hundreds
        (0, 1, load(1, mean_ms=1)),  # a tiny one, too
        (0, 0, load(1, others=3)),  # others take it in time
        (0, 2, load(100)),  # 100 s of work in 10 s: ten slots
        (1, 1, load(50, running=5)),  # 50 s of work for five slots: just the target
        (1, 2, load(51, running=5)),  # a little more is too much
        (1, 1, load(5, mean_ms=60_000)),  # five free slots take five at once, however long they run
        (1, 2, load(1, mean_ms=60_000, running=5)),  # none is free soon
        (1, 4, load(15, mean_ms=60_000, running=5)),  # as many slots as tasks, not more
        (1, 1, load(1_000, mean_ms=10, running=5)),  # many but quick
        (1, 1, load(100, running=5, others=5)),  # others do half of it
        (2, 2, load(running=10)),  # busy, and nobody waits
        (1, 5, load(10_000, running=5)),  # by four at most, in one step
        (6, 12, load(10_000, running=30)),  # and at most to twice the size
        (15, 20, load(10_000, running=75)),  # and never beyond the maximum
        (25, 20, load()),  # too many, after the bounds were changed
        (1, 2, load(60, mean_ms=None, running=5)),  # nobody knows how long they run: a second each
        (1, 5, load(60, mean_ms=None, running=5, so_far_ms=4_000)),  # or as long as those that run have run so far
        (1, 2, load(60, mean_ms=None, running=5, so_far_ms=400)),  # which is too short yet to tell
    ],
)
def test_the_size_at_once(size: int, wanted: int, what: Load) -> None:
    found = decide(BOUNDS, what, size, Calm(), 1)
    assert found.size == wanted
    assert bool(found.reason) is (wanted != size)


def test_a_minimum_is_kept() -> None:
    found = decide(replace(BOUNDS, least=3), load(), 1, Calm(), 1)
    assert (found.size, found.reason) == (3, "At least 3 workers are wanted.")
    assert decide(replace(BOUNDS, most=1), load(), 2, Calm(), 1).reason == "At most 1 worker is allowed."


def test_each_queue_counts_by_its_own_others() -> None:
    # 200 s of work here, which ten others do in 20 s; none there, whose twenty others are no help here.
    two = Load([QueueLoad(200, 1_000, 10), QueueLoad(0, 1_000, 20)], 0)
    assert needed(BOUNDS, two, 0) == 2
    assert expected_wait_ms(two, 0) == 20_000
    assert expected_wait_ms(two, 10) == 10_000


def test_reasons_are_words() -> None:
    def words(size: int, what: Load, bounds: Bounds = BOUNDS) -> str:
        return decide(bounds, what, size, Calm(), 1).reason

    assert words(0, load(1)) == "A task waits and there is no worker."
    assert (
        words(0, load(3, mean_ms=None))
        == "3 tasks wait and there is no worker. How long they run is not known yet; 1 s each is assumed."
    )
    assert "How long they run is not known yet; 4 s each is assumed." in words(
        1, load(60, mean_ms=None, running=5, so_far_ms=4_000)
    )
    assert words(1, load(200, running=5)) == "200 tasks wait about 40 s for 5 slots; 10 s is the target."
    assert words(1, load(2_000, running=5), replace(BOUNDS, most=2)).endswith("2 is the maximum.")


@dataclass
class Pool:
    """A pool whose coordinator looks each second."""

    bounds: Bounds
    size: int
    calm: Calm = field(default_factory=Calm)
    now: int = 1_000_000

    def look(self, what: Load, seconds: int = 1) -> list[tuple[int, str]]:
        """The sizes that it took, with their reasons."""
        found = []
        for _ in range(seconds):
            decision = decide(self.bounds, what, self.size, self.calm, self.now)
            if decision.size != self.size:
                found.append((decision.size, decision.reason))
            self.size, self.calm = decision.size, decision.calm
            self.now += SECOND
        return found


def test_it_shrinks_one_by_one_each_after_a_quiet_time() -> None:
    pool = Pool(BOUNDS, 3)
    assert pool.look(load(), 30) == []
    assert pool.look(load()) == [
        (2, "For 30 s one worker fewer would have done: 0.0 of 15 slots were busy."),
    ]
    assert pool.look(load(), 29) == []
    assert [size for size, _ in pool.look(load())] == [1]
    assert pool.look(load(), 31) == [(0, "For 30 s nothing has waited or run.")]
    assert pool.look(load(), 100) == []
    assert [size for size, _ in pool.look(load(1))] == [1]


def test_what_disturbs_the_quiet_begins_it_anew() -> None:
    pool = Pool(BOUNDS, 1)
    assert pool.look(load(), 29) == []
    assert pool.look(load(running=1)) == []
    assert pool.look(load(), 30) == []
    # Too short to be seen while it ran.
    assert pool.look(load(has_started=True)) == []
    assert pool.look(load(), 30) == []
    assert [size for size, _ in pool.look(load())] == [0]


def test_it_keeps_what_is_nearly_full() -> None:
    pool = Pool(BOUNDS, 2)
    # Five slots would be full, and the next task would wait.
    assert pool.look(load(running=5), 300) == []
    assert pool.look(load(running=4), 300)[0][0] == 1


# A failing load need not be the smallest one: looking for that takes longer than people wait.
@settings(max_examples=60, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(
    per_second=st.floats(0, 40),
    run_ms=st.integers(10, 60_000),
    slots=st.integers(1, 20),
    least=st.integers(0, 3),
    more=st.integers(0, 12),
    start=st.integers(0, 12),
    target_ms=st.integers(500, 60_000),
    is_known=st.booleans(),
)
def test_under_a_constant_load_the_size_comes_to_rest(
    per_second: float, run_ms: int, slots: int, least: int, more: int, start: int, target_ms: int, is_known: bool
) -> None:
    """Tasks flow in and are worked off like water, second by second; the size must settle and then stay."""
    quiet_s = 5
    pool = Pool(Bounds(least, least + max(more, 1), slots, target_ms, quiet_s * SECOND), start)
    waiting, running, so_far_ms = 0.0, 0.0, 0.0
    sizes: list[int] = []
    # Long enough for the backlog of the beginning to go, and for each worker that is too much.
    for _ in range(1_200):
        waiting += per_second
        running -= min(running, running * SECOND / max(run_ms, SECOND))
        begun = min(waiting, max(pool.size * slots - running, 0.0) * (SECOND / run_ms if run_ms < SECOND else 1))
        waiting -= begun
        added = begun * min(run_ms / SECOND, 1)
        # What has just begun has not run yet; in the long run those that run are half done.
        so_far_ms = min(running * (so_far_ms + SECOND) / (running + added), run_ms / 2) if running + added else 0.0
        running += added
        there = QueueLoad(round(waiting), run_ms if is_known else None, so_far_ms=so_far_ms)
        pool.look(Load([there], round(running), has_started=begun > 0))
        sizes.append(pool.size)
        assert least <= pool.size <= pool.bounds.most
    # Where a little more flows in than its slots can do, the backlog reaches the target late: from there it still grows.
    full = per_second * run_ms / SECOND / slots
    late = [(was, now) for was, now in pairwise(sizes[-400:]) if was != now]
    assert all(was < now and was < full for was, now in late), late
    grows = [now > was for was, now in pairwise(sizes) if was != now]
    turns = sum(first != second for first, second in pairwise(grows))
    assert turns <= 1, sizes[::20]
