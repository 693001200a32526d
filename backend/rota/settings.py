"""What can be set, from the environment (`ROTA_*`) or the command line."""

import os
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from rota.domain.rank import DEFAULT_LEVEL_MS
from rota.domain.retention import DAY_MS, DEFAULT_DAYS, FEWEST_DAYS, MOST_DAYS


def _default_data_dir() -> Path:
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "rota"


class Settings(BaseSettings):
    """Every setting, its meaning and its default. Durations carry their unit in the name."""

    model_config = SettingsConfigDict(env_prefix="ROTA_", env_ignore_empty=True, extra="ignore", frozen=True)

    host: str = Field("127.0.0.1", description="Address that the api listens on.")
    port: int = Field(8080, ge=0, le=65535, description="Port that the api listens on; 0 takes a free one.")
    data_dir: Path = Field(
        default_factory=_default_data_dir,
        description="Folder for the database, the embedded Redis and logs of `rota up`.",
    )
    database_url: str = Field(
        "", description="`sqlite:///path` or `postgres://user:password@host/name`; empty: SQLite in the data folder."
    )
    redis_url: str = Field(
        "", description="`redis://host:port/0`, `rediss://...` or `unix:///path`; empty: `rota up` starts one."
    )
    namespace: str = Field("rota", pattern=r"^[a-z0-9_-]{1,32}$", description="Prefix of every key in Redis.")

    workers: int = Field(
        default_factory=lambda: os.cpu_count() or 1, ge=0, description="Worker processes that `rota up` starts."
    )
    slots: int = Field(10, ge=1, le=1000, description="Tasks that one worker process runs at once.")
    lease_ms: int = Field(15_000, ge=1_000, description="How long a worker keeps a task without a sign of life.")
    heartbeat_ms: int = Field(2_000, ge=100, description="How often a worker gives a sign of life.")
    end_stuck: bool = Field(
        True,
        description="Whether a worker process ends itself when a function has kept its event loop from turning until past "
        "the function's timeout and one lease more; who keeps the process starts another.",
    )
    level_seconds: int = Field(
        DEFAULT_LEVEL_MS // 1000, ge=1, description="What one level of priority is worth, in seconds of waiting."
    )
    retention_days: float = Field(
        default=DEFAULT_DAYS,
        ge=FEWEST_DAYS,
        le=MOST_DAYS,
        description="How long a task is kept after it ended, in days, unless its queue says otherwise.",
    )
    audit_days: float = Field(
        default=90.0, ge=FEWEST_DAYS, le=MOST_DAYS, description="How long it is kept who did what, in days."
    )
    drain_seconds: float = Field(10.0, ge=0, description="How long a worker may finish what it runs when it is to end.")

    supervisor_capacity: int = Field(
        32, ge=1, le=500, description="Worker processes that one supervisor runs at most, of all pools together."
    )
    pool_quiet_seconds: float = Field(
        30.0, ge=1, description="How long one worker fewer must have sufficed before a pool shrinks by one."
    )

    admin_username: str = Field("admin", description="Name of the administrator that the first start makes.")
    admin_password: str = Field("", description="Password of that administrator; empty: one is made and shown once.")
    registration_open: bool = Field(True, description="Whether anybody may register as a client.")
    session_days: float = Field(14.0, gt=0, description="How long a session lasts after its last use.")
    secure_cookies: Literal["auto", "always", "never"] = Field(
        "auto", description="When cookies are marked Secure; auto: where the request came over TLS."
    )
    trust_forwarded: str = Field(
        "", description="Addresses of proxies, comma-separated, whose X-Forwarded-* headers are believed."
    )
    allowed_origins: str = Field(
        "", description="Further origins, comma-separated, from which browsers may call; the own one always may."
    )

    allowed_hosts: str = Field(
        "",
        description="Names, comma-separated, under which the api may be asked besides 127.0.0.1 and localhost; empty: only "
        "those where it listens on such an address, any name elsewhere.",
    )

    graphiql: bool = Field(True, description="Whether GraphiQL, in which the API can be tried, stands at `/graphiql`.")
    introspection: bool = Field(True, description="Whether clients may ask the API for its schema.")

    metrics_token: str = Field(
        "", description="Bearer token without which `/metrics` is refused; empty: `ROTA_METRICS_FROM` decides."
    )
    metrics_from: Literal["anywhere", "loopback"] = Field(
        "anywhere",
        description="Who may read `/metrics` where there is no token; loopback: this machine alone (behind a proxy on it, so may "
        "everybody whom the proxy lets).",
    )

    allow_private_addresses: bool = Field(
        False, description="Whether the sample `fetch_title` may fetch from private addresses."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The least important line that is logged."
    )
    log_format: Literal["auto", "console", "json"] = Field(
        "auto", description="How log lines look; auto: coloured on a terminal, else JSON."
    )

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        return _checked(value, "sqlite:///", "postgres://", "postgresql://")

    @field_validator("redis_url")
    @classmethod
    def _known_redis(cls, value: str) -> str:
        return _checked(value, "redis://", "rediss://", "unix://")

    @property
    def level_ms(self) -> int:
        return self.level_seconds * 1000

    @property
    def retention_ms(self) -> int:
        return round(self.retention_days * DAY_MS)

    @property
    def effective_database_url(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir / 'rota.sqlite3'}"

    @property
    def database_path(self) -> Path:
        """The file of a SQLite database."""
        return Path(self.effective_database_url.removeprefix("sqlite:///"))

    @property
    def is_sqlite(self) -> bool:
        return self.effective_database_url.startswith("sqlite:")


def _checked(address: str, *beginnings: str) -> str:
    if address and not address.startswith(beginnings):
        raise ValueError(f"must begin with {', '.join(beginnings[:-1])} or {beginnings[-1]}")
    return address


def load_settings(**overrides: object) -> Settings:
    """Settings from the environment, with those given here that are not None on top. Raises pydantic.ValidationError."""
    return Settings(**{name: value for name, value in overrides.items() if value is not None})  # type: ignore[arg-type]
