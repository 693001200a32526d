"""Numbers for a dashboard, and what anybody may know of this server."""

from typing import Annotated

import strawberry

from rota import __version__
from rota.graphql.context import Info
from rota.graphql.errors import BadUserInput
from rota.graphql.types.metrics import Metrics, MetricsPoint, Server
from rota.operations import metrics as operations

SHORTEST_S, LONGEST_S = 60, 86_400


@strawberry.type
class MetricsQueries:
    @strawberry.field(description="The numbers as they are now.")
    async def metrics(self, info: Info) -> Metrics:
        info.context.need_viewer()
        return Metrics.of(await operations.snapshot(info.context.platform))

    @strawberry.field(
        description="What happened in the last seconds (60 to 86,400), in at most 300 points, oldest first."
    )
    async def metrics_history(
        self, info: Info, seconds: Annotated[int, strawberry.argument(description="How far back, 60 to 86,400.")] = 300
    ) -> list[MetricsPoint]:
        info.context.need_viewer()
        if not SHORTEST_S <= seconds <= LONGEST_S:
            raise BadUserInput(f"seconds must be {SHORTEST_S} to {LONGEST_S:,}; it is {seconds}.")
        return [MetricsPoint.of(point) for point in await operations.history(info.context.platform, seconds)]

    @strawberry.field(description="This server, for anybody.")
    def server(self, info: Info) -> Server:
        settings = info.context.platform.settings
        return Server(version=__version__, registration_open=settings.registration_open, graphiql=settings.graphiql)
