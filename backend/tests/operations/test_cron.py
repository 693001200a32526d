"""Cron lines: what is refused and in which words, ticks where clocks are put forward and back, plain words."""

import itertools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.domain.errors import Invalid
from rota.operations.cron import ALIASES, check_cron, check_ticks, check_zone, in_words, ticks

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",  # half an hour
    "Africa/Cairo",  # at midnight
    "America/Havana",  # midnight comes twice
    "Asia/Kathmandu",
)


def at(text: str) -> int:
    """An instant in ms, from UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def utc(instants: list[int]) -> list[str]:
    return [datetime.fromtimestamp(instant / 1000, UTC).strftime("%m-%d %H:%M") for instant in instants]


def first(line: str, zone: str, after: str, count: int) -> list[str]:
    return utc(list(itertools.islice(ticks(line, zone, at(after)), count)))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("61 * * * *", "The minute '61'"),
        ("* 24 * * *", "The hour '24'"),
        ("* * 32 * *", "The day-of-month '32'"),
        ("* * * 13 *", "The month '13'"),
        ("* * * * FOO", "The day-of-week 'FOO'"),
        ("*/0 * * * *", "The minute '*/0'"),
        ("5-1 * * * *", "The minute '5-1'"),
        ("0 0 30 2 *", "None of these months has a day 30"),
        ("0 0 30,31 2 *", "None of these months has a day 30,31"),
        ("* * *", "has five fields (minute, hour, day-of-month, month, day-of-week); this has 3"),
        ("0 * * * * *", "this has 6"),
        ("", "this has 0"),
        ("@reboot", "There is no @reboot; there are @hourly"),
        ("*," * 150 + "* * * * *", "at most 200 characters"),
    ],
)
def test_a_bad_line_names_its_field(line: str, words: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_cron(line)
    assert words in refused.value.message
    assert refused.value.path == ("cron",)


@given(
    st.text(max_size=30)
    | st.lists(st.text("0123456789*,-/#LWSUNMOJAE ", max_size=6), min_size=5, max_size=5).map(" ".join)
)
def test_any_text_is_a_line_or_refused(line: str) -> None:
    try:
        checked = check_cron(line)
    except Invalid:
        return
    assert check_cron(checked) == checked
    assert in_words(checked)


@pytest.mark.parametrize(
    "name", ["Europe", "../UTC", "/etc/localtime", "localtime", "", "europe/berlin", "\0", "x" * 500]
)
def test_an_unknown_zone_is_refused(name: str) -> None:
    with pytest.raises(Invalid, match="There is no time zone") as refused:
        check_zone(name)
    assert refused.value.path == ("timezone",)
    assert len(refused.value.message) < 200


def test_a_near_zone_is_named() -> None:
    with pytest.raises(Invalid, match="Europe/Berlin"):
        check_zone("Europe/Berln")


@pytest.mark.parametrize("alias", sorted(ALIASES))
def test_an_alias_ticks(alias: str) -> None:
    assert check_ticks(alias.upper(), "UTC", 0) > 0


def test_the_skipped_hour_in_spring() -> None:
    """In Berlin on 29 March 2026 02:00 becomes 03:00, which is 01:00 UTC."""
    # A time of day that is skipped comes right after the gap, once, and the next day as ever.
    assert first("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00", 3) == ["03-29 01:00", "03-30 00:30", "03-31 00:30"]
    # Two that fall together come once.
    assert first("0 2,3 * * *", "Europe/Berlin", "2026-03-28T12:00", 3) == ["03-29 01:00", "03-30 00:00", "03-30 01:00"]
    # What goes by the passing of time does not notice.
    assert first("*/30 * * * *", "Europe/Berlin", "2026-03-29T00:00", 4) == [
        "03-29 00:30", "03-29 01:00", "03-29 01:30", "03-29 02:00",
    ]  # fmt: skip
    assert first("0 * * * *", "Europe/Berlin", "2026-03-29T00:00", 2) == ["03-29 01:00", "03-29 02:00"]


def test_the_hour_that_comes_twice_in_autumn() -> None:
    """In Berlin on 25 October 2026 03:00 becomes 02:00, which is 01:00 UTC."""
    # A time of day comes once, the first time, however late one asks.
    assert first("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00", 2) == ["10-25 00:30", "10-26 01:30"]
    assert first("30 2 * * *", "Europe/Berlin", "2026-10-25T00:30", 1) == ["10-26 01:30"]
    assert first("30 2 * * *", "Europe/Berlin", "2026-10-25T01:10", 1) == ["10-26 01:30"]
    # Hours that pass are hours that pass.
    assert first("0 * * * *", "Europe/Berlin", "2026-10-24T23:30", 4) == [
        "10-25 00:00", "10-25 01:00", "10-25 02:00", "10-25 03:00",
    ]  # fmt: skip


def test_midnight_that_is_skipped() -> None:
    """In Cairo on 24 April 2026 00:00 becomes 01:00, which is 22:00 UTC of the day before."""
    assert first("0 0 * * *", "Africa/Cairo", "2026-04-23T12:00", 2) == ["04-23 22:00", "04-24 21:00"]


def test_half_an_hour_that_is_skipped() -> None:
    """On Lord Howe on 4 October 2026 02:00 becomes 02:30, which is 15:30 UTC of the day before."""
    assert first("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00", 2) == ["10-03 15:30", "10-04 15:15"]


LINES = (
    "* * * * *", "*/7 * * * *", "0 * * * *", "30 2 * * *", "0 2,3 * * *", "15,45 0-3 * * *", "0 0 * * *", "59 23 * * *",
    "30 1 * * SUN", "*/20 2 * * *", "0 */5 * * *", "0 0 1 * *", "0 9 * * 1-5", "0 1 L * *",
)  # fmt: skip


@given(
    line=st.sampled_from(LINES),
    zone=st.sampled_from(ZONES),
    # Around the changes of a year, and anywhere in it.
    start=st.sampled_from(["2026-03-08", "2026-03-29", "2026-04-05", "2026-04-24", "2026-10-04", "2026-10-25", "2026-11-01"])
    .map(lambda day: at(day + "T00:00"))
    .flatmap(lambda day: st.integers(day - 36 * HOUR_MS, day + 36 * HOUR_MS))
    | st.integers(at("2026-01-01T00:00"), at("2027-01-01T00:00")),
    cut=st.integers(0, 100),
)  # fmt: skip
def test_ticks_are_the_same_from_wherever_one_asks(line: str, zone: str, start: int, cut: int) -> None:
    found = list(itertools.islice(ticks(line, zone, start), 12))
    assert found[0] > start
    assert found == sorted(set(found))
    assert all(tick % MINUTE_MS == 0 for tick in found)
    # From any instant between two ticks, the next is the next.
    for before, after in itertools.pairwise([start, *found]):
        between = before + (after - 1 - before) * cut // 100
        assert next(ticks(line, zone, between)) == after


@given(zone=st.sampled_from(ZONES), start=st.integers(at("2026-01-01T00:00"), at("2026-12-01T00:00")))
def test_a_daily_line_comes_once_on_each_day(zone: str, start: int) -> None:
    days = [
        datetime.fromtimestamp(tick / 1000, ZoneInfo(zone)).date()
        for tick in itertools.islice(ticks("30 2 * * *", zone, start), 30)
    ]
    assert all(after - before == timedelta(days=1) for before, after in itertools.pairwise(days))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("0 9 * * 1-5", "At 09:00 on weekdays"),
        ("0 9 * * MON-FRI", "At 09:00 on weekdays"),
        ("*/15 * * * *", "Every 15 minutes"),
        ("0 */6 * * *", "Every 6 hours"),
        ("* * * * *", "Every minute"),
        ("*/1 * * * *", "Every minute"),
        ("0 * * * *", "At the start of every hour"),
        ("@daily", "At 00:00 every day"),
        ("30 8,17 * * *", "At 08:30 and 17:30 every day"),
        ("0 0 L * *", "At 00:00 on the last day of every month"),
        ("0 9 * * 1#1", "At 09:00 on the first Monday of the month"),
        ("*/7 * * * *", "Every seventh minute of every hour"),  # not every 7 minutes: 56, then 0
    ],
)
def test_in_plain_words(line: str, words: str) -> None:
    assert in_words(check_cron(line)) == words
