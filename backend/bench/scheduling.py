"""Writes docs/scheduling.md: Rota's order of work beside three others, on the same trace; `python -m bench.scheduling`."""

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from bench.replay import FUNCTIONS, ORDERS, SHARE_WITH_DEADLINE, SLOTS, TASKS, Outcome, replay, trace

DOCS = Path(__file__).resolve().parents[2] / "docs"
LOADS = (0.7, 1.0, 1.3)
BANDS = {"1 to 3": range(1, 4), "4 to 7": range(4, 8), "8 to 10": range(8, 11)}
# One grey for the orders to compare with, the accent for Rota's: read in both themes.
COLOURS = dict(zip(ORDERS, ("#5b8def", "#9aa3af", "#b8a06a", "#7fa58a"), strict=True))
MINUTE_MS = 60_000

Results = dict[float, dict[str, Outcome]]


def main() -> None:
    results = replayed()
    (DOCS / "scheduling.svg").write_text(chart(results))
    (DOCS / "scheduling.md").write_text(page(results))


def replayed(tasks: int = TASKS) -> Results:
    """Every order on the trace of every load."""
    found: Results = {}
    for load in LOADS:
        wishes = trace(load, tasks=tasks)
        found[load] = {name: replay(wishes, order) for name, order in ORDERS.items()}
    return found


def page(results: Results) -> str:
    """The page in Markdown."""
    functions = ", ".join(f"{name} (mean {mean} s, {share:.0%})" for name, mean, share in FUNCTIONS)
    lines = [
        "# Scheduling: what the order of work does",
        "",
        "Written by `just bench-scheduling`; a test replays a shorter trace. The order itself is one pure function,",
        "`backend/rota/domain/rank.py`; this page shows what it buys and what it costs.",
        "",
        f"The trace: {TASKS:,} tasks arrive at random (Poisson) for {SLOTS} slots. Functions: {functions}; run times vary",
        f"(lognormal), and an order knows only the mean. {SHARE_WITH_DEADLINE:.0%} have a deadline, from a few times their run time to hours.",
        "Priorities are 1 to 10, most of them 5. A level is worth an hour. What is past its deadline is not started, what runs past it is",
        "cut off: both count as missed. 100 % load is work for exactly all slots all the time; at 130 % the line grows for as long as it lasts.",
        "",
        "![Missed deadlines and waits, by order and load](scheduling.svg)",
        "",
    ]
    for load, outcomes in results.items():
        lines += [f"## {load:.0%} load", "", *_table(outcomes), ""]
    return "\n".join([*lines, *READING, ""])


READING = (
    "## How to read it",
    "",
    "- **First in, first out** knows nothing: under load it misses deadlines of every priority alike.",
    "- **Strict priority** gives the top what it wants and lets the bottom wait for as long as the load lasts; it does not see deadlines.",
    "- **Earliest deadline** misses least, and does not know who matters: a task without a deadline, of whatever priority, waits for all that have one.",
    "- **Rota's rank** turns priority into an instant to start by, and takes the earlier of that and the deadline. It misses few deadlines, keeps the",
    "  priorities apart while there is room, and nothing waits for ever: an hour of waiting is worth a level. The price shows at lasting overload: work of",
    "  low priority whose deadline is near, or that has waited for hours, goes before new work of high priority. Who wants the top to win for longer makes",
    "  a level worth more (`ROTA_LEVEL_SECONDS`): the larger it is, the nearer to strict priority.",
)


def chart(results: Results) -> str:
    """Two rows of bars as SVG: the share of missed deadlines, and the p95 wait of priorities 8 to 10, for each load."""
    shares = {load: {name: _missed(one) for name, one in outcomes.items()} for load, outcomes in results.items()}
    waits = {
        load: {name: _p95(one, BANDS["8 to 10"]) for name, one in outcomes.items()}
        for load, outcomes in results.items()
    }
    width, panel = 960, 150
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {2 * panel + 90}" font-family="system-ui, sans-serif" font-size="12">',
        "<title>Missed deadlines and waits by order of work and load</title>",
        f'<rect width="{width}" height="{2 * panel + 90}" rx="6" fill="#12161d"/>',
    ]
    parts += _panel("Missed deadlines", shares, lambda value: f"{value:.1%}", top=20, height=panel)
    parts += _panel("p95 wait of priorities 8 to 10", waits, _minutes, top=panel + 50, height=panel)
    parts += [_legend(2 * panel + 72), "</svg>", ""]
    return "\n".join(parts)


def _panel(title: str, values: dict[float, dict[str, float]], say: object, *, top: int, height: int) -> list[str]:
    assert callable(say)
    most = max(max(row.values()) for row in values.values()) or 1
    parts = [f'<text x="24" y="{top + 12}" fill="#e6e9ef" font-weight="600">{title}</text>']
    floor = top + height - 18
    for group, (load, row) in enumerate(values.items()):
        left = 24 + group * 310
        parts.append(f'<text x="{left}" y="{floor + 16}" fill="#9aa3af">{load:.0%} load</text>')
        for index, (name, value) in enumerate(row.items()):
            tall = (height - 62) * value / most
            x = left + index * 70
            parts.append(
                f'<rect x="{x}" y="{floor - tall:.1f}" width="52" height="{max(tall, 1):.1f}" rx="2" fill="{COLOURS[name]}"/>'
                f'<text x="{x + 26}" y="{floor - tall - 5:.1f}" fill="#e6e9ef" text-anchor="middle">{say(value)}</text>'
            )
    return parts


def _legend(y: int) -> str:
    parts = []
    for index, (name, colour) in enumerate(COLOURS.items()):
        x = 24 + index * 180
        parts.append(f'<rect x="{x}" y="{y - 9}" width="10" height="10" rx="2" fill="{colour}"/>')
        parts.append(f'<text x="{x + 16}" y="{y}" fill="#e6e9ef">{escape(name)}</text>')
    return "".join(parts)


def _table(outcomes: dict[str, Outcome]) -> list[str]:
    heads = [
        "order",
        "deadlines missed",
        *(f"missed, {band}" for band in BANDS),
        *(f"p95 wait, {band}" for band in BANDS),
    ]
    lines = [f"| {' | '.join([*heads, 'longest wait'])} |", "|---" + "|---:" * (len(heads)) + "|"]
    for name, outcome in outcomes.items():
        cells = [
            name,
            f"{_missed(outcome):.1%}",
            *(f"{_missed(outcome, band):.1%}" for band in BANDS.values()),
            *(_minutes(_p95(outcome, band)) for band in BANDS.values()),
            _minutes(outcome.longest_wait_ms),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _missed(outcome: Outcome, band: Iterable[int] = range(1, 11)) -> float:
    priorities = list(band)
    of = sum(outcome.deadlines_by_priority[priority] for priority in priorities)
    return sum(outcome.missed_by_priority[priority] for priority in priorities) / of if of else 0.0


def _p95(outcome: Outcome, band: Sequence[int]) -> float:
    waits = sorted(wait for priority in band for wait in outcome.waits[priority])
    return waits[int(len(waits) * 0.95)] if waits else 0.0


def _minutes(ms: float) -> str:
    return f"{ms / MINUTE_MS:,.1f} min"


if __name__ == "__main__":
    main()
