"""What is typed into a search: words, and conditions on arguments among them."""

import re

from rota import jsontext
from rota.graphql.errors import BadUserInput
from rota.store.conditions import PATH, Condition, steps_of, texts_of

_TYPED = re.compile(rf'(?:^|(?<=\s))args\.({PATH}):("(?:[^"\\]|\\.)*"|[^\s"]\S*)(?=\s|$)')


def parted(search: str) -> tuple[str | None, list[Condition]]:
    """The words, None where there are none, and the conditions. Raises BadUserInput.

    `args.id:7` finds the number and the text, for who types it may not know; `args.id:"7"` the text alone.
    """
    found = [_condition(*match.groups()) for match in _TYPED.finditer(search)]
    words = " ".join(_TYPED.sub(" ", search).split()) if found else search
    return words or None, found


def _condition(path: str, typed: str) -> Condition:
    try:
        return steps_of(path), _texts(typed)
    except ValueError as error:
        raise BadUserInput(f"filter.search: {error}.") from None


def _texts(typed: str) -> tuple[str, ...]:
    try:
        value = jsontext.loads(typed)
    except ValueError:
        return texts_of(typed)
    if typed.startswith('"'):
        return texts_of(value)
    if isinstance(value, dict | list):
        return texts_of(typed)
    return (*texts_of(value), *texts_of(typed))
