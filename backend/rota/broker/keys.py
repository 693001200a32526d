"""The only place that builds a Redis key."""

from dataclasses import dataclass

# The names in the KEYS line of a script's header are the names here.
QUEUE_KEYS = (
    "ready",
    "scheduled",
    "ranks",
    "deadlines",
    "tasks",
    "tries",
    "running",
    "leases",
    "idle",
    "wake",
    "claims",
    "handed",
    "settles",
    "lease",
    "config",
    "journal",
    "epoch",
    "limits",
    "counts",
    "starts",
    "parked",
    "unpark",
    "crew",
    "lane",
    "laned",
    "stats",
    "offers",
    "lines",
    "vouched",
)
# These are prefixes: a worker's id or a limit's name completes them.
PREFIXES = frozenset({"wake", "starts", "parked", "lane"})
WORKER_KEYS = ("info", "seen", "catalogue", "desired", "conflicts")


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys under one namespace; the braces are the hash tag that keeps a queue's keys on one node of a cluster.

    Rota's own tags begin with an underscore, which no queue's name does: a queue may be called `workers`.
    """

    namespace: str

    def queue(self, queue: str, name: str) -> str:
        """A queue's key; those of PREFIXES are to be completed."""
        suffix = ":" if name in PREFIXES else ""
        return f"{self.namespace}:{{{queue}}}:{name}{suffix}"

    def wake(self, queue: str, worker: str) -> str:
        """The list on which a worker waits for work and commands of one queue."""
        return self.queue(queue, "wake") + worker

    def line(self, queue: str, function: str) -> str:
        """The line of one function, by its name as a payload has it, in a sorted queue; `lines` names them."""
        return f"{self.queue(queue, 'lines')}:{function}"

    def workers(self, name: str) -> str:
        """A key of the workers' register."""
        return f"{self.namespace}:{{_workers}}:{name}"

    def pools(self, name: str) -> str:
        """A key of the supervisors' register: `info`, `seen` or `assigned`."""
        return f"{self.namespace}:{{_pools}}:{name}"

    def changes(self, name: str) -> str:
        """`stream` or `epoch` of the announcements."""
        return f"{self.namespace}:{{_changes}}:{name}"

    def knocks(self, door: str, who: str) -> str:
        """Those of one caller at one door."""
        return f"{self.namespace}:{{_knocks}}:{door}:{who}"

    def submissions(self) -> str:
        """The stream of tasks that functions enqueue from inside a worker."""
        return f"{self.namespace}:{{_submissions}}:stream"
