"""The guards that `mutants.py` breaks, one at a time, each with the tests of which one must fail."""

from typing import NamedTuple

TESTS = "backend/tests"


class Change(NamedTuple):
    """A text that stands once in a file below `backend/rota`, and what stands there instead."""

    file: str
    was: str
    now: str


class Mutant(NamedTuple):
    """What is broken, how, and the tests (below `backend/tests`) that must notice."""

    name: str
    changes: tuple[Change, ...]
    tests: tuple[str, ...]


def _broken(name: str, test: str, *changes: tuple[str, str, str]) -> Mutant:
    # On SQLite where a test knows both: no guard here depends on the database, and it starts sooner.
    return Mutant(name, tuple(Change(*change) for change in changes), tuple(test.split()))


CLAIM, SETTLE, PUSH, COMMON = (f"broker/lua/{name}.lua" for name in ("claim", "settle", "push", "_common"))
LIMITS_LUA, LANES_LUA, RULES = "broker/lua/_limits.lua", "broker/lua/_lanes.lua", "broker/lua/_rules.lua"
HOLDS = "return self.status is TaskStatus.RUNNING and self.number == number and self.lease == lease"
HOLDS_NOT = "return self.status is TaskStatus.RUNNING"

FENCING = (
    _broken(
        "fencing: whoever settles a running task is believed, everywhere",
        "faults/test_workers.py::test_a_worker_that_sleeps_through_three_leases",
        (SETTLE, "if run and string.sub(run, 1, #right) == right then", "if run then"),
        ("domain/record.py", HOLDS, HOLDS_NOT),
        (
            "worker/worker.py",
            "attempt.stop(AttemptOutcome.LOST, self)\n        self._steal",
            "pass\n        self._steal",
        ),
    ),
    _broken(
        "fencing in Lua: whoever settles a running task is believed",
        "broker/test_settle_sweep.py::test_another_token_is_refused_and_kept_as_late",
        (SETTLE, "if run and string.sub(run, 1, #right) == right then", "if run then"),
    ),
    _broken(
        "fencing in Lua: whoever renews a lease is believed",
        "broker/test_settle_sweep.py::test_a_lease_is_renewed_by_its_holder_only",
        ("broker/lua/renew.lua", "if run and string.sub(run, 1, #right) == right then", "if run then"),
    ),
    _broken(
        "fencing in SQL: what Redis let pass is believed",
        "coordinator/test_recorder.py::test_an_outcome_that_redis_let_pass_is_fenced_in_sql_too[sqlite]",
        ("domain/record.py", HOLDS, HOLDS_NOT),
    ),
    _broken(
        "lease numbers come again after Redis was emptied",
        "broker/test_push_claim.py::test_lease_numbers_grow_even_when_redis_was_emptied",
        (COMMON, "math.max(t[1] * 1000000 + t[2], tonumber(redis.call('GET', lease_key) or '0') + 1)",
         "tonumber(redis.call('GET', lease_key) or '0') + 1"),
    ),
    _broken(
        "a dropped task's outcome is still taken",
        "broker/test_settle_sweep.py::test_dropping_tells_the_worker_and_fences_its_outcome",
        ("broker/lua/drop.lua", "    redis.call('HDEL', running, id)\n", ""),
    ),
    _broken(
        "a start that was recorded is recorded again",
        "coordinator/test_recorder.py::test_applied_twice_is_applied_once[sqlite] "
        "domain/test_record.py::test_a_start_that_is_recorded_changes_nothing",
        ("domain/record.py", "if (number, lease) <= (task.number, task.lease):", "if False:"),
    ),
)  # fmt: skip

