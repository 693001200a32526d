"""The figures as a table, and which of the promises they keep."""

import os
import statistics
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import document as measured
from e2e.bench.interactive import FirstPage
from e2e.bench.load import Load

FRONTEND = Path(__file__).parents[2] / "frontend"
READY_MS, FIRST_PAGE_KB, P95_MS, GROWTH = 1_500, 150.0, 500, 1.15


@dataclass(frozen=True)
class Figures:
    """All of one run."""

    browser: str
    throttle: float
    first_page_kb: float
    pages: list[FirstPage]
    rate: float
    load: Load | None

    def table(self) -> str:
        """Markdown."""
        rows = [("JavaScript of the first page, gzip", f"{self.first_page_kb:.1f} kB", f"under {FIRST_PAGE_KB:.0f} kB")]
        rows += [
            (
                f"`{page.name}` usable, median of {len(page.ready_ms)} ({self.throttle:g}x slower processor, empty cache)",
                f"{page.median_ms:.0f} ms (best {min(page.ready_ms):.0f}, worst {max(page.ready_ms):.0f})",
                f"under {READY_MS:,} ms",
            )
            for page in self.pages
        ]
        rows += [
            (
                f"`{page.name}`: processor time of the page's process, times {self.throttle:g}",
                f"{statistics.median(page.processor_ms) * self.throttle:.0f} ms",
                "",
            )
            for page in self.pages
        ]
        rows += self._load_rows() if self.load else []
        lines = ["| what | measured | wanted |", "|---|---|---|", *(f"| {' | '.join(row)} |" for row in rows)]
        cores, busy = os.cpu_count() or 1, os.getloadavg()[1]
        lines += [
            "",
            f"Chromium {self.browser}, {cores} cores, which others used too: {busy:.1f} processes wanted to run.",
        ]
        return "\n".join(lines)

    def _load_rows(self) -> list[tuple[str, str, str]]:
        load = self.load
        assert load is not None
        rows = [
            (
                f"changes committed in {load.seconds:.0f} s",
                f"{load.changes:,}, {load.changes / load.seconds:.0f}/s",
                f"{self.rate:g}/s",
            ),
            (
                f"from before the request to the pixel, p95 of {len(load.latency_ms)}",
                f"{load.p95_ms:.0f} ms (median {statistics.median(load.latency_ms):.0f})",
                f"under {P95_MS} ms",
            ),
        ]
        for name, frames in load.frames.items():
            late = f"{frames['late']:.0f} of {frames['all']:,.0f} over 100 ms, the worst {frames['worst']:.0f} ms"
            rows.append((f"frames of {name}: three late in a row", f"{frames['rows']:.0f} ({late})", "0"))
        for name, weights in load.heap_mb.items():
            if len(weights) > 1:
                ends = f"{_filled(weights):.1f} → {weights[-1]:.1f} MB, most {max(weights):.1f}"
                rows.append((f"heap of {name}, its garbage gone", ends, "flat"))
        agree = (
            "equal" if load.shown == load.in_sql and load.newest_agree else f"{load.shown} shown, {load.in_sql} in SQL"
        )
        cuts = f"numbers and newest rows after {load.cuts} times {load.connections_cut} connections in all were cut"
        return [*rows, (cuts, agree, "equal to SQL")]

    def broken(self) -> list[str]:
        """The promises that this run did not keep, in words."""
        wrong = [
            f"{page.name} was usable after {page.median_ms:.0f} ms" for page in self.pages if page.median_ms > READY_MS
        ]
        if self.first_page_kb > FIRST_PAGE_KB:
            wrong.append(f"the first page is {self.first_page_kb:.1f} kB")
        load = self.load
        if load is None:
            return wrong
        if load.p95_ms > P95_MS:
            wrong.append(f"p95 to the pixel was {load.p95_ms:.0f} ms")
        if load.changes < 0.95 * self.rate * load.seconds:
            wrong.append(f"only {load.changes / load.seconds:.0f} changes a second were committed")
        # What the empty page beside them missed too is the machine's.
        spare = next((frames["rows"] for name, frames in load.frames.items() if "empty" in name), 0)
        wrong += [
            f"{name} was late three frames in a row, {frames['rows']:.0f} times"
            for name, frames in load.frames.items()
            if frames["rows"] > spare
        ]
        wrong += [
            f"the heap of {name} grew from {_filled(weights):.1f} to {weights[-1]:.1f} MB"
            for name, weights in load.heap_mb.items()
            if len(weights) > 2 and weights[-1] > GROWTH * _filled(weights)
        ]
        if load.shown != load.in_sql or not load.newest_agree:
            wrong.append(f"the page showed {load.shown}, SQL has {load.in_sql}")
        return wrong


def _filled(weights: Sequence[float]) -> float:
    """In MB, after a third of the time: until then charts fill, and the browser compiles what runs often."""
    return weights[max(1, len(weights) // 3)]


def size_of_first_page() -> float:
    """In kB, gzip; as `npm run size` adds it up."""
    said = subprocess.run(["npm", "run", "--silent", "size"], cwd=FRONTEND, capture_output=True, text=True, check=True)
    line = next(line for line in said.stdout.splitlines() if "the first page" in line)
    return float(line.split()[0])


def write(document: Path, figures: Figures) -> None:
    """Puts the table between the document's two marks."""
    measured.write(document, "just bench-page", figures.table())
