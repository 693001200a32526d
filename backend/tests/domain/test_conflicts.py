"""Functions that workers offer differently: who, and how."""

import pytest

from rota.domain.conflicts import Offered, conflicts

SAME = Offered("a", "default")


@pytest.mark.parametrize(
    ("offers", "words"),
    [
        ([SAME, SAME], None),
        ([SAME], None),
        ([], None),
        ([SAME, Offered("b", "default")], "w1 offers it with other arguments than w0; "),
        ([SAME, Offered("a", "maths")], "w1 offers it with another queue (maths, not default) than w0; "),
        # Who says the same as the first is not named; of those who differ the first is.
        (
            [SAME, SAME, Offered("b", "default"), Offered("c", "x")],
            "w2 and 1 more offer it with other arguments than w0; ",
        ),
    ],
)
def test_who_differs_is_named(offers: list[Offered], words: str | None) -> None:
    found = conflicts([(f"w{n}", {"f": one, f"own{n}": one}) for n, one in enumerate(offers)])
    if words is None:
        assert found == {}
    else:
        assert found == {"f": f"{words}what the last of them to come says holds."}
