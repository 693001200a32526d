"""Persisted documents: a client sends a document once, from then on its SHA-256 alone (Apollo's protocol)."""

import hashlib
import re
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

KEPT_CHARACTERS = 1_000_000
LONGEST = 20_000  # characters
_HASH = re.compile(r"[0-9a-f]{64}")


class NotPersisted(Exception):
    """This process does not know the document; the client is to send it with its hash."""


class Persisted:
    """The documents of one process that were used last. Whoever sends one may: its hash says what it is."""

    def __init__(self) -> None:
        self._texts: OrderedDict[str, str] = OrderedDict()
        self._characters = 0

    def completed(self, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        """The fields with the document that their hash stands for. Raises NotPersisted, or ValueError with words for people."""
        extensions = fields.get("extensions")
        asked = extensions.get("persistedQuery") if isinstance(extensions, dict) else None
        if asked is None:
            return fields
        wanted = asked.get("sha256Hash") if isinstance(asked, dict) else None
        if not isinstance(wanted, str) or not _HASH.fullmatch(wanted) or asked.get("version") != 1:
            raise ValueError(
                'persistedQuery must be {"version": 1, "sha256Hash": "64 hexadecimal digits in lower case"}.'
            )
        text = fields.get("query")
        if isinstance(text, str) and text:
            self._keep(wanted, text)
            return fields
        if wanted not in self._texts:
            raise NotPersisted
        self._texts.move_to_end(wanted)
        return {**fields, "query": self._texts[wanted]}

    def _keep(self, wanted: str, text: str) -> None:
        if hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() != wanted:
            raise ValueError("sha256Hash is not the SHA-256 of this query.")
        if len(text) > LONGEST or wanted in self._texts:
            return
        self._texts[wanted] = text
        self._characters += len(text)
        while self._characters > KEPT_CHARACTERS:
            _, old = self._texts.popitem(last=False)
            self._characters -= len(old)