ANSWERED_AGAIN = (
    _broken(
        "no claim ids: who asks again is given something else (under lost replies)",
        "faults/test_redis.py::test_replies_are_lost_at_random",
        (CLAIM, "if last and string.sub(last, 1, #claim_id + 1)", "if false and string.sub(last, 1, #claim_id + 1)"),
    ),
    _broken(
        "no claim ids: who asks again is given something else",
        "broker/test_push_claim.py::test_the_same_claim_id_gives_the_same_tasks_again",
        (CLAIM, "if last and string.sub(last, 1, #claim_id + 1)", "if false and string.sub(last, 1, #claim_id + 1)"),
    ),
    _broken(
        "claim ids are compared by how they begin",
        "broker/test_push_claim.py::test_a_claim_id_that_begins_like_another_is_another",
        (CLAIM, "string.sub(last, 1, #claim_id + 1) == claim_id .. ' ' then", "string.sub(last, 1, #claim_id) == claim_id then"),
    ),
    _broken(
        "who asks again renews nothing",
        "broker/test_push_claim.py::test_who_asks_again_renews_what_it_does_not_know_of_yet",
        (CLAIM, "  in_parts('ZADD', leases, renewed)\n", ""),
    ),
    _broken(
        "no settle ids: who settles again is refused",
        "broker/test_settle_sweep.py::test_the_same_settle_id_gives_the_same_answer_again",
        (SETTLE, "if last and string.sub(last", "if false and string.sub(last"),
    ),
    _broken(
        "a batch that names a task twice settles it twice",
        "broker/test_settle_sweep.py::test_a_task_named_twice_in_a_batch_is_settled_once",
        (SETTLE, "    runs[id] = nil\n", ""),
    ),
    _broken(
        "a push that comes after the reconciler's is taken",
        "broker/test_late_push.py::test_what_was_long_on_its_way_is_refused",
        ("broker/lua/push.lua", "if now > tonumber(ARGV[1]) then", "if false then"),
    ),
    _broken(
        "a task is pushed twice",
        "broker/test_push_claim.py::test_a_task_is_pushed_once",
        ("broker/lua/push.lua", "if not held[n] and not seen[id] then", "if not seen[id] then"),
    ),
)  # fmt: skip

HANDING = (
    _broken(
        "handing: what was lost on its way is not told again",
        "broker/test_handing.py::test_what_was_lost_on_its_way_is_told_again_until_it_is_seen "
        "worker/test_handed.py::test_what_is_lost_on_its_way_comes_with_the_next_answer",
        (PUSH, "  redis.call('HSET', handed, worker, lease .. ' ' .. id)\n", ""),
    ),
    _broken(
        "handing: what was seen is told again",
        "broker/test_handing.py::test_what_was_lost_on_its_way_is_told_again_until_it_is_seen",
        (CLAIM, "local answer = lease ~= ARGV[7] and again", "local answer = again"),
    ),
    _broken(
        "handing: what came twice runs twice",
        "worker/test_handed.py::test_what_comes_twice_runs_once",
        ("worker/line.py", "is_known = handed.claim.lease in self._seen", "is_known = False"),
    ),
    _broken(
        "handing: what has ended is told again",
        "broker/test_handing.py::test_what_was_handed_and_has_ended_is_not_told_again",
        (CLAIM, "if answer and #answer > 5 then return answer end", "if answer then return answer end"),
    ),
    _broken(
        "handing: what is pushed is handed, not what is first in line",
        "broker/test_handing.py::test_what_is_handed_is_the_first_by_rank_of_all_that_is_ready_by_now",
        (PUSH, "count = count + promote(scheduled, ranks, ready, journal, epoch, now, 200)", "count = count"),
    ),
    _broken(
        "handing: the last of the line is handed",
        "broker/test_handing.py::test_of_many_one_is_handed_and_the_rest_is_asked_for",
        (PUSH, "redis.call('ZRANGE', ready, 0, 0, 'WITHSCORES')", "redis.call('ZRANGE', ready, -1, -1, 'WITHSCORES')"),
    ),
    _broken(
        "handing: a task stays in line",
        "broker/test_handing.py::test_a_free_worker_is_handed_what_is_pushed model/test_promises.py",
        (PUSH, "  redis.call('ZREM', ready, id)\n", ""),
    ),
    _broken(
        "handing: what has expired is handed",
        "broker/test_handing.py::test_what_has_expired_is_not_handed "
        "broker/test_handing.py::test_what_expires_as_it_is_pushed_is_left_to_a_claim",
        (PUSH, "if not payload or (deadline ~= '0' and tonumber(deadline) <= now) then", "if not payload then"),
        (PUSH, "expire(deadlines, ready, scheduled, ranks, tasks, tries, journal, epoch, now, 200)", ""),
    ),
    _broken(
        "handing: it goes on in a paused queue",
        "broker/test_handing.py::test_nothing_is_handed_to_who",
        (PUSH, "settings[1] == '1' and #line / 2 or hand_out(#line / 2)", "hand_out(#line / 2)"),
    ),
    _broken(
        "handing: who is busy is handed more",
        "broker/test_handing.py::test_nothing_is_handed_to_who",
        (CLAIM, "local is_free = ARGV[8] == '1' and #given == 0", "local is_free = #given == 0"),
    ),
    _broken(
        "handing: who was given something is handed more",
        "broker/test_handing.py::test_nothing_is_handed_to_who",
        (CLAIM, "local is_free = ARGV[8] == '1' and #given == 0", "local is_free = ARGV[8] == '1'"),
    ),
    _broken(
        "handing: who has not asked for long is handed a task",
        "broker/test_handing.py::test_nothing_is_handed_to_who",
        (PUSH, "if want and now - at < fresh_ms then", "if want then"),
    ),
    _broken(
        "handing: who takes no more runs what comes late",
        "worker/test_handed.py::test_a_suspect_that_is_handed_runs_at_once_and_alone",
        ("worker/rounds.py", "if self.status != ONLINE or not is_welcome or self._holding.is_full:", "if self.status != ONLINE or self._holding.is_full:"),
    ),
    _broken(
        "handing: two queues fill one slot",
        "worker/test_handed.py::test_what_is_handed_while_another_queue_answers_takes_no_slot_twice",
        ("worker/rounds.py", "or not is_welcome or self._holding.is_full:", "or not is_welcome:"),
    ),
    _broken(
        "handing: what was too long on its way is begun",
        "worker/test_handed.py::test_what_was_too_long_on_its_way_runs_only_if_it_is_still_held",
        ("worker/rounds.py", "if self.now_ms() - handed.claim.at >= self._lease_s * 500:", "if False:"),
    ),
    _broken(
        "handing: who waits with the rest of its slots is forgotten",
        "broker/test_handing.py::test_a_free_worker_is_handed_what_is_pushed",
        (PUSH, "redis.call('HSET', idle, worker, want - 1) end", "redis.call('HDEL', idle, worker) end"),
    ),
    _broken(
        "handing: who has ended all that it did does not offer itself",
        "worker/test_handed.py::test_it_starts_what_it_is_handed_without_asking",
        ("worker/rounds.py", "asks = line.may_have_work or (is_free and line.has_outcomes and not line.is_offered)",
         "asks = line.may_have_work"),
    ),
)  # fmt: skip

