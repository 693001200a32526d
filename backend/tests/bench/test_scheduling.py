"""The replay behind docs/scheduling.md: what it must show of any trace."""

import pytest

from bench.replay import ORDERS, Outcome, replay, trace
from bench.scheduling import chart, page, replayed


def outcomes(load: float) -> dict[str, Outcome]:
    wishes = trace(load, tasks=2_000)
    return {name: replay(wishes, order) for name, order in ORDERS.items()}


@pytest.mark.parametrize("load", [0.7, 1.0, 1.3])
def test_every_task_is_started_or_missed_once(load: float) -> None:
    for outcome in outcomes(load).values():
        started = sum(len(waits) for waits in outcome.waits.values())
        assert started <= 2_000
        assert started + outcome.missed >= 2_000  # what was not started was missed; some were started and missed


def test_with_room_for_all_no_order_misses_much() -> None:
    for outcome in outcomes(0.5).values():
        assert outcome.missed <= outcome.with_deadline * 0.01


def test_at_overload_rank_misses_fewer_deadlines_than_orders_that_do_not_see_them() -> None:
    found = outcomes(1.3)
    assert found["Rota's rank"].missed < found["strict priority"].missed / 2
    assert found["Rota's rank"].missed < found["first in, first out"].missed / 2


def test_at_overload_rank_leaves_nothing_waiting_as_long_as_strict_priority_does() -> None:
    wishes = trace(1.3)
    waits = {name: replay(wishes, ORDERS[name]).longest_wait_ms for name in ("Rota's rank", "strict priority")}
    assert waits["Rota's rank"] < waits["strict priority"]


def test_the_page_and_the_chart_name_every_order() -> None:
    results = replayed(tasks=300)
    for name in ORDERS:
        assert name in page(results)
    assert chart(results).count("<rect") == 1 + 2 * 3 * len(ORDERS) + len(ORDERS)
