"""The benchmark's harness: Rota and one peer on little work, and what becomes of the figures."""

import dataclasses
import subprocess
import sys
from pathlib import Path

import pytest

from bench import contenders, environment, report
from bench.cli import main
from bench.contenders import CONTENDERS, Contender
from bench.measure import Figures, Sizes
from bench.run import Results

BY_NAME = {contender.name: contender for contender in CONTENDERS}


def results(**figures: list[Figures]) -> Results:
    return Results(rounds=3, sizes=Sizes(), figures=figures)


@pytest.mark.slow
@pytest.mark.processes
@pytest.mark.servers
def test_rota_and_a_peer_are_measured_side_by_side(tmp_path: Path) -> None:
    page = tmp_path / "benchmarks.md"
    command = [sys.executable, "-m", "bench", "--quick", "--only", "rota_sqlite,arq", "--write", str(page)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=500, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    text = page.read_text()
    drain = text.split("### Drain")[1].split("###")[0]
    assert "| Rota on SQLite | " in drain
    assert "| arq | " in drain
    assert "Not measured" not in text
    assert "Rota on SQLite / arq" in text
    assert (tmp_path / report.CHART).read_text().count("<rect") == 2


def test_a_figure_is_the_median_with_its_spread() -> None:
    text = report.tables(results(arq=[{"drain_1": 100.0}, {"drain_1": 900.0}, {"drain_1": 120.0}]), "just bench")
    assert "| arq | 120 (100 – 900) |" in text


def test_a_ratio_is_taken_within_each_round() -> None:
    # The medians' ratio would be 2; what is wanted is the median of 10, 2 and 2.
    mine = [{"drain_1": 1000.0}, {"drain_1": 400.0}, {"drain_1": 200.0}]
    peer = [{"drain_1": 100.0}, {"drain_1": 200.0}, {"drain_1": 20.0}]
    text = report.tables(results(rota_sqlite=mine, arq=peer), "just bench")
    assert "| Rota on SQLite / arq | 10.00× (2.00 – 10.00) |" in text


def test_who_failed_is_named_with_the_reason() -> None:
    found = results(arq=[{"drain_1": 1.0}])
    found.problems["bullmq"] = "its packages are not there"
    assert "- BullMQ: its packages are not there" in report.tables(found, "just bench")


def test_only_the_marked_part_of_the_page_is_written(tmp_path: Path) -> None:
    page = tmp_path / "benchmarks.md"
    page.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n")
    report.write(results(arq=[{"drain_1": 5.0}]), "just bench", page)
    text = page.read_text()
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "old" not in text
    assert "| arq | 5 |" in text


def test_a_page_without_the_place_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "benchmarks.md"
    page.write_text("mine\n")
    with pytest.raises(ValueError, match="no place for the tables"):
        report.write(results(arq=[{"drain_1": 5.0}]), "just bench", page)
    assert page.read_text() == "mine\n"


def test_a_peer_that_is_not_installed_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(environment, "PYTHON", tmp_path / "python")
    monkeypatch.setattr(environment, "NODE", tmp_path / "node")
    assert "bench setup" in contenders.installed(BY_NAME["saq"])
    assert "bench setup" in contenders.installed(BY_NAME["bullmq"])
    assert contenders.installed(BY_NAME["arq"]) == ""


@pytest.mark.parametrize("contender", CONTENDERS, ids=lambda contender: contender.name)
def test_every_contender_has_its_driver(contender: Contender) -> None:
    suffix = "mjs" if contender.runtime == "node" else "py"
    assert (Path(contenders.__file__).parent / "drivers" / f"{contender.name}.{suffix}").is_file()


def test_a_slow_one_gets_less_work_and_never_none() -> None:
    sizes = Sizes(tasks=10_000, single=100, parallel=1_000)
    slow = dataclasses.replace(BY_NAME["rq"], share=0.001)
    own = sizes.of(slow)
    assert (own.tasks, own.single, own.parallel) == (200, 50, 200)
    assert sizes.of(BY_NAME["arq"]).tasks == 10_000


def test_an_unknown_contender_is_refused_with_those_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--only", "arq,kafka"])
    said = capsys.readouterr().err
    assert "kafka" in said
    assert "graphile_worker" in said
