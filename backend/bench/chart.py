"""Draws bars with their spread as an SVG that reads on a light and on a dark page."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, LEFT, RIGHT, ROW, TOP = 760, 170, 110, 26, 44
STYLE = """<style>
text { font: 13px system-ui, sans-serif; fill: #24292f }
.title { font-weight: 600; font-size: 14px }
.quiet { fill: #57606a }
.bar { fill: #8c959f }
.ours { fill: #2563eb }
.spread { stroke: #24292f; stroke-width: 1.5 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .quiet { fill: #9198a1 } .bar { fill: #656c76 } .ours { fill: #58a6ff } .spread { stroke: #e6edf3 }
}
</style>"""


@dataclass(frozen=True, slots=True)
class Bar:
    """One contender: its median, the least and the most of the rounds."""

    label: str
    median: float
    least: float
    most: float
    is_ours: bool


def bars(title: str, note: str, wanted: Sequence[Bar]) -> str:
    """The chart, the longest bar first."""
    ordered = sorted(wanted, key=lambda bar: -bar.median)
    longest = max((bar.most for bar in ordered), default=1.0) or 1.0
    height = TOP + ROW * len(ordered) + 30
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title)}">',
        STYLE,
        f'<text class="title" x="8" y="22">{escape(title)}</text>',
    ]
    for row, bar in enumerate(ordered):
        parts += _row(bar, TOP + ROW * row, (WIDTH - LEFT - RIGHT) / longest)
    parts += [f'<text class="quiet" x="8" y="{height - 8}">{escape(note)}</text>', "</svg>", ""]
    return "\n".join(parts)


def _row(bar: Bar, y: int, scale: float) -> list[str]:
    middle = y + ROW / 2 - 3
    kind = "bar ours" if bar.is_ours else "bar"
    ends = f'x1="{LEFT + bar.least * scale:.1f}" x2="{LEFT + bar.most * scale:.1f}" y1="{middle}" y2="{middle}"'
    return [
        f'<text x="{LEFT - 8}" y="{y + 15}" text-anchor="end">{escape(bar.label)}</text>',
        f'<rect class="{kind}" x="{LEFT}" y="{y}" width="{bar.median * scale:.1f}" height="{ROW - 6}" rx="3"/>',
        f'<line class="spread" {ends}/>',
        f'<text x="{LEFT + bar.most * scale + 8:.1f}" y="{y + 15}">{bar.median:,.0f}</text>',
    ]