LIMITS = (
    _broken(
        "limits: one more than allowed runs",
        "broker/test_limits.py::test_at_most_n_of_a_function_run_and_others_pass_them",
        (LIMITS_LUA, "if room_of(name, limit) <= 0 then return math.huge end",
         "if room_of(name, limit) < 0 then return math.huge end"),
    ),
    _broken(
        "limits: a key's limit is nobody's",
        "broker/test_limits.py::test_each_key_of_a_function_has_its_limit_to_itself",
        (LIMITS_LUA, "if key then return", "if false then return"),
    ),
    _broken(
        "limits: a queue's own limit bounds no claim",
        "broker/test_limits.py::test_at_most_n_of_a_queue_run_and_nothing_is_parked",
        (LIMITS_LUA, "if not limit then return want end", "if want then return want end"),
    ),
    _broken(
        "limits: starts per period are forgotten at once",
        "broker/test_limits.py::test_at_most_n_start_in_any_period",
        (LIMITS_LUA, "return oldest + limit.period", "return oldest"),
    ),
    _broken(
        "limits: what ends lets nothing go on",
        "broker/test_limits.py::test_however_a_task_stops_running_the_next_goes_on",
        (LIMITS_LUA, "      else\n        offer_next(one.name, one.limit)\n", "      else\n"),
    ),
    _broken(
        "limits: what leaves while it is on offer lets nothing go on",
        "broker/test_limits.py::test_what_is_on_offer_and_leaves_gives_its_place_to_the_next",
        (LIMITS_LUA, "if limit then offer_next(name, limit) end -- it may have been on offer", ""),
    ),
    _broken(
        "limits: what its key refuses keeps the place of its function",
        "broker/test_limits.py::test_what_its_key_refuses_leaves_the_place_of_its_function_to_the_next",
        (LIMITS_LUA, "if j ~= i and other.name ~= 'q' then offer_next(other.name, other.limit) end", ""),
    ),
    _broken(
        "limits: wrong counts are not counted anew",
        "broker/test_limits.py::test_wrong_counts_are_mended_and_told",
        (RULES, "    if counted[name] ~= number then", "    if false then"),
    ),
)  # fmt: skip

