"""The address that people type: whether it can be listened on, and how it is written."""

import errno
import socket

from rota.commands.steps import Trouble

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - shown, not listened on


def check_address(host: str, port: int) -> None:
    """Raises Trouble where nobody could listen on this address, before anything else has been started."""
    try:
        places = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (socket.gaierror, UnicodeError) as error:
        raise Trouble(
            f"{host!r} is no address of this machine; set --host or ROTA_HOST to one, e.g. 127.0.0.1."
        ) from error
    family, kind, protocol, _, address = places[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            # Two may bind with the option above; only one may listen.
            probe.listen(1)
        except OSError as error:
            raise Trouble(_words(error, host, port)) from error


def url_of(host: str, port: int) -> str:
    """The address to type into a browser on this machine."""
    shown = EVERYWHERE.get(host, host)
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


def _words(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"port {port} is taken by another program; "
            f"choose another with --port or ROTA_PORT (0 takes a free one), or end that program."
        )
    if error.errno == errno.EACCES:
        return f"port {port} needs more rights than this user has; choose one above 1023 with --port or ROTA_PORT."
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{host!r} is no address of this machine; set --host or ROTA_HOST to one, e.g. 127.0.0.1."
    return f"cannot listen on {host} port {port}: {error.strerror}; choose others with --host and --port."
