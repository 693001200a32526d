"""Who may see and do what."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a user is to Rota."""

    CLIENT = "CLIENT"
    WORKER = "WORKER"
    ADMIN = "ADMIN"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks: a signed-in user, by session or API token."""

    user_id: str
    username: str
    roles: frozenset[Role]

    @property
    def is_admin(self) -> bool:
        return Role.ADMIN in self.roles


def may_see_task(viewer: Viewer, owner_id: str | None) -> bool:
    """Clients see their own tasks, administrators all."""
    return viewer.is_admin or (owner_id is not None and owner_id == viewer.user_id)


def may_change_task(viewer: Viewer, owner_id: str | None) -> bool:
    """Who sees a task may cancel, retry and reschedule it."""
    return may_see_task(viewer, owner_id)


def may_see_schedule(viewer: Viewer, owner_id: str) -> bool:
    """Clients see and change their own schedules, administrators all."""
    return viewer.is_admin or owner_id == viewer.user_id


def may_operate(viewer: Viewer) -> bool:
    """Queues, workers and pools are for administrators."""
    return viewer.is_admin


def may_submit(viewer: Viewer) -> bool:
    """A key that is only a worker's is no client's key."""
    return viewer.is_admin or Role.CLIENT in viewer.roles
