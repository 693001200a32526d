"""What a resolver may stand on: who asks, the platform, and this operation's loaders."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import strawberry

from rota.domain.access import Viewer, may_submit
from rota.domain.errors import Invalid, NotAllowed, NotSignedIn
from rota.graphql.loaders import Loaders
from rota.operations.accounts import SignedIn
from rota.operations.platform import Platform

if TYPE_CHECKING:
    from rota.graphql.hub import Hub


@dataclass(slots=True)
class Context:
    """One operation's surroundings. A connection that carries several operations makes one for each."""

    platform: Platform
    signed_in: SignedIn | None
    request_id: str
    address: str  # of the caller, as far as it is known; counts against limits
    hub: "Hub | None" = None
    # Whether the answer can carry a cookie; a WebSocket and an event stream have begun theirs already.
    takes_cookies: bool = True
    # Noted by login and logout, done by the edge: a session's secret for the cookie, or the cookie's end.
    new_session: str | None = None
    ends_session: bool = False
    # The account that a refused sign-in was for, for the trail. What was typed as a name is not kept: it may be a password.
    refused_id: str | None = None
    loaders: Loaders = field(init=False)

    def __post_init__(self) -> None:
        self.forget_rows()

    def forget_rows(self) -> None:
        """Makes the loaders anew; before each event of a subscription, which must not see old rows."""
        self.loaders = Loaders(self.platform, self.viewer)

    @property
    def viewer(self) -> Viewer | None:
        return self.signed_in.viewer if self.signed_in else None

    def need_viewer(self) -> Viewer:
        """Who asks. Raises NotSignedIn."""
        viewer = self.viewer
        if viewer is None:
            raise NotSignedIn("Sign in first: with a session, or an API token as `Authorization: Bearer rota_...`.")
        return viewer

    def need_cookies(self) -> None:
        """Raises Invalid where a session that begins now could not be given to who asks."""
        if not self.takes_cookies:
            raise Invalid(
                "Sign in by POST to /graphql: neither a WebSocket nor an event stream can set the session's cookie."
            )

    def need_client(self) -> Viewer:
        """Who asks, and may submit and read tasks. Raises NotSignedIn or NotAllowed."""
        viewer = self.need_viewer()
        if not may_submit(viewer):
            raise NotAllowed("Tasks are for clients and administrators; this account is a worker's alone.")
        return viewer


Info = strawberry.Info[Context, None]
