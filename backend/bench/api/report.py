"""From what was found to the tables of docs/benchmarks-api.md."""

import statistics
from collections.abc import Sequence
from pathlib import Path

from bench import document
from bench.api.figures import Asked, Found, Live, Sizes, Took

NAMES = {"sqlite": "SQLite", "postgres": "PostgreSQL"}
AIM_FRAME_MS, AIM_PAGE_MS = 500, 30
READING = (
    "p95 over HTTP, ms; beside it what a page took of the processors on average, api and database together, which a busy machine "
    f"changes little. The aim is {AIM_PAGE_MS}; what misses it is marked."
)


def tables(found: Sequence[Found], sizes: Sizes, command: str) -> str:
    """The measured part of the page."""
    lines = [f"`{command}`, {document.machine()}.", ""]
    if any(one.live for one in found):
        lines += _live(found, sizes)
    if any(one.submits for one in found):
        lines += _submits(found)
    for one in found:
        if one.pages:
            lines += _pages(one, sizes)
    return "\n".join(lines)


def write(found: Sequence[Found], sizes: Sizes, command: str, page: Path) -> None:
    """Puts the tables into their place in the page. Raises ValueError where it has none."""
    document.write(page, "just bench-api", tables(found, sizes, command))


def _live(found: Sequence[Found], sizes: Sizes) -> list[str]:
    lines = [
        "### Live updates",
        "",
        _setting(sizes),
        "",
        "| | p50 | p95 | p99 | most | changes a second | frames a second | told to read anew (of one in 97) | cores used by the api and PostgreSQL | of these the api, µs a frame | cores used by the subscribers |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    pairs = [(NAMES[one.database], one.live) for one in found if one.live]
    for name, live in pairs:
        late = " | ".join(f"{live.latency.get(key, float('nan')):,.0f}" for key in ("p50", "p95", "p99", "max"))
        lines.append(
            f"| {name} | {late} | {live.committed / sizes.seconds:,.0f} | {live.frames / sizes.seconds:,.0f} | {live.resets:,} "
            f"| {live.cpu:.2f} | {live.frame_us:,.0f} | {live.clients_cpu:.2f} |"
        )
    lines += [
        "",
        "Memory of the api process, MB:",
        "",
        "| | before | all subscribed | a subscriber, kB | after a third of the changes | two thirds | at the end | stalled that were let go |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for name, live in pairs:
        each = (live.memory_watched - live.memory_before) / sizes.subscribers * 1000
        thirds = " | ".join(f"{part:,.0f}" for part in _thirds(live))
        lines.append(
            f"| {name} | {live.memory_before:,.0f} | {live.memory_watched:,.0f} | {each:,.0f} | {thirds} | {live.stalled_closed:,} of {sizes.stalled:,} |"
        )
    return [*lines, ""]


def _setting(sizes: Sizes) -> str:
    return (
        f"{sizes.subscribers:,} subscribers of all changes on one api process, with {sizes.kinds:,} different documents; {sizes.stalled:,} of them take nothing; {sizes.changes:,} "
        f"changes a second are committed for {sizes.seconds} s. From just before a commit to the frame in the client, ms; the aim is a "
        f"p99 under {AIM_FRAME_MS}."
    )


def _thirds(live: Live) -> list[float]:
    size = max(1, len(live.memory) // 3)
    return [statistics.median(live.memory[start : start + size]) for start in (0, size, 2 * size)]


def _submits(found: Sequence[Found]) -> list[str]:
    lines = [
        "### `submitTask` over HTTP",
        "",
        "| | | tasks a second | p50, ms | p95 | p99 |",
        "|---|---|--:|--:|--:|--:|",
    ]
    for one in found:
        for way in one.submits:
            late = " | ".join(f"{way.latency[key]:,.1f}" for key in ("p50", "p95", "p99"))
            lines.append(f"| {NAMES[one.database]} | {way.name} | {way.rate:,.0f} | {late} |")
    return [*lines, ""]


def _pages(one: Found, sizes: Sizes) -> list[str]:
    lines = [
        f"### Pages of 50 of {sizes.rows:,} tasks on {NAMES[one.database]}",
        "",
        READING,
        "",
        "| list | first page | page 1,000 | first page with `totalCount` |",
        "|---|--:|--:|--:|",
    ]
    return [*lines, *(_page(asked) for asked in one.pages), ""]


def _page(asked: Asked) -> str:
    return f"| {asked.name} | {_ms(asked.first)} | {_ms(asked.far)} | {_ms(asked.counted)} |"


def _ms(took: Took | None) -> str:
    if took is None:
        return "–"
    clock, cpu = (f"{ms:,.0f}" if ms < AIM_PAGE_MS else f"**{ms:,.0f}**" for ms in (took.p95, took.cpu))
    return f"{clock} ({cpu})"
