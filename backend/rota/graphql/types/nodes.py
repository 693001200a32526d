"""What everything with an id has in common."""

import strawberry


@strawberry.interface(description="Anything that has an id.")
class Node:
    id: strawberry.ID = strawberry.field(description="Opaque, and the same wherever Rota shows it.")
