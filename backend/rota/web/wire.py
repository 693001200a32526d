"""uvicorn's WebSocket with a way past it: a message of text that is made once is written to many, each at once or not at all."""

from collections.abc import Sequence

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import State

WIRE = "rota.wire"  # among the extensions of a WebSocket's scope

_WHOLE_TEXT = b"\x81"  # the first byte of a frame


class Wire(WebSocketsSansIOProtocol):
    """One connection."""

    async def run_asgi(self) -> None:
        """As uvicorn's; the application finds this object in its scope."""
        self.scope["extensions"] = {**(self.scope["extensions"] or {}), WIRE: {"write": self.write}}
        await super().run_asgi()

    def write(self, parts: Sequence[bytes]) -> bool:
        """Writes one message, in UTF-8; False where nothing is written, for the client takes too little or is leaving.

        The parts are kept as they are until they are sent, so that what is the same for many is in memory once.
        """
        if not self.writable.is_set() or self.conn.state is not State.OPEN or self.transport.is_closing():
            return False
        self.transport.writelines([_head(sum(map(len, parts))), *parts])
        return True


def _head(size: int) -> bytes:
    """What stands before a message of this size; servers do not mask theirs."""
    if size < 126:
        return _WHOLE_TEXT + bytes((size,))
    if size < 2**16:
        return _WHOLE_TEXT + b"\x7e" + size.to_bytes(2, "big")
    return _WHOLE_TEXT + b"\x7f" + size.to_bytes(8, "big")
