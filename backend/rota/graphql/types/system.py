"""How Rota is, as clients see it."""

from typing import Self

import strawberry

from rota import __version__
from rota.graphql.context import Info
from rota.graphql.scalars import Instant
from rota.graphql.types.enums import PartName, PartState
from rota.operations.health import Health


@strawberry.type(description="One part of Rota and how it is.")
class SystemPart:
    name: PartName = strawberry.field(description="Which part.")
    state: PartState = strawberry.field(description="How it is.")
    words: str = strawberry.field(description="The same in words.")
    took_ms: float | None = strawberry.field(
        description="How long it took to answer, in ms; null where it is not asked, or did not."
    )


@strawberry.type(description="How Rota is at this instant, as the api process that answers sees it.")
class System:
    health: strawberry.Private[Health]
    at: Instant = strawberry.field(description="When it was looked at.")
    is_healthy: bool = strawberry.field(description="Whether every part is as it should be.")
    parts: list[SystemPart] = strawberry.field(description="Each part.")
    version: str = strawberry.field(description="Rota's version, of this api process.")
    started_at: Instant = strawberry.field(description="When this api process began.")
    schema_version: str | None = strawberry.field(
        description="The newest migration of the database; null where it does not answer."
    )
    database_version: str | None = strawberry.field(
        description="Which database, like `SQLite 3.45.1`; null where it does not answer."
    )
    redis_version: str | None = strawberry.field(
        description="Which Redis or Valkey, by its version; null where it does not answer."
    )
    recorder_lag_seconds: float | None = strawberry.field(
        description="How old the oldest event is that is not recorded yet, 0 where all are; null while Redis is away."
    )

    @classmethod
    def of(cls, health: Health, started_at: int) -> Self:
        """What was found as clients see it."""
        return cls(
            health=health,
            at=Instant(health.at),
            is_healthy=all(part.state == PartState.OK for part in health.parts),
            parts=[SystemPart(**part._asdict()) for part in health.parts],
            version=__version__,
            started_at=Instant(started_at),
            schema_version=health.schema_version,
            database_version=health.database_version,
            redis_version=health.redis_version,
            recorder_lag_seconds=None if health.lag_ms is None else health.lag_ms / 1000,
        )

    @strawberry.field(
        description="Which coordinator leads, by its machine and process; for administrators alone, else null."
    )
    def leader(self, info: Info) -> str | None:
        viewer = info.context.viewer
        return self.health.leader if viewer is not None and viewer.is_admin else None
