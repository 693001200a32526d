"""What can go wrong in the domain's own words; the edges map it to their own."""


class RotaError(Exception):
    """The family of all foreseeable failures.

    `code` is one of the schema's ErrorCode values; `path` leads to the input at fault, e.g. `("priority",)`.
    """

    code = "INVALID"

    def __init__(self, message: str, path: tuple[str | int, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.path = path


class Invalid(RotaError):
    """An input that breaks a rule; the message says which and what is allowed."""


class UnknownQueue(Invalid):
    """No worker serves such a queue and nobody has made it, yet."""


class SignInRefused(Invalid):
    """A sign-in that was not let in; `user_id` is the account that it was for, None where there is none of that name."""

    def __init__(self, message: str, path: tuple[str | int, ...], user_id: str | None) -> None:
        super().__init__(message, path)
        self.user_id = user_id


class InvalidId(RotaError):
    """A text that is no id, or an id of another kind."""

    def __init__(self, text: str, kind: str = "") -> None:
        shown = text if len(text) <= 60 else text[:57] + "..."
        wanted = f"a {kind} id, like {kind}_01h455vb4pex5vsknk084sn02q" if kind else "an id"
        super().__init__(f"{shown!r} is not {wanted}")


class UnknownFunction(RotaError):
    """No worker has ever offered this function."""

    code = "UNKNOWN_FUNCTION"


class NotFound(RotaError):
    """Nothing there, or nothing that the viewer may see: both answer alike."""

    code = "NOT_FOUND"


class NotAllowed(RotaError):
    """The viewer may see it but not do this."""

    code = "FORBIDDEN"


class Conflict(RotaError):
    """What stands already contradicts it: a key used for other content, a task that has ended, a name taken."""

    code = "CONFLICT"


class TooLarge(RotaError):
    """Larger than Rota takes."""

    code = "TOO_LARGE"


class StaleLease(RotaError):
    """The worker's right to the task has ended; its outcome is refused."""

    code = "STALE_LEASE"


class RateLimited(RotaError):
    """Asked for too often; `retry_after_s` says when to come again."""

    code = "RATE_LIMITED"

    def __init__(self, message: str, retry_after_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class NotSignedIn(RotaError):
    """Needs a session or an API token."""

    code = "UNAUTHENTICATED"


class IllegalMove(RotaError):
    """A task in this status cannot do that."""

    code = "CONFLICT"


class TooSlow(RotaError):
    """The database was stopped because it took too long to read what was asked for."""

    code = "TIMEOUT"
