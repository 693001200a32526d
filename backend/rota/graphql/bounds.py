"""What one document may ask for: depth, aliases, sign-ins and a number of nodes, as one validation rule.

Everything is added up once for each fragment, so that fragments which spread fragments cost no more than they are long.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from graphql import (
    ASTValidationRule,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    InlineFragmentNode,
    IntValueNode,
    MaxIntrospectionDepthRule,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    is_composite_type,
    is_list_type,
)
from graphql import get_named_type as named_type
from graphql.validation import ASTValidationContext, ValidationContext

from rota.graphql.paging import MOST

MAX_DEPTH = 8
MAX_ALIASES = 15
MAX_TOKENS = 1_000
MAX_SIGN_INS = 1
MAX_NODES = 10_000

SIGN_INS = frozenset({"login", "register", "changePassword"})
# How many a list without `first` is taken to hold: what it usually holds, or the most it may.
USUAL_LENGTHS = {
    "nodes": 1,  # a connection's `first` counts at the connection
    "edges": 1,
    "tasks": 200,
    "attempts": 5,
    "dependsOn": 5,
    "errors": 1,
    "depthByPriority": 10,
    "countsByStatus": 9,
    "metricsHistory": 300,
    "workersChanged": 50,
    "workers": 20,
    "queues": 10,
    "sizes": 100,
}
USUAL_LENGTH = 50


class Shape(NamedTuple):
    """What a selection asks for. `nodes` counts objects, each list at its length."""

    depth: int = 0
    aliases: int = 0
    sign_ins: int = 0
    nodes: int = 0

    def beside(self, other: "Shape") -> "Shape":
        """Both selections together."""
        return Shape(
            max(self.depth, other.depth),
            self.aliases + other.aliases,
            self.sign_ins + other.sign_ins,
            self.nodes + other.nodes,
        )


class LimitsRule(ASTValidationRule):
    """Refuses what asks for too much, in the words of the limit that it breaks first."""

    context: ValidationContext

    def __init__(self, context: ASTValidationContext) -> None:
        super().__init__(context)
        self._known: dict[str, Shape | None] = {}

    def enter_document(self, document: DocumentNode, *_: Any) -> None:
        """Looks at each operation; all of them count, whichever is executed."""
        for definition in document.definitions:
            if isinstance(definition, OperationDefinitionNode):
                parent = self.context.schema.get_root_type(definition.operation)
                self._check(self._shape(definition.selection_set, parent), definition)

    def _check(self, shape: Shape, node: OperationDefinitionNode) -> None:
        for what, value, most in (
            ("is nested {:,} levels deep", shape.depth, MAX_DEPTH),
            ("has {:,} aliases", shape.aliases, MAX_ALIASES),
            ("signs in, registers or changes a password {:,} times", shape.sign_ins, MAX_SIGN_INS),
            ("may give {:,} nodes (a `first` that is a variable counts as 200)", shape.nodes, MAX_NODES),
        ):
            if value > most:
                self.report_error(GraphQLError(f"This operation {what.format(value)}; the most is {most:,}.", node))
                return

    def _shape(self, selected: SelectionSetNode | None, parent: Any) -> Shape:
        total = Shape()
        for selection in selected.selections if selected else ():
            total = total.beside(self._selection(selection, parent))
        return total

    def _selection(self, selection: SelectionNode, parent: Any) -> Shape:
        if isinstance(selection, FieldNode):
            return self._field(selection, parent)
        if isinstance(selection, InlineFragmentNode):
            condition = selection.type_condition
            inner = self.context.schema.get_type(condition.name.value) if condition else parent
            return self._shape(selection.selection_set, inner)
        if isinstance(selection, FragmentSpreadNode):
            return self._fragment(selection.name.value)
        return Shape()

    def _fragment(self, name: str) -> Shape:
        if name not in self._known:
            self._known[name] = None  # a fragment that spreads itself is refused by another rule
            fragment: FragmentDefinitionNode | None = self.context.get_fragment(name)
            if fragment is not None:
                inner = self.context.schema.get_type(fragment.type_condition.name.value)
                self._known[name] = self._shape(fragment.selection_set, inner)
        return self._known[name] or Shape()

    def _field(self, node: FieldNode, parent: Any) -> Shape:
        name = node.name.value
        aliases = 1 if node.alias else 0
        if name in ("__schema", "__type"):
            # Tools ask for all of it at once; MaxIntrospectionDepthRule and the number of tokens bound it.
            return Shape(1, aliases + sum(1 for _ in _aliases(node)), 0, 1)
        sign_ins = 1 if name in SIGN_INS and parent is self.context.schema.mutation_type else 0
        field = parent.fields.get(name) if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType) else None
        inner = self._shape(node.selection_set, named_type(field.type) if field else None)
        is_object = field is not None and is_composite_type(named_type(field.type))
        nodes = _length(node, field) * (1 + inner.nodes) if is_object else inner.nodes
        return Shape(1 + inner.depth, aliases + inner.aliases, sign_ins + inner.sign_ins, nodes)


def _length(node: FieldNode, field: GraphQLField | None) -> int:
    """How many objects the field gives: at most, where it has a `first`; else usually."""
    if field is None:
        return 1
    for argument in node.arguments or ():
        if argument.name.value == "first":
            return min(int(argument.value.value), MOST) if isinstance(argument.value, IntValueNode) else MOST
    if "first" in field.args:
        return int(field.args["first"].default_value or MOST)
    return USUAL_LENGTHS.get(node.name.value, USUAL_LENGTH) if _is_list(field) else 1


def _is_list(field: GraphQLField) -> bool:
    kind = field.type
    while isinstance(kind, GraphQLNonNull):
        kind = kind.of_type
    return is_list_type(kind)


def _aliases(node: FieldNode | InlineFragmentNode) -> Iterator[FieldNode]:
    for selection in node.selection_set.selections if node.selection_set else ():
        if isinstance(selection, FieldNode) and selection.alias:
            yield selection
        if isinstance(selection, FieldNode | InlineFragmentNode):
            yield from _aliases(selection)


RULES = (LimitsRule, MaxIntrospectionDepthRule)
