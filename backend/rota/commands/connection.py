"""Where the Rota of a command is, and the token to show: from the options, the environment, or what `rota up` kept."""

import json
import os
import socket
from dataclasses import asdict, dataclass
from pathlib import Path

CONNECTION_FILE = "connection.json"


class ClientError(Exception):
    """Something the user can mend; the message says how."""


@dataclass(frozen=True, slots=True)
class Connection:
    """Where Rota is and the API token to show."""

    url: str
    token: str
    redis_url: str = ""  # where workers on this machine find their work


def save_connection(data_dir: Path, connection: Connection) -> None:
    """Keeps the address and a token for commands on this machine, readable by this user only."""
    path = data_dir / CONNECTION_FILE
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(asdict(connection), file)


def load_connection(data_dir: Path) -> Connection | None:
    """What `save_connection` kept, or None."""
    try:
        kept = json.loads((data_dir / CONNECTION_FILE).read_text())
        return Connection(kept["url"], kept["token"], kept.get("redis_url", ""))
    except (OSError, ValueError, KeyError):
        return None


def kept_redis(data_dir: Path) -> str | None:
    """The address of the Redis of the `rota up` that runs on this folder; None where none runs."""
    kept = load_connection(data_dir)
    if kept is None or not kept.redis_url:
        return None
    return kept.redis_url if _listens(kept.redis_url) else None


def _listens(redis_url: str) -> bool:
    """Whether somebody listens there; of an address on the network a worker finds that out itself."""
    if not redis_url.startswith("unix://"):
        return True
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(redis_url.removeprefix("unix://")) == 0


def find_connection(url: str | None, token: str | None, data_dir: Path) -> Connection:
    """From the options, else `ROTA_URL` and `ROTA_TOKEN`, else what `rota up` kept. Raises ClientError.

    The kept token goes to the kept address only: it is an administrator's, and another server has no business with it.
    """
    kept = load_connection(data_dir)
    url = (url or os.environ.get("ROTA_URL") or (kept.url if kept else "")).rstrip("/")
    is_kept = kept is not None and url == kept.url.rstrip("/")
    token = token or os.environ.get("ROTA_TOKEN") or (kept.token if kept and is_kept else None)
    if not url:
        raise ClientError(
            "No Rota to talk to: start one with `rota up`, or set ROTA_URL and ROTA_TOKEN "
            "(make a token under Settings on the page)."
        )
    if not token:
        raise ClientError(
            f"There is no token for {url}: set ROTA_TOKEN or give --token (make one there under Settings)"
            + (f"; the one in {data_dir} is for {kept.url} alone." if kept else ".")
        )
    return Connection(url, token)