LANES = (
    _broken(
        "lanes: a lane has no bound",
        "broker/test_lanes.py::test_lanes_are_bounded_and_the_rest_stays_in_line_by_rank",
        (LANES_LUA, "room = room + math.max(one.slots - one.lane, 0)", "room = room + 100"),
        (LANES_LUA, "if one.lane < one.slots then", "if true then"),
    ),
    _broken(
        "lanes: each deal begins with the same worker",
        "broker/test_lanes.py::test_turns_go_on_from_one_push_to_the_next",
        (LANES_LUA, "    redis.call('HSET', k.config, 'turn', turn)\n", ""),
    ),
    _broken(
        "lanes: the least loaded is found without its slots",
        "broker/test_lanes.py::test_the_least_loaded_for_its_slots_is_next",
        (LANES_LUA, "(one.load + one.lane) / one.slots", "(one.load + one.lane)"),
    ),
    _broken(
        "lanes: who goes keeps its lane",
        "broker/test_lanes.py::test_who_goes_gives_its_lane_back",
        (LANES_LUA, "    redis.call('HDEL', k.crew, worker)\n    give_back(worker)\n",
         "    redis.call('HDEL', k.crew, worker)\n"),
    ),
    _broken(
        "lanes: a change of strategy leaves the lanes",
        "broker/test_lanes.py::test_a_change_of_strategy_loses_nothing",
        ("broker/lua/configure.lua", "if was_special and strategy_was ~= strategy then", "if false then"),
    ),
    _broken(
        "lanes: what is cancelled stays in its lane",
        "broker/test_lanes.py::test_what_is_in_a_lane_can_be_cancelled_moved_and_expires",
        (LANES_LUA, "    redis.call('ZREM', k.lane .. worker, id)\n", ""),
    ),
    _broken(
        "stealing: nobody steals",
        "broker/test_lanes.py::test_an_idle_worker_steals_the_best_of_the_fullest_lane",
        (LANES_LUA, "if #taken == 0 and own.steals then", "if false then"),
    ),
    _broken(
        "stealing: from the emptiest lane",
        "broker/test_lanes.py::test_an_idle_worker_steals_the_best_of_the_fullest_lane",
        (LANES_LUA, "one.lane > fullest.lane", "one.lane < fullest.lane"),
    ),
    _broken(
        "stealing: whoever is idle, whether it may or not",
        "worker/test_lanes.py::test_a_worker_without_stealing_leaves_others_lanes_alone_until_they_are_given_back",
        (LANES_LUA, "if #taken == 0 and own.steals then", "if #taken == 0 then"),
    ),
)  # fmt: skip

