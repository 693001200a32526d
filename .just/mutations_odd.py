"""The guards against functions that misbehave and against what waits in SQL alone, which `mutants.py` breaks, one at a time."""

from mutations import _broken

OUTCOMES, DEADLINES = "worker/test_outcomes.py", "coordinator/test_deadlines.py"

ODD = (
    _broken(
        "odd: what is no Exception keeps its slot for ever",
        f"{OUTCOMES}::test_what_is_no_exception_ends_an_attempt_too_and_frees_its_slot",
        ("worker/attempt.py", "    except BaseException as error:", "    except Exception as error:"),
    ),
    _broken(
        "odd: a wait ends beyond all dates",
        f"{OUTCOMES}::test_a_wait_beyond_all_dates_is_a_long_one",
        ("worker/endings.py", "min(max(int(defer_ms), 0), FAR_FUTURE_MS)", "max(int(defer_ms), 0)"),
    ),
    _broken(
        "odd: big integers stand at any depth",
        "test_jsontext.py::test_both_codecs_take_the_same_depth",
        ("jsontext.py", "    if _depth(data) > DEEPEST:", "    if False:"),
    ),
    _broken(
        "odd: what cannot be kept of one task holds up all others",
        "coordinator/test_recorder.py::test_what_the_database_does_not_take_of_one_task_holds_up_no_other[sqlite]",
        (
            "coordinator/recorder.py",
            "            changed, ready = await self._apply_apart(queue, was, part)",
            "            raise",
        ),
    ),
    _broken(
        "odd: who was retried is taken for poison",
        "worker/test_holding.py",
        ("worker/holding.py", "attempt.deaths >= POISON_DEATHS - 1", "attempt.number - attempt.used >= POISON_DEATHS"),
    ),
    _broken(
        "deadlines: what waits for others is not looked at",
        f"{DEADLINES}::test_what_waits_for_others_past_its_deadline_expires_with_what_depends_on_it[sqlite]",
        ("store/tasks.py", "deadline_at IS NOT NULL AND deadline_at <= $1 ", "deadline_at IS NULL AND $1 <> 0 "),
    ),
    _broken(
        "deadlines: who goes on meanwhile expires",
        f"{DEADLINES}::test_who_is_given_more_time_or_goes_on_meanwhile_does_not_expire[sqlite]",
        ("coordinator/deadlines.py", " if task.status == TaskStatus.BLOCKED]", "]"),
    ),
    _broken(
        "deadlines: who is given more time expires",
        f"{DEADLINES}::test_who_is_given_more_time_or_goes_on_meanwhile_does_not_expire[sqlite]",
        ("coordinator/deadlines.py", " if task.deadline_at is not None and task.deadline_at <= at]", "]"),
    ),
    _broken(
        "odd: a function that cannot be kept holds up all workers",
        "coordinator/test_rollcall.py::test_what_the_database_does_not_take_of_one_worker_holds_up_no_other[sqlite]",
        ("coordinator/rollcall.py", "                await self._take_apart(worker, offers)", "                raise"),
    ),
    _broken(
        "undo: what depends on a failed task runs",
        "coordinator/test_undo.py::test_what_could_not_have_waited_on_stays_cancelled[sqlite]",
        ("operations/undo.py", "            if in_vain(status):", "            if False:"),
    ),
    _broken(
        "odd: any number of tasks is named in one statement",
        "store/test_tasks.py::test_any_number_of_tasks_is_locked_and_read[postgres]",
        ("store/tasks.py", "NAMED_AT_ONCE = 10_000", "NAMED_AT_ONCE = 1_000_000"),
    ),
    _broken(
        "odd: what cannot be kept is enqueued for ever",
        "coordinator/test_submissions.py::test_what_the_database_cannot_keep_is_left_out_and_the_others_are_taken[sqlite]",
        ("coordinator/submissions.py", "            if not is_unkept(error):", "            if True:"),
    ),
    _broken(
        "odd: what waits for its function is looked at one by one",
        "coordinator/test_submissions.py::test_many_that_wait_for_a_function_are_not_looked_at_one_by_one[sqlite]",
        ("coordinator/submissions.py", "if early.wants in known or early.is_over", "if True"),
    ),
    _broken(
        "odd: a worker without its heart works on",
        "worker/test_heart.py::test_without_its_heart_a_worker_ends",
        ("worker/heart.py", "            self._on_fault(error)", "            raise"),
    ),
    _broken(
        "dependencies: what had failed before a retry ends it after all",
        "coordinator/test_fan_out.py::test_what_is_run_again_although_something_failed_waits_for_the_rest_and_runs[sqlite]",
        ("operations/dependencies.py", "if need in just_ended and in_vain(status)", "if in_vain(status)"),
    ),
    _broken(
        "odd: a wait is told by a machine's clock",
        "worker/test_arq.py::test_a_wait_is_told_by_redis_clock",
        (
            "worker/enqueue.py",
            "ms_of(await self.time())",
            "ms_of((__import__('time').time_ns() // 10**9, 0))",
        ),
    ),
    _broken(
        "a deadline that has passed ends also what has another one by now",
        "coordinator/test_recorder.py::test_what_was_given_another_deadline_before_its_end_was_recorded_does_not_expire",
        ("domain/record.py", " and task.deadline_at is not None and task.deadline_at <= at:", ":"),
    ),
)
