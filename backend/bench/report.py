"""From the figures of the rounds to the tables of docs/benchmarks.md: medians, spreads, ratios."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import document
from bench.chart import Bar, bars
from bench.contenders import CONTENDERS, Contender
from bench.run import Results

COMMAND = "just bench"
BEGIN, END = document.begin(COMMAND), document.END
CHART = "benchmarks-drain.svg"
# What Rota is held against: the best known of its kind, in Python, on Redis, on PostgreSQL.
RIVALS = ("arq", "saq", "bullmq", "graphile_worker")


@dataclass(frozen=True, slots=True)
class Column:
    """One figure: its name in a round's figures, its heading, and how it is written."""

    key: str
    heading: str
    form: str = ",.0f"


@dataclass(frozen=True, slots=True)
class Table:
    """Some figures of all contenders."""

    title: str
    columns: tuple[Column, ...]


TABLES = (
    Table(
        "Drain, tasks a second",
        (
            Column("drain_1", "one worker process"),
            Column("drain_2", "two"),
            Column("tasks", "tasks"),
        ),
    ),
    Table(
        "Submit, tasks a second",
        (
            Column("submit_single", "one at a time"),
            Column("submit_parallel", "100 clients at once"),
            Column("submit_bulk", "in bulk"),
            Column("submit_graphql", "GraphQL, 100 a request"),
        ),
    ),
    Table(
        "Latency with an idle worker, ms",
        (
            Column("start_p50", "to the start, p50", ",.1f"),
            Column("start_p99", "p99", ",.1f"),
            Column("result_p50", "to the visible result, p50", ",.1f"),
            Column("result_p99", "p99", ",.1f"),
        ),
    ),
    Table(
        "What a task costs in the drain by one worker",
        (
            Column("drain_1_cpu_us", "CPU of its processes, µs"),
            Column("drain_1_server_cpu_us", "CPU of Redis and PostgreSQL, µs"),
            Column("drain_1_commands", "Redis commands", ",.2f"),
            Column("drain_1_bytes", "bytes to and from Redis"),
            Column("drain_1_redis_bytes_waiting", "bytes in Redis while it waits"),
            Column("drain_1_memory_mb", "memory of a worker, MB"),
        ),
    ),
    Table(
        "The same with many waiting",
        (
            Column("many", "waiting"),
            Column("many_submit_single", "submit one at a time"),
            Column("many_submit_parallel", "submit, 100 clients"),
            Column("many_drain", "drain"),
            Column("many_redis_bytes_waiting", "bytes in Redis a waiting task"),
        ),
    ),
    Table(
        "With 1,000 waiting, and with many",
        (
            Column("few_submit_single", "1,000: submits a second, one at a time"),
            Column("many_submit_single", "many"),
            Column("few_claim_us", "1,000: one claim, µs"),
            Column("many_claim_us", "many"),
            Column("few_claim_redis_us", "1,000: Redis CPU of a claim and its end, µs"),
            Column("many_claim_redis_us", "many"),
            Column("many_rebuild_s", "an emptied Redis holds all of it again, s", ",.1f"),
        ),
    ),
)


def write(results: Results, command: str, into: Path) -> None:
    """Puts the tables between the marks of the page and the chart beside it."""
    if not into.exists():
        into.write_text(f"# Benchmarks\n\n{BEGIN}\n{END}\n")
    document.write(into, COMMAND, tables(results, command))
    into.with_name(CHART).write_text(chart(results))


def tables(results: Results, command: str) -> str:
    """All tables in Markdown, with the command and the machine before them."""
    how = f"{results.rounds} interleaved rounds; each figure is the median, then the least and the most of them"
    parts = [
        f"`{command}`, {document.machine()}, {how}.",
        f"![Tasks drained a second]({CHART})",
        *_ratios(results),
        *(text for table in TABLES if (text := _table(table, results))),
    ]
    if results.problems:
        names = {contender.name: contender.label for contender in CONTENDERS}
        missing = [f"- {names[name]}: {problem}" for name, problem in results.problems.items()]
        parts.append("\n".join(["Not measured:", "", *missing]))
    return "\n\n".join(parts) + "\n"


def chart(results: Results) -> str:
    """The drain by one worker process."""
    found = []
    for contender in CONTENDERS:
        if values := _values(results, contender, "drain_1"):
            ours = contender.is_ours
            found.append(Bar(contender.label, statistics.median(values), min(values), max(values), ours))
    return bars("Tasks drained a second, one worker process", "Median; the line is the spread of the rounds.", found)


def _ratios(results: Results) -> list[str]:
    """Rota over its rivals, round by round: what is noisy in a round is noisy for both."""
    rows = []
    for ours in CONTENDERS:
        if not ours.is_ours:
            continue
        for rival in CONTENDERS:
            if rival.name in RIVALS:
                rows += _ratio_row(results, ours, rival)
    if not rows:
        return []
    head = [
        "| | drain, 1 | drain, 2 | submit, bulk | submit, 100 clients | start p50 | start p99 |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    return ["### Rota over its rivals", "\n".join([*head, *rows])]


def _ratio_row(results: Results, ours: Contender, rival: Contender) -> list[str]:
    cells = []
    for key in ("drain_1", "drain_2", "submit_bulk", "submit_parallel", "start_p50", "start_p99"):
        mine, theirs = _values(results, ours, key), _values(results, rival, key)
        ratios = [own / other for own, other in zip(mine, theirs, strict=False) if other]
        cells.append(_spread(ratios, ",.2f", "×") if ratios else "–")
    if set(cells) == {"–"}:
        return []
    return [f"| {ours.label} / {rival.label} | {' | '.join(cells)} |"]


def _table(table: Table, results: Results) -> str:
    columns = [one for one in table.columns if any(_values(results, each, one.key) for each in CONTENDERS)]
    if not columns:
        return ""
    lines = [
        f"### {table.title}",
        "",
        f"| | {' | '.join(column.heading for column in columns)} |",
        f"|---|{'--:|' * len(columns)}",
    ]
    for contender in CONTENDERS:
        if contender.name not in results.figures:
            continue
        name = contender.label if contender.keeps_results else f"{contender.label} (stores no results)"
        cells = [_spread(_values(results, contender, column.key), column.form) for column in columns]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _values(results: Results, contender: Contender, key: str) -> list[float]:
    return [figures[key] for figures in results.figures.get(contender.name, []) if key in figures]


def _spread(values: Sequence[float], form: str, unit: str = "") -> str:
    if not values:
        return "–"
    middle = format(statistics.median(values), form) + unit
    low, high = format(min(values), form), format(max(values), form)
    return middle if low == high else f"{middle} ({low} – {high})"
