"""Identifiers."""

import pytest

from rota.domain.errors import InvalidId
from rota.ids import ATTEMPT, TASK, attempt_id, kind_of, new_id, parse_id


def test_ids_of_a_kind_sort_by_age() -> None:
    made = [new_id(TASK) for _ in range(1_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_an_attempt_is_named_after_its_task() -> None:
    task = new_id(TASK)
    assert attempt_id(task, 12) == f"attempt_{task[5:]}_12"
    assert kind_of(attempt_id(task, 12)) == ATTEMPT


@pytest.mark.parametrize(
    "text",
    [
        "",
        "task",
        "task_",
        "task_x",
        "user_01h455vb4pex5vsknk084sn02q",
        "task_01h455vb4pex5vsknk084sn02q ",
        "task_" + "z" * 26,
        "x" * 500,
    ],
)
def test_what_is_no_task_id_is_refused_in_words(text: str) -> None:
    with pytest.raises(InvalidId, match="is not a"):
        parse_id(TASK, text)
