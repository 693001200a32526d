"""Cron lines: whether one is right, when it ticks in its time zone, and what it says in plain words."""

import difflib
import functools
import re
import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime

from cronsim import CronSim, CronSimError
from cronsim.explain import explain

from rota.domain.errors import Invalid

MAX_CRON = 200  # characters
FIELDS = {
    "minute": "0 to 59",
    "hour": "0 to 23",
    "day-of-month": "1 to 31, L (the last day) or LW (the last weekday)",
    "month": "1 to 12 or JAN to DEC",
    "day-of-week": "0 to 7 or SUN to SAT, MON#2 (the second Monday) or 5L (the last Friday)",
}
ALIASES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_NO_ZONES = frozenset({"localtime", "posixrules", "Factory"})  # files beside the zones that are none
_EVERY = re.compile(r"^(?:\*/(\d{1,2}) \*|0 \*/(\d{1,2})) \* \* \*$")


def check_cron(line: str) -> str:
    """The line with single spaces. Raises Invalid, naming the field at fault."""
    if len(line) > MAX_CRON:
        raise Invalid(f"A cron line may have at most {MAX_CRON} characters.", ("cron",))
    parts = line.split()
    if len(parts) == 1 and parts[0].startswith("@"):
        if parts[0].lower() not in ALIASES:
            raise Invalid(f"There is no {parts[0]}; there are {', '.join(ALIASES)}.", ("cron",))
        return parts[0].lower()
    if len(parts) != len(FIELDS):
        names = ", ".join(FIELDS)
        raise Invalid(f"A cron line has five fields ({names}); this has {len(parts)}.", ("cron",))
    try:
        CronSim(" ".join(parts), datetime(2000, 1, 1, tzinfo=UTC))
    except CronSimError as error:
        raise Invalid(_fault(parts, str(error)), ("cron",)) from None
    return " ".join(parts)


def check_zone(name: str) -> None:
    """Raises Invalid for a zone that the time zone database does not have."""
    if name in _zones():
        return
    shown = name if len(name) <= 60 else name[:57] + "..."
    near = difflib.get_close_matches(name[:60], _zones(), n=3) or ["UTC", "Europe/Berlin", "America/New_York"]
    raise Invalid(f"There is no time zone {shown!r}; there are, for example, {', '.join(near)}.", ("timezone",))


def ticks(line: str, zone: str, after: int) -> Iterator[int]:
    """The ticks of a checked line after an instant (ms since the epoch), each later than the one before.

    A time of day that the clocks skip comes when they have skipped it, one that they show twice comes once. Lines whose
    minute or hour begins with * go by the passing of time instead, as Debian's cron has it.
    """
    start = datetime.fromtimestamp(after / 1000, UTC).astimezone(_zone(zone))
    last = after
    # In the hour that comes twice the first answers may lie behind: the library goes by the time of day.
    for found in CronSim(_written(line), start):
        tick = int(found.timestamp()) * 1000
        if tick > last:
            last = tick
            yield tick


def check_ticks(line: str, zone: str, now: int) -> int:
    """The first tick after now. Raises Invalid for a line that is none or never ticks, or an unknown zone."""
    checked = check_cron(line)
    check_zone(zone)
    first = next(ticks(checked, zone, now), None)
    if first is None:
        raise Invalid("This cron line names a day that never comes.", ("cron",))
    return first


def in_words(line: str) -> str:
    """A checked line in plain words, e.g. `At 09:00 on weekdays`."""
    written = _written(line)
    every = _EVERY.match(written)
    if every is not None:
        count, unit, whole = (int(every[1]), "minute", 60) if every[1] else (int(every[2]), "hour", 24)
        if count > 1 and whole % count == 0:
            return f"Every {count} {unit}s"
    return explain(written).replace("on Monday through Friday", "on weekdays")


def _written(line: str) -> str:
    return ALIASES.get(line, line)


def _fault(parts: list[str], message: str) -> str:
    """What is wrong with a line, from the library's "Bad hour"."""
    name = message.removeprefix("Bad ")
    if name not in FIELDS:
        return "This is no cron line; it has five fields, as in 0 9 * * MON-FRI."
    text = parts[list(FIELDS).index(name)]
    if name == "day-of-month" and re.fullmatch(r"3[01](,3[01])*|30-31", text):
        return f"None of these months has a day {text}."
    return f"The {name} {text!r} is not understood: {FIELDS[name]}, with * , - and / as in 1-5,*/2."


@functools.lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones()) - _NO_ZONES


def _zone(name: str) -> zoneinfo.ZoneInfo:
    check_zone(name)  # a path or a folder would raise what nobody expects
    return zoneinfo.ZoneInfo(name)
