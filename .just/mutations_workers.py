"""Further guards that `mutants.py` breaks: who is given what, what a dead worker held, and how a worker ends."""

from mutations import SETTLE, Mutant, _broken

OFFERS_LUA, LANES_LUA = "broker/lua/_offers.lua", "broker/lua/_lanes.lua"
OFFERS = "broker/test_offers.py"

WORKERS: tuple[Mutant, ...] = (
    _broken(
        "offers: a worker gets what it has no function for",
        f"{OFFERS}::test_each_takes_the_smallest_ranks_of_what_it_has",
        (OFFERS_LUA, "return not text or name == ''", "return true or name == ''"),
    ),
    _broken(
        "offers: whoever is idle is woken",
        f"{OFFERS}::test_who_can_do_it_is_woken_and_nobody_is_handed_what_it_cannot",
        (OFFERS_LUA, "if want > 0 and number > 0 and offers.has(worker, name) then", "if want > 0 and number > 0 then"),
    ),
    _broken(
        "offers: workers that differ do not sort their queue",
        f"{OFFERS}::test_each_takes_the_smallest_ranks_of_what_it_has",
        ("broker/lua/claim.lua", "if offers_differ(offers) then sort_queue(config) end", ""),
    ),
    _broken(
        "offers: who found nothing in what is sorted so far does not ask again",
        f"{OFFERS}::test_what_waits_is_sorted_when_the_first_comes_that_differs",
        ("broker/lua/claim.lua", "if rules and #given < room and rules.is_behind() then stops_short = true end", ""),
    ),
    _broken(
        "offers: what a worker has no function for does not sort its queue",
        f"{OFFERS}::test_what_a_worker_cannot_do_comes_back_as_it_was",
        (SETTLE, "if ARGV[i + 2] == '3' then sort_queue(config) end", ""),
    ),
    _broken(
        "offers: one line again while nobody has what waits",
        f"{OFFERS}::test_it_is_one_line_again_when_all_can_do_all",
        (
            OFFERS_LUA,
            "if name ~= '' and not string.find(known[1], '\\n' .. name .. '\\n', 1, true) then return false end",
            "",
        ),
    ),
    _broken(
        "offers: lanes are dealt to anybody",
        f"{OFFERS}::test_lanes_are_dealt_to_those_who_can",
        (
            LANES_LUA,
            "if one.lane < one.slots and (not name or s.offers.has(one.id, name)) then",
            "if one.lane < one.slots then",
        ),
    ),
    _broken(
        "offers: a thief takes what it cannot do",
        f"{OFFERS}::test_lanes_are_dealt_to_those_who_can",
        (
            LANES_LUA,
            "if not s.is_sorted then return redis.call('ZPOPMIN', k.lane .. from.id) end",
            "if true then return redis.call('ZPOPMIN', k.lane .. from.id) end",
        ),
    ),
    _broken(
        "numbers: what was not begun counts as a run in Redis",
        f"{OFFERS}::test_what_was_not_begun_counts_as_no_run",
        (SETTLE, "if goes_on ~= '1' then number = int(tonumber(number) - 1) end", ""),
    ),
    _broken(
        "numbers: what was not begun counts as a run in SQL",
        "domain/test_record.py::test_what_was_given_back_unbegun_was_no_attempt",
        ("domain/record.py", 'if body.get("begun") is False:', "if False:"),
    ),
    _broken(
        "numbers: a worker does not tell that it did not begin",
        "worker/test_outcomes.py::test_what_nobody_here_knows_goes_back_unused",
        ("worker/attempt.py", "is_begun=attempt.has_begun,", "is_begun=True,"),
    ),
    _broken(
        "deaths: what a dead worker held waits for its lease",
        "worker/test_supervisor.py::test_what_a_worker_held_that_died_is_free_at_once",
        ("worker/supervisor.py", "await self._burials.report()", "pass"),
    ),
    _broken(
        "deaths: what others hold is taken back too",
        "worker/test_supervisor.py::test_what_a_worker_held_that_died_is_free_at_once",
        ("broker/lua/bury.lua", "if worker == ARGV[1] then", "if true then"),
    ),
    _broken(
        "deaths: a claim that was on its way is not looked for",
        "worker/test_supervisor.py::test_what_was_on_its_way_when_the_worker_died_is_taken_back_too",
        ("worker/burials.py", "LOOKS = 2", "LOOKS = 1"),
    ),
    _broken(
        "ends: a worker waits for a Redis that is away",
        "worker/test_life.py::test_told_to_end_it_does_not_wait_for_a_redis_that_is_away",
        (
            "worker/rounds.py",
            "        elif is_waiting:\n            self.end()",
            "        elif is_waiting:\n            pass",
        ),
    ),
)
