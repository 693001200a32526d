"""Lua scripts as files: each with what it shares with others in front, and the keys that its header names."""

import re
from collections.abc import Sequence
from importlib import resources
from typing import NamedTuple

_HEADER = re.compile(r"^-- KEYS: (.*)$", re.MULTILINE)
_RULES = re.compile(r"^-- USES: rules$", re.MULTILINE)


class Script(NamedTuple):
    """A script's text and the names of its keys."""

    source: str
    keys: tuple[str, ...]


def load_scripts() -> dict[str, Script]:
    """All scripts by name, with what they share in front."""
    folder = resources.files("rota.broker") / "lua"
    common = (folder / "_common.lua").read_text()
    rules = "\n".join((folder / f"_{name}.lua").read_text() for name in ("offers", "limits", "lanes", "rules"))
    scripts = {}
    for file in folder.iterdir():
        if file.name.endswith(".lua") and not file.name.startswith("_"):
            source = file.read_text()
            header = _HEADER.search(source)
            if header is None:
                raise ValueError(f"{file.name} has no KEYS line")
            keys = tuple(header[1].split())
            shared = f"{common}\n{rules}\n{_all_keys(keys)}" if _RULES.search(source) else common
            scripts[file.name.removesuffix(".lua")] = Script(f"{shared}\n{source}", keys)
    return scripts


def _all_keys(keys: Sequence[str]) -> str:
    """A Lua function that gives a script's keys by their names."""
    pairs = ", ".join(f"{name} = KEYS[{index}]" for index, name in enumerate(keys, 1))
    return f"local function all_keys() return {{ {pairs} }} end"
