"""The schema as a whole: exported and fresh, described throughout, and true to what clients rely on."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    build_schema,
    is_introspection_type,
    is_specified_scalar_type,
    print_ast,
    print_type,
)

from rota.domain.states import AttemptOutcome, TaskStatus
from rota.graphql.schema import export, schema
from rota.graphql.types import enums, tasks
from rota.store import models

ROOT = Path(__file__).resolve().parents[3]
CONTRACT = build_schema((Path(__file__).parent / "contract.graphql").read_text())
BUILT = build_schema(export())

# What the contract names and the engine cannot do yet. A name goes from here when it is built.
NOT_BUILT: set[str] = set()


def test_the_export_at_the_root_is_fresh() -> None:
    assert (ROOT / "schema.graphql").read_text() == export(), "schema.graphql is stale: just schema"


def test_everything_is_described() -> None:
    assert {name for name, described in parts(BUILT) if not (described or "").strip()} == set()


def test_the_contract_is_kept() -> None:
    built = signatures(BUILT)
    wanted = signatures(CONTRACT)
    missing = {name for name in wanted if name not in built}
    assert {name for name in missing if owner(name) not in NOT_BUILT} == NOT_BUILT
    assert not {name for name in NOT_BUILT if name in built}, "built by now: take it from the list"
    assert {name: built[name] for name in wanted if name in built} == {
        name: wanted[name] for name in wanted if name in built
    }


def test_the_enums_are_the_domains() -> None:
    for enum in (TaskStatus, AttemptOutcome, enums.Role, enums.WorkerKind, enums.ErrorCode, enums.WaitReason):
        kind = schema._schema.get_type(enum.__name__)
        assert isinstance(kind, GraphQLEnumType)
        assert set(kind.values) == {member.value for member in enum}


def test_the_running_schema_is_the_exported_one() -> None:
    for name, kind in BUILT.type_map.items():
        if not is_introspection_type(kind) and not is_specified_scalar_type(kind):
            running = schema._schema.get_type(name)
            assert running is not None
            assert sorted(print_type(running).split()) == sorted(print_type(kind).split())


def named_types(found: Any) -> list[GraphQLNamedType]:
    return [
        kind
        for kind in found.type_map.values()
        if not is_introspection_type(kind) and not is_specified_scalar_type(kind)
    ]


def parts(found: Any) -> Iterator[tuple[str, str | None]]:
    """Everything that may carry a description, by its name."""
    for kind in named_types(found):
        yield kind.name, kind.description
        if isinstance(kind, GraphQLEnumType):
            for name, value in kind.values.items():
                yield f"{kind.name}.{name}", value.description
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            for name, field in kind.fields.items():
                yield f"{kind.name}.{name}", field.description
                for argument, described in getattr(field, "args", {}).items():
                    yield f"{kind.name}.{name}({argument})", described.description


def signatures(found: Any) -> dict[str, str]:
    """Each name that a client may write, with its type and default."""
    names: dict[str, str] = {}
    for kind in named_types(found):
        names[f"type {kind.name}"] = " ".join(
            [type(kind).__name__, *sorted(interface.name for interface in getattr(kind, "interfaces", ()))]
        )
        if isinstance(kind, GraphQLEnumType):
            names |= {f"value {kind.name}.{name}": "" for name in kind.values}
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            for name, field in kind.fields.items():
                names[f"field {kind.name}.{name}"] = signature(field)
                for argument, described in getattr(field, "args", {}).items():
                    names[f"argument {kind.name}.{name}({argument})"] = signature(described)
    return names


def owner(name: str) -> str:
    """The field of an argument, the type of a field."""
    kind, _, place = name.partition(" ")
    if kind == "argument":
        return f"field {place.partition('(')[0]}"
    return f"type {place.partition('.')[0]}" if kind in ("field", "value") else ""


def signature(field: Any) -> str:
    default = getattr(field, "default", None)
    return str(field.type) if default is None else f"{field.type} = {print_ast(default.literal)}"


def test_each_field_of_a_task_is_made_of_its_row_or_has_a_resolver() -> None:
    definition = tasks.Task.__strawberry_definition__  # type: ignore[attr-defined]
    plain = {field.python_name for field in definition.fields if field.base_resolver is None}
    assert plain - {"id"} == tasks._OF_ROW.keys()
    with pytest.raises(AttributeError, match="colour"):
        tasks.Task.of(models.Task()).colour  # type: ignore[attr-defined]  # noqa: B018
