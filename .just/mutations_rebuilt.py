"""Guards of what runs while Redis is emptied, broken one at a time."""

from mutations import SETTLE, _broken

RECONCILED = "coordinator/test_reconciler.py::test_"
GOES_ON = f"{RECONCILED}what_runs_when_redis_is_emptied_goes_on[sqlite]"
HAS_ENDED = f"{RECONCILED}what_ends_while_redis_is_still_empty_has_ended[sqlite]"
NOT_HEARD_OF = f"{RECONCILED}what_is_taken_back_and_not_heard_of_runs_again[sqlite]"
LATE = "broker/test_rebuilt.py::test_what_has_ended_since_is_not_taken_back_by_who_comes_late"
ADOPT, RENEW, SWEEP = (f"broker/lua/{name}.lua" for name in ("adopt", "renew", "sweep"))

REBUILT = (
    _broken(
        "emptied: nothing is taken back",
        GOES_ON,
        ("coordinator/reconciler.py", "        await self.take_back(queue)\n", ""),
    ),
    _broken(
        "emptied: who gives a sign of life at once is told that all is lost",
        GOES_ON,
        (RENEW, "elseif is_rebuilt(config) or redis.call('HEXISTS', tasks, id) == 1 then", "else"),
    ),
    _broken(
        "emptied: what is handed in at once is refused",
        HAS_ENDED,
        (SETTLE, "elseif not run and not rebuilt and", "elseif not run and false and"),
    ),
    _broken(
        "emptied: what was handed in at once is taken back",
        "broker/test_rebuilt.py::test_what_is_handed_in_meanwhile_is_journalled_and_not_taken_back",
        (ADOPT, "redis.call('SISMEMBER', vouched, id) == 0 and ", ""),
    ),
    _broken(
        "emptied: who comes late takes back what has ended",
        LATE,
        (ADOPT, "if is_rebuilt(config) then return 0 end\n", ""),
    ),
    _broken(
        "emptied: who is about it, too, takes back what has ended",
        LATE,
        (SETTLE, "  in_parts('SADD', vouched, gone)\n", ""),
    ),
    _broken(
        "emptied: what is not held is believed for ever",
        HAS_ENDED,
        (ADOPT, "  redis.call('HSET', config, 'rebuilt', '1')\n", ""),
    ),
    _broken(
        "emptied: what was not heard of has died",
        NOT_HEARD_OF,
        (SWEEP, "local is_its_own = mark == ''", "local is_its_own = true"),
    ),
    _broken(
        "emptied: what was heard of does not die",
        NOT_HEARD_OF,
        (RENEW, "if string.sub(run, -1) == 'a' then", "if false then"),
    ),
    _broken(
        "emptied: what merely waits to be recorded is taken back",
        f"{RECONCILED}what_waits_to_be_recorded_is_not_taken_back[sqlite]",
        (
            "coordinator/reconciler.py",
            "await self._recorder.passed(queue.name, missing.epoch, missing.journal_id)",
            "pass",
        ),
    ),
    _broken(
        "emptied: what was taken back counts under no limit",
        f"{RECONCILED}limits_that_redis_lost_are_set_again[sqlite]",
        (ADOPT, "  rules.recount(false)\n", ""),
    ),
    _broken(
        "emptied: only the first of many are taken back",
        f"{RECONCILED}of_many_that_run_all_are_taken_back[sqlite]",
        ("coordinator/reconciler.py", "            is_all = len(ids) < AT_ONCE\n", "            is_all = True\n"),
    ),
    _broken(
        "emptied: who begins to run alone is told that it is lost",
        "broker/test_rebuilt.py::test_who_begins_to_run_alone_meanwhile_does",
        ("broker/lua/begin.lua", "if not run and not is_rebuilt(config)", "if false"),
    ),
    _broken(
        "emptied: who was to run alone dies with its worker",
        "broker/test_rebuilt.py::test_who_was_to_run_alone_does_not_die_with_its_worker",
        (ADOPT, ">= poison_deaths and 'w' or 'a'", ">= poison_deaths and '' or 'a'"),
    ),
    _broken(
        "emptied: a queue that was emptied on purpose counts as such",
        "coordinator/test_reset.py::test_all_tasks_go[sqlite]",
        ("broker/lua/empty.lua", "if rebuilt then", "if false then"),
    ),
)
