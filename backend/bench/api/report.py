"""From what was found to the tables of docs/benchmarks-api.md."""

import statistics
from collections.abc import Sequence
from pathlib import Path

from bench import document
from bench.api.figures import Asked, Found, Live, Sizes, Took

NAMES = {"sqlite": "SQLite", "postgres": "PostgreSQL"}
AIM_FRAME_MS, AIM_PAGE_MS, PAGE_ROWS = 500, 30, 50
READING = (
    "Over HTTP, ms: p50 / p95 of {asks} requests, and in brackets what a request took of the processors on average, api and database together, "
    f"which a busy machine changes little. The aim is a p95 of {AIM_PAGE_MS}; what misses it is marked, and so is what misses it by the processors."
)
HEADS = {
    "pages": "Pages of 50 of {rows:,} tasks on {name}",
    "waiting": "Pages where {rows:,} tasks wait, on {name}",
}


def tables(found: Sequence[Found], sizes: Sizes, command: str) -> str:
    """The measured part of the page."""
    lines = [f"`{command}`, {document.machine()}.", ""]
    if any(one.live for one in found):
        lines += _live(found, sizes)
    if any(one.submits for one in found):
        lines += _submits(found)
    for one in found:
        for kind, found_of_kind in (("pages", one.pages), ("waiting", one.waiting)):
            if found_of_kind:
                head = HEADS[kind].format(rows=sizes.rows, name=NAMES[one.database])
                lines += _pages(head, found_of_kind, sizes)
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
        "### Submits over HTTP",
        "",
        "ms for a request; a query that does nothing (`{ __typename }`) takes turns with it, by the same clients.",
        "",
        "| | | tasks a second | p50 | p95 | p99 | of the processors, ms a task | p50 of nothing | requests for one of nothing |",
        "|---|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for one in found:
        for way in one.submits:
            late = " | ".join(f"{way.latency[key]:,.1f}" for key in ("p50", "p95", "p99"))
            lines.append(
                f"| {NAMES[one.database]} | {way.name} | {way.rate:,.0f} | {late} | {way.cpu:.2f} | {way.trivial:.1f} | {way.ratio:.2f} |"
            )
    return [*lines, ""]


def _pages(head: str, asked: Sequence[Asked], sizes: Sizes) -> list[str]:
    lines = [
        f"### {head}",
        "",
        READING.format(asks=sizes.asks),
        "",
        "| | first page | page 1,000 | how many |",
        "|---|--:|--:|--:|",
        *(f"| {one.name} | {_ms(one.first)} | {_ms(one.far)} | {_ms(one.counted)} |" for one in asked),
    ]
    if looked := [one for one in asked if one.whole]:
        lines += [
            "",
            f"What is looked through ends its page early and goes on with the next request; until {PAGE_ROWS} are found or the list ends:",
            "",
            "| | found | requests | s |",
            "|---|--:|--:|--:|",
        ]
    for one in looked:
        assert one.whole is not None
        lines.append(f"| {one.name} | {one.whole.rows:,} | {one.whole.requests:,} | {one.whole.seconds:.2f} |")
    return [*lines, ""]


def _ms(took: Took | None) -> str:
    if took is None:
        return "–"
    clock, cpu = (f"{ms:,.0f}" if ms < AIM_PAGE_MS else f"**{ms:,.0f}**" for ms in (took.p95, took.cpu))
    return f"{took.p50:,.0f} / {clock} ({cpu})"
