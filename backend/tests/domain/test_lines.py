"""What is kept of a line, whatever it holds."""

import pytest

from rota.domain import lines
from rota.domain.lines import MAX_LINE_BYTES


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("plain", "plain"),
        ("", ""),
        ("no\0pe", "no\ufffdpe"),
        ("half \ud800", "half ?"),
        ("x" * MAX_LINE_BYTES, "x" * MAX_LINE_BYTES),
        ("x" * (MAX_LINE_BYTES + 1), "x" * (MAX_LINE_BYTES - 3) + "…"),
        # 3 bytes each: never half a character.
        ("€" * MAX_LINE_BYTES, "€" * 1364 + "…"),
    ],
)
def test_a_line_is_bounded(text: str, kept: str) -> None:
    assert lines.bounded(text) == kept
    assert len(kept.encode()) <= MAX_LINE_BYTES


def test_levels_have_one_spelling() -> None:
    assert [lines.checked_level(level) for level in ("debug", "Info", "warn", "WARNING", "error", "critical")] == [
        "DEBUG", "INFO", "WARNING", "WARNING", "ERROR", "ERROR",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="one of debug, info, warning, error, not 'loud'"):
        lines.checked_level("loud")