TIME = (
    _broken(
        "rank: a deadline pulls nothing forward",
        "domain/test_rank.py",
        ("domain/rank.py", "return min(start_by, deadline_at - expected_ms)", "return start_by"),
    ),
    _broken(
        "retry: one attempt more than allowed",
        "domain/test_retry.py::test_an_attempt_is_left_or_not",
        ("domain/retry.py", "used < max_attempts", "used <= max_attempts"),
    ),
    _broken(
        "retry: without jitter",
        "domain/test_retry.py",
        ("domain/retry.py", "* chance)", ")"),
    ),
    _broken(
        "expiry: a claim starts what has expired",
        "broker/test_push_claim.py::test_a_claim_starts_nothing_expired_however_many_there_are",
        (CLAIM, "if tonumber(deadline) > 0 and tonumber(deadline) <= now then", "if false then"),
        (CLAIM, "expire(deadlines, ready,", "if false then return end -- (deadlines, ready,"),
    ),
    _broken(
        "expiry: a sweep ends nothing",
        "broker/test_settle_sweep.py::test_a_sweep_promotes_and_expires_in_parts",
        ("broker/lua/sweep.lua", "local expired = expire(", "local expired = 0 -- ("),
    ),
    _broken(
        "expiry: what runs and whose deadline passes runs on",
        "worker/test_outcomes.py::test_a_deadline_ends_what_runs",
        ("worker/attempt.py", 'if deadline_at is not None and payload.get("o") != "F":', "if False:"),
    ),
    _broken(
        "expiry: what may finish late is cut off",
        "worker/test_outcomes.py::test_finish_late_lets_it_finish",
        ("worker/attempt.py", 'if deadline_at is not None and payload.get("o") != "F":', "if deadline_at is not None:"),
    ),
    _broken(
        "poison: a fourth death is waited for",
        "broker/test_settle_sweep.py::test_three_deaths_are_poison",
        ("broker/lua/sweep.lua", "deaths >= poison_deaths", "deaths > poison_deaths"),
    ),
    _broken(
        "poison: it is only lost, in SQL",
        "coordinator/test_recorder.py::test_three_deaths_end_a_task_as_failed[sqlite]",
        ("domain/record.py", "    if death == Death.POISON:", "    if False:"),
    ),
    _broken(
        "poison: who waits to run alone dies with its worker",
        "worker/test_holding.py::test_who_waits_to_run_alone_does_not_die_with_its_worker",
        ("broker/lua/claim.lua", ">= poison_deaths and 'w' or ''", ">= poison_deaths and '' or ''"),
    ),
    _broken(
        "poison: nobody tells that who was to run alone begins",
        "worker/test_holding.py::test_the_death_of_who_runs_alone_is_its_own",
        ("worker/attempt.py", "            await desk.begins(attempt)", "            pass"),
    ),
    _broken(
        "poison: deaths are forgotten when Redis is filled anew",
        "broker/test_settle_sweep.py::test_deaths_of_former_pushes_count",
        ("broker/lua/push.lua", "tried[#tried + 1] = runs", "tried[#tried + 1] = (string.gsub(runs, '%d+$', '0'))"),
    ),
    _broken(
        "poison: who ran alone runs once more",
        "worker/test_holding.py",
        ("worker/holding.py", "attempt.task is None and not attempt.is_concluded", "attempt.task is None"),
    ),
    _broken(
        "wake-up: a push wakes nobody",
        "broker/test_push_claim.py::test_a_waiting_worker_is_woken_at_once",
        ("broker/lua/push.lua", "    wake_idle(idle, wake, #line / 2)\n", "    local _ = 0\n"),
    ),
)

