"""From what the command line names, a module or a WorkerSettings of arq, to the functions and settings of a worker."""

import importlib
import inspect
import os
import re
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from arq.cron import CronJob
from arq.worker import Function, func

from rota.declare import DEFAULT_QUEUE, MARK, Declared
from rota.worker.catalogue import BadTarget, Catalogue, Entry, arq_entry, catalogue_of, declared_entry

QUEUE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,59}")
ARQ_QUEUE = "arq:queue"
ARQ_TRIES = 5
ARQ_TIMEOUT_S = 300
MOST_SLOTS = 1_000  # as ROTA_SLOTS has it

HOOKS = ("on_startup", "on_shutdown", "on_job_start", "on_job_end", "after_job_end")
HONOURED = frozenset(
    {"functions", "cron_jobs", "queue_name", "max_jobs", "job_timeout", "max_tries", "ctx", "timezone", *HOOKS}
    | {"handle_signals", "job_completion_wait", "allow_abort_jobs", "log_results"}
)


@dataclass(slots=True)
class Collected:
    """What a worker is to do. `options` are arq's own, by name; `warnings` are lines for people."""

    catalogue: Catalogue
    cron_jobs: list[CronJob] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)
    slots: int | None = None
    drain_s: float | None = None
    warnings: list[str] = field(default_factory=list)

    @property
    def queues(self) -> list[str]:
        """The queues of its functions, in order of name."""
        return sorted({entry.queue for entry in self.catalogue.values()})


def collect(targets: Sequence[str]) -> Collected:
    """Imports the targets. Raises BadTarget, one line for people, at the first that cannot be worked for."""
    # As `python -m` has it: the folder in which the command was given comes first.
    here = str(Path.cwd())
    if here not in sys.path and "" not in sys.path:
        sys.path.insert(0, here)
    entries: list[Entry] = []
    settings: list[tuple[str, Any]] = []
    for target in targets:
        found = _resolve(target)
        declared = getattr(found, MARK, None)
        if declared is not None:
            entries.append(declared_entry(declared))
        elif isinstance(found, type | dict):
            settings.append((target, found))
        else:
            entries += _of_module(target, found)
    if len(settings) > 1:
        raise BadTarget(f"one worker takes one settings class: {', '.join(name for name, _ in settings)}")
    collected = _of_settings(*settings[0]) if settings else Collected({})
    collected.catalogue = catalogue_of([*collected.catalogue.values(), *entries])
    for queue in collected.queues:
        check_queue(queue)
    return collected


def check_queue(name: str) -> None:
    """Raises BadTarget unless it can name a queue."""
    if not QUEUE_NAME.fullmatch(name):
        raise BadTarget(f"{name!r} cannot name a queue: letters, digits, '.', '_', ':' and '-', at most 60")


def _resolve(target: str) -> Any:
    module_name, _, attribute = target.partition(":")
    if not all(part.isidentifier() for part in module_name.split(".")):
        raise BadTarget(f"{target!r} is no module; name it like my_module or my_module.WorkerSettings")
    module = _import(module_name, target)
    if module is None and "." in module_name:
        module_name, _, attribute = module_name.rpartition(".")
        module = _import(module_name, target)
    if module is None:
        raise BadTarget(f"there is no module {module_name!r} here ({Path.cwd()})")
    for part in attribute.split(".") if attribute else ():
        if not hasattr(module, part):
            raise BadTarget(f"module {module_name!r} has no {attribute!r}")
        module = getattr(module, part)
    return module


def _import(name: str, target: str) -> Any:
    """The module, or None where there is none of that name."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and (name == error.name or name.startswith(f"{error.name}.")):
            return None
        raise BadTarget(f"{target} cannot be imported: {error}{_place(error)}") from error
    except Exception as error:
        raise BadTarget(f"{target} cannot be imported: {type(error).__name__}: {error}{_place(error)}") from error


def _place(error: BaseException) -> str:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "importlib" not in frame.filename]
    return f" ({os.path.relpath(frames[-1].filename)}:{frames[-1].lineno})" if len(frames) > 1 else ""


def _of_module(target: str, module: Any) -> list[Entry]:
    declared = [getattr(value, MARK, None) for value in vars(module).values()] if inspect.ismodule(module) else []
    entries = [declared_entry(one) for one in declared if isinstance(one, Declared)]
    if not entries:
        raise BadTarget(f"{target} has no function marked with @rota.function, nor is it a WorkerSettings class")
    return entries


def _of_settings(target: str, settings: Any) -> Collected:
    values = _values(settings)
    if not values.get("functions") and not values.get("cron_jobs"):
        raise BadTarget(f"{target} names neither functions nor cron_jobs")
    queue = values.get("queue_name") or DEFAULT_QUEUE
    queue = DEFAULT_QUEUE if queue == ARQ_QUEUE else queue
    tries = values.get("max_tries") or ARQ_TRIES
    timeout_s = _seconds(values.get("job_timeout", ARQ_TIMEOUT_S))
    entries = []
    for one in values.get("functions") or ():
        declared = getattr(one, MARK, None)
        entries.append(
            declared_entry(declared) if declared else arq_entry(_arq_function(target, one), queue, tries, timeout_s)
        )
    cron_jobs = list(values.get("cron_jobs") or ())
    for job in cron_jobs:
        if not isinstance(job, CronJob):
            raise BadTarget(f"{target}.cron_jobs holds {job!r}; make it with arq.cron")
        entries.append(arq_entry(job, queue, 1, timeout_s))
    unknown = sorted(name for name in values if name not in HONOURED)
    return Collected(
        catalogue_of(entries),
        cron_jobs,
        {name: values[name] for name in (*HOOKS, "ctx", "timezone") if values.get(name) is not None},
        _slots(values.get("max_jobs")),
        values.get("job_completion_wait") or None,
        [f"{target}.{name} is not used: Rota decides that itself" for name in unknown],
    )


def _slots(max_jobs: int | None) -> int | None:
    """Who wants no bound says so with a number of any size."""
    return None if max_jobs is None else min(max(max_jobs, 1), MOST_SLOTS)


def _arq_function(target: str, one: Any) -> Function:
    try:
        return func(one)
    except (RuntimeError, ImportError, ValueError) as error:
        raise BadTarget(f"{target}.functions: {error}") from error


def _values(settings: Any) -> dict[str, Any]:
    if isinstance(settings, dict):
        return dict(settings)
    # The whole line of classes: arq itself reads only the last one's own attributes and drops the others in silence.
    found: dict[str, Any] = {}
    for one in reversed(settings.__mro__[:-1]):
        found.update({name: getattr(settings, name) for name in vars(one) if not name.startswith("_")})
    return found


def _seconds(value: Any) -> float | None:
    seconds: float | None = value.total_seconds() if hasattr(value, "total_seconds") else value
    return seconds
