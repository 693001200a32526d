"""Functions that workers offer in ways that cannot both hold: the catalogue has one entry for each name."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Offered(NamedTuple):
    """What a worker says of a function, as far as tasks depend on it; `arguments` stands for its schema."""

    arguments: str
    queue: str


def conflicts(offers: Sequence[tuple[str, Mapping[str, Offered]]]) -> dict[str, str]:
    """For each function that workers offer differently, who and how, in words. `offers`: each worker's name, and by function what it says.

    The first worker stands for all that say the same as it does.
    """
    first: dict[str, tuple[str, Offered]] = {}
    others: dict[str, list[tuple[str, Offered]]] = {}
    for worker, functions in offers:
        for function, offered in functions.items():
            if first.setdefault(function, (worker, offered))[1] != offered:
                others.setdefault(function, []).append((worker, offered))
    return {function: _words(*first[function], found) for function, found in others.items()}


def _words(worker: str, offered: Offered, others: list[tuple[str, Offered]]) -> str:
    other, differing = others[0]
    what = []
    if offered.arguments != differing.arguments:
        what.append("other arguments")
    if offered.queue != differing.queue:
        what.append(f"another queue ({differing.queue}, not {offered.queue})")
    more = f" and {len(others) - 1:,} more" if len(others) > 1 else ""
    offer = "offer" if more else "offers"
    return (
        f"{other}{more} {offer} it with {' and '.join(what)} than {worker}; what the last of them to come says holds."
    )
