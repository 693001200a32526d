"""Which tasks a list has, as SQL: where its rows come from, what they must meet, and in which order they stand."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from rota import ids
from rota.domain.states import TaskStatus
from rota.store import conditions
from rota.store.conditions import Condition

# A task's id is made in the moment that `created_at` tells, by the same process: an instant is a range of ids, which are
# in order. As far apart as a clock that is put right may tear the two.
APART_MS = 60_000
TAG = "tag"
MAY_COME = 1_000  # rows, among those of a part, between the look at where it ends and the look at what it has

Place = tuple[int, str]  # a row's sort value (0 where its id is all) and its id


@dataclass(frozen=True, slots=True)
class TaskQuery:
    """Which tasks, in which order, from where. `after` is the place of the last row."""

    statuses: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    priorities: tuple[int, ...] = ()
    priority_at_least: int | None = None
    owner_id: str | None = None
    worker_id: str | None = None
    search: str | None = None
    args: tuple[Condition, ...] = ()
    created_after: int | None = None
    created_before: int | None = None
    has_deadline: bool | None = None
    order: str = "NEWEST_FIRST"
    after: Place | None = None
    # The one of its `leads` that it goes down; the first of them where nobody knows better.
    lead: str | None = None
    # Another of them, in whose index a row must stand before it is read: where the two have few in common.
    beside: str | None = None

    @property
    def is_search(self) -> bool:
        """Whether no index serves it: rows are looked at one by one."""
        return self.search is not None or bool(self.args)

    @property
    def is_looked_for(self) -> bool:
        """Whether rows are looked at one by one, and few of them may match."""
        is_narrow = self.functions or self.tags or self.owner_id or self.worker_id
        return self.is_search or self.has_deadline is not None or bool(self.sort_column is not None and is_narrow)

    @property
    def is_walked(self) -> bool:
        """Whether its order alone leads to its rows: the database would rather sort all that match."""
        asked = (self.statuses, self.queues, self.priorities, self.priority_at_least)
        return self.is_looked_for or (self.sort_column is not None and any(asked))

    @property
    def is_counted(self) -> bool:
        """Whether the counters know how many there are."""
        return not (
            self.functions
            or self.tags
            or self.owner_id
            or self.worker_id
            or self.is_search
            or self.created_after is not None
            or self.created_before is not None
            or self.has_deadline is not None
            or self.order == "DEADLINE"  # only tasks that have one
        )

    @property
    def sort_column(self) -> str | None:
        """What its rows are sorted by before their ids."""
        return {"NEXT_TO_RUN": "rank", "DEADLINE": "deadline_at"}.get(self.order)

    @property
    def leads(self) -> dict[str, str]:
        """The columns whose indexes have the rows of one value in the list's order, so that a page reads a page of them.

        With the value. `tag` is one: asked for as a set of ids, all of a common tag's would be read for each page.
        """
        if self.sort_column is not None:
            return {}
        asked = {
            TAG: self.tags,
            "worker_id": _one(self.worker_id),
            "owner_id": _one(self.owner_id),
            "function": self.functions,
            "queue": self.queues,
            "status": self.statuses,
        }
        return {column: values[0] for column, values in asked.items() if len(values) == 1}


class Reach(NamedTuple):
    """How far a part of a list goes: so many rows of what leads it, the last of which is `last`."""

    rows: int
    last: Place


class Selection:
    """The parts of a SELECT over a list, and its parameters; `reach` bounds it to the first rows of what leads it."""

    def __init__(
        self, wanted: TaskQuery, reach: Reach | None = None, *, is_sqlite: bool, args: list[Any] | None = None
    ) -> None:
        self.args: list[Any] = [] if args is None else args
        self._wanted = wanted
        self._reach = reach
        self._is_sqlite = is_sqlite
        leads = wanted.leads
        self._lead = wanted.lead or next(iter(leads), None)
        self._value = leads[self._lead] if self._lead is not None else ""
        self._is_led_by_tag = self._lead == TAG
        self._beside = wanted.beside
        self._beside_value = leads[self._beside] if self._beside is not None else ""
        # On SQLite the rows of one index are gone down, and looked up in the other one by one; PostgreSQL puts sets of both together.
        self._is_sought = self._beside is not None and is_sqlite
        self._is_met = self._beside is not None and not is_sqlite

    def rows(self, columns: str, limit: int) -> str:
        """A SELECT of the rows."""
        if self._is_split:
            return self._split(columns, limit)
        return f"SELECT {columns} FROM {self._source()} WHERE {self._where()} ORDER BY {self._order(self._prefix)} LIMIT {int(limit)}"

    def amount(self, most: int | None) -> str:
        """A SELECT of how many there are: no further than to one more than `most`."""
        # A LIMIT beside COUNT(*) would not stop it.
        limit = "" if most is None else f" LIMIT {int(most) + 1}"
        if self.is_lead_alone:
            return f"SELECT count(*) AS n FROM ({self._down('1 AS one', self._table)}{limit}) AS matching"
        return f"SELECT count(*) AS n FROM (SELECT 1 AS one FROM {self._source()} WHERE {self._where()}{limit}) AS matching"

    def place(self, rows: int) -> str:
        """A SELECT of the place of a row, by its number among those of what leads the list."""
        value = self._wanted.sort_column or "0"
        return f"{self._down(f'{value} AS value, {self._key} AS id', self._table)} LIMIT 1 OFFSET {int(rows) - 1}"

    @property
    def is_lead_alone(self) -> bool:
        """Whether what leads the list is all that it asks for."""
        asked = self._wanted
        lists = [asked.statuses, asked.queues, asked.functions, asked.tags, asked.owner_id, asked.worker_id]
        others = [asked.priorities, asked.priority_at_least, asked.search, asked.args, asked.order == "NEXT_TO_RUN"]
        others += [one is not None for one in (asked.created_after, asked.created_before, asked.has_deadline)]
        return sum(1 for one in lists if one) == (self._lead is not None) and not any(others)

    @property
    def _is_split(self) -> bool:
        """Whether each status leads to its own rows: else those few that run, say, are looked for among all."""
        wanted = self._wanted
        return (
            len(wanted.statuses) > 1 and self._lead is None and not (wanted.sort_column or wanted.tags or self._reach)
        )

    def _split(self, columns: str, limit: int) -> str:
        parts = []
        for status in self._wanted.statuses:
            one = replace(self._wanted, statuses=(status,))
            rows = Selection(one, is_sqlite=self._is_sqlite, args=self.args).rows("tasks.*", limit)
            parts.append(f"SELECT * FROM ({rows}) AS {status.lower()}")
        return f"SELECT {columns} FROM ({' UNION ALL '.join(parts)}) AS tasks ORDER BY {self._order('')} LIMIT {int(limit)}"

    @property
    def _table(self) -> str:
        return "task_tags" if self._is_led_by_tag else "tasks"

    @property
    def _key(self) -> str:
        return "task_id" if self._is_led_by_tag or self._is_sought else "id"

    @property
    def _prefix(self) -> str:
        """Before the columns of what leads, where rows of tasks stand beside it."""
        return "g." if self._is_led_by_tag or self._is_sought else ""

    def _source(self) -> str:
        # Bounded by a range alone, PostgreSQL might go another way than down what leads. Where the part ends says its range.
        most = None if self._is_sqlite or self._reach is None else self._reach.rows + MAY_COME
        if self._is_met:
            where = " AND ".join([*self._leading(""), *self._span("")])
            # OFFSET: what comes first is both of them, not their order.
            return f"(SELECT * FROM tasks WHERE {where} OFFSET 0) AS tasks"
        if self._is_sought and not self._is_led_by_tag:
            led = f"(SELECT id AS task_id, rowid AS place, {self._lead} AS led FROM tasks)"
            return f"{led} AS g CROSS JOIN tasks ON tasks.rowid = g.place"
        if not self._is_led_by_tag:
            return "tasks" if most is None else f"({self._down('*', 'tasks')} LIMIT {most}) AS tasks"
        if self._is_sqlite:
            return "task_tags AS g CROSS JOIN tasks ON tasks.id = g.task_id"  # CROSS: in this order
        tagged = "task_tags" if most is None else f"({self._down('task_id, tag', 'task_tags')} LIMIT {most})"
        # Row by row: PostgreSQL would rather read all tasks in their order, and see which of them have the tag.
        return f"{tagged} AS g CROSS JOIN LATERAL (SELECT * FROM tasks WHERE id = g.task_id OFFSET 0) AS tasks"

    def _down(self, columns: str, table: str) -> str:
        """A SELECT down what leads the list."""
        where = " AND ".join([*self._leading(""), *self._span("")]) or "1 = 1"
        return f"SELECT {columns} FROM {table} WHERE {where} ORDER BY {self._order('')}"

    def _where(self) -> str:
        upto = self._reach.last if self._reach is not None else None
        parts = [*self._leading(self._prefix), *self._span(self._prefix, upto), *self._others()]
        return " AND ".join(parts) or "1 = 1"

    def _leading(self, prefix: str) -> list[str]:
        """What the rows of the index that leads must meet, but for their span."""
        wanted = self._wanted
        if self._is_met:
            return [
                f"{column} = {self._param(wanted.leads[column])}" for column in (self._lead, self._beside) if column
            ]
        if self._is_led_by_tag or self._is_sought:
            column = "tag" if self._is_led_by_tag else "led"
            return [f"{prefix}{column} = {self._param(self._value)}", *self._besides()]
        if wanted.order == "NEXT_TO_RUN":
            # What has ended stands in no line. Said so, because `tasks_in_line` has it.
            return ["finished_at IS NULL"]
        if wanted.order == "DEADLINE":
            return ["deadline_at IS NOT NULL"]
        if self._lead is None:
            return []
        column, mark = self._lead, self._param(self._value)
        if self._is_sqlite:
            return [f"{column} = {mark}"]
        # As a range, and in an order that its own index has alone: PostgreSQL would go down all tasks in the hope that some of
        # the newest match.
        return [f"{column} >= {mark}", f"{column} <= {mark}"]

    def _besides(self) -> list[str]:
        """That the row stands in the other index: it is not read for that."""
        if self._beside is None:
            return []
        index = f"tasks_by_{self._beside.removesuffix('_id')}"
        mark = self._param(self._beside_value)
        return [
            f"EXISTS (SELECT 1 FROM tasks AS b INDEXED BY {index} WHERE b.{self._beside} = {mark} AND b.id = g.task_id)"
        ]

    def _span(self, prefix: str, upto: Place | None = None) -> list[str]:
        """From where to where in the list's order; `upto` a place, that one too."""
        wanted = self._wanted
        bounds = []
        # Without these a page of what is old would pass over all that is newer.
        if wanted.created_after is not None:
            bounds.append((">=", ids.first_of(ids.TASK, wanted.created_after - APART_MS)))
        if wanted.created_before is not None:
            bounds.append(("<", ids.first_of(ids.TASK, wanted.created_before + APART_MS)))
        column, is_falling = wanted.sort_column, wanted.order == "NEWEST_FIRST"
        places = [("<" if is_falling else ">", wanted.after), (">=" if is_falling else "<=", upto)]
        if column is None:
            bounds += [(sign, place[1]) for sign, place in places if place is not None]
            # One for each end: SQLite begins at the first that it finds, and passes over all up to the other.
            ends = [_nearest([one for one in bounds if one[0] in signs]) for signs in (("<=", "<"), (">=", ">"))]
            return [f"{prefix}{self._key} {sign} {self._param(value)}" for end in ends for sign, value in end]
        spans = [f"id {sign} {self._param(value)}" for sign, value in bounds]
        for sign, place in places:
            if place is not None:
                spans.append(f"({column}, id) {sign} ({self._param(place[0])}, {self._param(place[1])})")
        return spans

    def _others(self) -> list[str]:
        """All that the list's rows must meet besides."""
        wanted = self._wanted
        parts = [
            self._among("status", wanted.statuses),
            self._among("queue", wanted.queues),
            self._among("function", wanted.functions),
            self._among("priority", wanted.priorities),
            self._among("owner_id", _one(wanted.owner_id)),
            self._among("worker_id", _one(wanted.worker_id)),
        ]
        if wanted.order == "NEXT_TO_RUN" and not wanted.statuses:
            parts.append(f"{self._plain('status')} <> '{TaskStatus.RUNNING}'")
        if wanted.priority_at_least is not None:
            parts.append(f"priority >= {self._param(wanted.priority_at_least)}")
        if wanted.created_after is not None:
            parts.append(f"created_at > {self._param(wanted.created_after)}")
        if wanted.created_before is not None:
            parts.append(f"created_at < {self._param(wanted.created_before)}")
        if wanted.has_deadline is not None:
            parts.append(f"deadline_at IS {'NOT ' if wanted.has_deadline else ''}NULL")
        if wanted.tags and not self._is_led_by_tag:
            parts.append(self._tagged(wanted.tags))
        if wanted.search:
            parts.append(self._has(wanted.search))
        parts += [conditions.sql(one, "args", self._param, is_sqlite=self._is_sqlite) for one in wanted.args]
        return [part for part in parts if part]

    def _among(self, column: str, values: Sequence[Any]) -> str:
        if not values or column in (self._lead, self._beside):
            return ""
        marks = [self._param(value) for value in values]
        plain = self._plain(column)
        return f"{plain} = {marks[0]}" if len(marks) == 1 else f"{plain} IN ({', '.join(marks)})"

    def _plain(self, column: str) -> str:
        """The column; on SQLite so that its own index does not lead."""
        return f"+{column}" if self._is_sqlite else column

    def _tagged(self, tags: Sequence[str]) -> str:
        marks = ", ".join(map(self._param, tags))
        if self._wanted.sort_column is None and len(tags) > 1:
            return f"tasks.id IN (SELECT task_id FROM task_tags WHERE tag IN ({marks}))"
        # OFFSET: asked of each row, not of all that have the tag.
        return (
            f"EXISTS (SELECT 1 FROM task_tags AS g WHERE g.task_id = tasks.id AND g.tag IN ({marks}) LIMIT 1 OFFSET 0)"
        )

    def _has(self, text: str) -> str:
        columns = ("title", "function", "args")
        is_it = f"tasks.id = {self._param(text)}"
        if not self._is_sqlite and text.isascii():
            # Half of what ILIKE takes, which minds the letters of all languages.
            mark = f"{self._param(text.lower())}::text"
            has = [f'strpos(lower({column} COLLATE "C"), {mark}) > 0' for column in columns]
        else:
            escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
            mark, like = self._param(f"%{escaped}%"), "LIKE" if self._is_sqlite else "ILIKE"
            has = [f"{column} {like} {mark} ESCAPE '\\'" for column in columns]
        return f"({' OR '.join(has)} OR {is_it})"

    def _order(self, prefix: str) -> str:
        column = self._wanted.sort_column
        if column is not None:
            return f"{column}, id"
        way = "" if self._wanted.order == "OLDEST_FIRST" else " DESC"
        is_range = not self._is_sqlite and not self._is_met and self._lead not in (None, TAG)
        lead = f"{self._lead}{way}, " if is_range else ""
        return f"{lead}{prefix}{self._key}{way}"

    def _param(self, value: Any) -> str:
        self.args.append(value)
        return f"${len(self.args)}"


def _nearest(bounds: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Of bounds on one end the one that leaves the least, if there is any; of two at one place the one without it."""
    is_lower = any(sign.startswith(">") for sign, _ in bounds)
    return sorted(bounds, key=lambda one: (one[1], (len(one[0]) == 1) == is_lower), reverse=is_lower)[:1]


def _one(value: str | None) -> tuple[str, ...]:
    return () if value is None else (value,)