LEADING = (
    _broken(
        "lead: whoever asks leads",
        "store/test_bookkeeping.py::test_one_of_two_leads[sqlite]",
        ("store/leaders.py", " AND (holder = $2 OR expires_at < {now})", ""),
    ),
    _broken(
        "recorder: the position moves from wherever it is",
        "store/test_bookkeeping.py::test_a_position_moves_only_from_where_it_is[sqlite] "
        "coordinator/test_recorder.py::test_of_two_recorders_one_records[sqlite]",
        ("store/record.py", "WHERE queue = $1 AND position = $2", "WHERE queue = $1 AND $2 = $2"),
    ),
    _broken(
        "recorder: the first position is everybody's",
        "coordinator/test_recorder.py::test_the_first_position_is_taken_by_one[sqlite]",
        ("store/record.py", "VALUES ($1, $2) ON CONFLICT DO NOTHING",
         "VALUES ($1, $2) ON CONFLICT (queue) DO UPDATE SET position = excluded.position"),
    ),
    _broken(
        "recorder: what is read and not stored is trimmed",
        "coordinator/test_recorder.py::test_of_one_batch_what_was_read_after_the_last_write_is_kept[sqlite]",
        ("coordinator/recorder.py", "trim(queue, self._stored[queue]", "trim(queue, self._positions[queue]"),
    ),
    _broken(
        "reconciler: it does not wait for the recorder",
        "coordinator/test_reconciler.py::test_it_waits_for_the_recorder_before_it_believes_that_something_is_lost[sqlite]",
        ("coordinator/reconciler.py",
         "await self._recorder.passed(queue.name, missing.epoch, missing.journal_id)", "pass"),
    ),
    _broken(
        "reconciler: it pushes what changed since it looked",
        "coordinator/test_reconciler.py::test_what_changed_after_it_was_listed_is_left_to_who_changed_it[sqlite]",
        ("coordinator/reconciler.py", "if task.changed_at < older_than]", "]"),
    ),
    _broken(
        "reconciler: what has ended stays in Redis",
        "coordinator/test_reconciler.py::test_what_ended_in_sql_is_dropped[sqlite]",
        ("coordinator/reconciler.py", "if one not in live]", "if False]"),
    ),
    _broken(
        "schedules: a tick is made by whoever looks",
        "coordinator/test_scheduler.py::test_who_is_late_with_an_old_look_makes_nothing[sqlite]",
        ("store/schedules.py", "WHERE id = $1 AND next_at = $2 AND version = $3",
         "WHERE id = $1 AND $2 = $2 AND version = $3"),
    ),
    _broken(
        "schedules: a tick is made of what was changed meanwhile",
        "coordinator/test_scheduler.py::test_a_change_between_look_and_tick_wins[sqlite]",
        ("store/schedules.py", "AND next_at = $2 AND version = $3", "AND next_at = $2 AND $3 = $3"),
    ),
    _broken(
        "connections: what a transaction was cut off on is kept for the next",
        "store/test_database.py::test_a_cancelled_transaction_frees_the_connection_wherever_it_is_cut_off[postgres-True]",
        ("store/postgres.py", "if is_sound and self._wrapper is None:", "if self._wrapper is None:"),
    ),
    _broken(
        "idempotency: a key is looked up by nobody",
        "operations/test_submission.py::test_an_idempotency_key_gives_the_first_task_back[sqlite]",
        ("operations/groups.py", "known.get(key) or taken.get(key)", "taken.get(key)"),
    ),
    _broken(
        "idempotency: a key counts not within one batch",
        "operations/test_submission.py::test_a_key_counts_within_one_batch_and_one_moment[sqlite]",
        ("operations/groups.py", "known.get(key) or taken.get(key)", "known.get(key)"),
    ),
    _broken(
        "idempotency: different content is given the first task",
        "operations/test_submission.py::test_an_idempotency_key_gives_the_first_task_back[sqlite]",
        ("operations/groups.py", "if first.content_hash != task.content_hash:", "if False:"),
    ),
    _broken(
        "idempotency: the database keeps a key twice",
        "store/test_tasks.py::test_a_key_is_used_once_by_an_owner",
        ("store/migrations/0002_guards_and_indexes.py", "CREATE UNIQUE INDEX tasks_by_key", "CREATE INDEX tasks_by_key"),
    ),
    _broken(
        "enqueued: what comes before the roll call is dropped",
        "coordinator/test_submissions.py::test_what_is_enqueued_before_the_roll_call_waits_for_it_and_holds_up_nobody",
        ("coordinator/submissions.py", "if self._may_become_known(entry_id, fields):", "if False:"),
    ),
    _broken(
        "enqueued: leaves the stream uncommitted",
        "coordinator/test_submissions.py::test_one_that_the_database_does_not_take_stays_and_the_others_are_taken",
        ("coordinator/submissions.py", "if is_settled is True]", "]"),
    ),
)  # fmt: skip

SHOWN = (
    _broken(
        "shown: what runs counts for nothing when a start is estimated",
        "graphql/test_waiting.py::test_it_waits_for_what_runs[sqlite]",
        (
            "operations/waiting.py",
            "running=self.busy, mean_ms=mean_ms, left=self._left)",
            "running=self.busy, mean_ms=mean_ms)",
        ),
    ),
    _broken(
        "shown: what runs in another queue counts for a limit",
        "graphql/test_waiting.py::test_it_waits_for_what_its_limit_counts[sqlite]",
        ("operations/waiting.py", "if one.queue == queue and function in (None, one.function)", ""),
    ),
    _broken(
        "shown: lists wait for a Redis that hangs",
        "operations/test_hanging_redis.py::test_what_is_shown_does_not_wait_for_a_redis_that_hangs",
        ("operations/glance.py", "async with asyncio.timeout(GLANCE_S):", "if True:"),
    ),
    _broken(
        "shown: long announcements are kept like short ones",
        "broker/test_journal_changes.py::test_of_long_announcements_fewer_are_kept",
        ("broker/changes.py", "zlib.compress(text, 1), KEPT_LONG", "zlib.compress(text, 1), KEPT"),
    ),
    _broken(
        "shown: any number of tasks is named in an announcement",
        "operations/test_announcements.py::test_too_many_to_name_are_told_as_a_reset",
        (
            "operations/announcements.py",
            "await self._changes.announce(merged([change]))",
            "await self._changes.announce(change)",
        ),
    ),
)

MUTANTS = (*FENCING, *ANSWERED_AGAIN, *HANDING, *LIMITS, *LANES, *TIME, *LEADING, *SHOWN)
