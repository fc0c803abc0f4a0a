"""PostgreSQL's normal form: the author's text and what the catalogue made of it, brought together.

The catalogue shows every cast that PostgreSQL inserted, IN as ``= ANY (ARRAY[…])``, BETWEEN as two
comparisons, and so on. Here every operator and function is resolved as PostgreSQL does it, each operand
cast to what was found, and then every cast dropped that resolving again would put back: what remains
was asked for, and means something. Both texts come to one form because both are first brought to the
fully cast one; two meanings never share a form because each form resolves to one of those only. Where a
type is not known, casts stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from schemaops.names import Address, Kind, Name
from schemaops.schema.expressions import Expression, Pieces
from schemaops.sql import tree
from schemaops.sql.binding import coercion
from schemaops.sql.binding.coercion import UNKNOWN, PgType, Resolved
from schemaops.sql.binding.postgres_functions import is_of_server
from schemaops.sql.binding.postgres_json import JsonBinder, json_columns
from schemaops.sql.binding.postgres_literals import canonical, decimal, in_fields, is_whole, truth
from schemaops.sql.binding.queries import Bound, Part, QueryBinder, Selected
from schemaops.sql.binding.sources import BoundColumn, Level, Source
from schemaops.sql.binding.terms import (
    ATOM,
    CAST,
    COLLATE,
    COMPARE,
    NOT,
    SIGN,
    TEST,
    Term,
    joined,
    listed,
    within,
)
from schemaops.sql.keywords import words
from schemaops.sql.lexer import Token, TokenKind
from schemaops.sql.names import fold
from schemaops.sql.scope import Callee, Mention, NotUnderstood, ScopeColumn, Wrong
from schemaops.sql.strings import string_literal
from schemaops.sql.tree import Node
from schemaops.sql.types import TypeName, parsed, type_name

__all__ = ["PostgresBinder"]

Resolve = Callable[[tuple[PgType, ...]], Resolved | None]

_LIKES = {
    ("LIKE", False): "~~",
    ("LIKE", True): "!~~",
    ("ILIKE", False): "~~*",
    ("ILIKE", True): "!~~*",
    ("SIMILAR TO", False): "~",
    ("SIMILAR TO", True): "!~",
}
_WORDS = {"~~": "LIKE", "!~~": "NOT LIKE", "~~*": "ILIKE", "!~~*": "NOT ILIKE"}
_OPERATORS_OF_WORDS = {word: operator for operator, word in _WORDS.items()}
_COMPARISONS = frozenset({"=", "<>", "<", ">", "<=", ">=", *_WORDS, "~", "!~", "~*", "!~*"})
_CONSTANTS = {
    "TRUE": "bool",
    "FALSE": "bool",
    "CURRENT_DATE": "date",
    "CURRENT_TIME": "timetz",
    "CURRENT_TIMESTAMP": "timestamptz",
    "LOCALTIME": "time",
    "LOCALTIMESTAMP": "timestamp",
    "CURRENT_USER": "name",
    "SESSION_USER": "name",
    "CURRENT_ROLE": "name",
    "CURRENT_CATALOG": "name",
    "CURRENT_SCHEMA": "name",
}
_SYNONYMS = {"USER": "CURRENT_USER"}
_TRIMS = {"BOTH": "btrim", "LEADING": "ltrim", "TRAILING": "rtrim"}
# Functions whose one result has a name of its own.
_NAMED_RESULTS = {
    "json_array_elements": ("value",),
    "jsonb_array_elements": ("value",),
    "json_array_elements_text": ("value",),
    "jsonb_array_elements_text": ("value",),
    "json_each": ("key", "value"),
    "jsonb_each": ("key", "value"),
    "json_each_text": ("key", "value"),
    "jsonb_each_text": ("key", "value"),
}
# What literals of these types name.
_NAMED_KINDS = {
    "regclass": Kind.TABLE,
    "regconfig": Kind.TEXT_SEARCH_CONFIGURATION,
}
# The configurations of text search that the server brings.
_CONFIGURATIONS = words(
    """
    arabic armenian basque catalan danish dutch english estonian finnish french german greek hindi
    hungarian indonesian irish italian lithuanian nepali norwegian portuguese romanian russian serbian
    simple spanish swedish tamil turkish yiddish
    """
)
_STRINGS = frozenset({"text", "varchar"})
# So many digits a float shows as they are.
_DIGITS = {"float4": 6, "float8": 15}
_IDENTIFIER = re.compile(r'\s*("(?:[^"]|"")+"|[^\s".]+)\s*(\.|\Z)')


class PostgresBinder(QueryBinder):
    """Binds PostgreSQL's expressions and queries."""

    dialect = "postgres"

    # Within a set operation the type of a literal is the other side's to say.
    _in_set = 0

    # -- types

    def column_of(self, column: ScopeColumn) -> BoundColumn:
        """A relation's column as one that can be named, with its type."""
        if column.type is None:
            return BoundColumn(column.at.name, column.at)
        name = parsed(column.type, "postgres")
        row, rows = _of_rows(name)
        kind = _known(name)
        return BoundColumn(column.at.name, column.at, kind, name.arguments, row=row, rows=rows)

    def known(self, name: TypeName) -> PgType | None:
        """The type that a name stands for, None where its values are not known."""
        return _known(name)

    def type_in(self, written: Expression) -> PgType | None:
        """The type that a column's stands for; a domain's values are not known."""
        return _known(parsed(written, "postgres"))

    def type_read(self, found: tuple[Token, ...]) -> TypeName:
        """The type that tokens spell, noted where it is the schema's."""
        name, _ = type_name(found, 0, "postgres", self.scope)
        if isinstance(name.base, Address):
            end = 0
            while end + 2 < len(found) and found[end + 1].text == ".":
                end += 2
            path = tuple(t for t in found[: end + 1] if t.kind is not TokenKind.SYMBOL)
            self.refer(path, name.base)
        return name

    def assigned(self, term: Term, target: Expression | None) -> Term:
        """A value for a column of type `target`, without the casts that come with assigning it."""
        kind = None if target is None else self.type_in(target)
        if kind is None:
            return term
        if str(target) == term.type == "interval" and term.literal is not None:
            # Where the column is of all fields, the literal's own are forgotten.
            term = term.inner if term.limit and term.inner is not None else term

        def resolve(kinds: tuple[PgType, ...]) -> Resolved | None:
            assert kind is not None
            return Resolved((kind,), kind) if coercion.can_assign(kinds[0], kind) else None

        return self.settle([term], resolve)[0][0]

    def settle(
        self, terms: Sequence[Term], resolve: Resolve, fixed: Sequence[int] = ()
    ) -> tuple[list[Term], PgType | None]:
        """Cast terms to what `resolve` finds for them; drop every cast that it would put back.

        Returns the terms and the result's type. Those at the places in `fixed` stay as they are.
        """
        kinds = [term.type for term in terms]
        if None in kinds:
            return list(terms), None
        found = resolve(tuple(kind for kind in kinds if kind is not None))
        if found is None:
            return list(terms), None
        cast = [
            term if place in fixed else self.reaching(term, found, place)
            for place, term in enumerate(terms)
        ]
        settled = [*cast]
        places = [place for place in range(len(cast)) if place not in fixed]
        # Literals first, so that what they are compared with decides their type.
        places.sort(key=lambda place: cast[place].literal is None)
        for place in places:
            while (bare := settled[place].inner) is not None and not settled[place].modifiers:
                trial = [*settled]
                trial[place] = bare
                if not self.restores(trial, resolve, found, cast):
                    break
                settled = trial
        return settled, found.result

    def restores(
        self, trial: list[Term], resolve: Resolve, wanted: Resolved, cast: list[Term]
    ) -> bool:
        """Whether terms with a cast less are cast to what was there with it, one like the other."""
        kinds = tuple(term.type for term in trial if term.type is not None)
        found = resolve(kinds) if len(kinds) == len(trial) else None
        if found is None or (found.targets, found.result) != (wanted.targets, wanted.result):
            return False
        return all(
            self.reaching(term, found, place).pieces == cast[place].pieces
            for place, term in enumerate(trial)
            if term is not cast[place]
        )

    def reaching(self, term: Term, found: Resolved, place: int) -> Term:
        """A term cast to what was found for its place, by the types on the way."""
        if found.through is not None and place:
            term = self.coerced(term, found.through)
        return self.coerced(term, found.targets[place])

    def coerced(self, term: Term, target: PgType) -> Term:
        """A term cast to a type, if it is of another."""
        return term if term.type == target else self.cast_to(term, TypeName(""), target)

    def cast_to(self, term: Term, name: TypeName, kind: PgType | None) -> Term:
        """A term cast to a type; `name` spells it where it has a length or the like."""
        modifiers = name.arguments or ((name.base,) if _is_limited(name) else ())
        if kind is None:
            pieces = joined(within(term, CAST), "::", name.pieces())
            return Term(pieces, CAST, None, inner=term, modifiers=("?",))
        assert isinstance(modifiers, tuple)
        shown = name.pieces() if modifiers else coercion.spelled(kind)
        if term.literal is not None and term.inner is None and term.type == UNKNOWN:
            return self.literal(term, kind, shown, modifiers)
        if term.type == kind and (not modifiers or modifiers == term.limit):
            return term
        if term.type == kind and not term.modifiers and term.inner is not None and term.inner.null:
            return self.cast_to(term.inner, name, kind)
        if term.literal is not None and not term.modifiers and term.inner is not None:
            # A literal that was given its type before its length, or text as a varchar.
            if term.type == kind or (not modifiers and {term.type, kind} <= _STRINGS):
                return self.literal(term.inner, kind, shown, modifiers)
        element = coercion.element_of(kind)
        if term.items and element is not None:
            # Casting an array that is written out casts its items.
            inner = coercion.element_of(term.type)
            items = [i if inner is None else self.coerced(i, inner) for i in term.items]
            return self.array_of([self.coerced(item, element) for item in items])
        if term.collated is not None and coercion.category(kind) == "S":
            name_of = str(term.pieces[-1]).rpartition(" COLLATE ")[2]
            return self.collated(self.cast_to(term.collated, name, kind), name_of)
        pieces = joined(within(term, CAST), "::", shown)
        limits = tuple(map(str, modifiers))
        return Term(pieces, CAST, kind, None, term, limits, limit=limits)

    def literal(
        self, term: Term, kind: PgType, shown: Pieces, modifiers: tuple[object, ...]
    ) -> Term:
        """A string literal read as a type's value."""
        value = term.literal
        assert value is not None
        if isinstance(kind, str):
            if kind == "bool" and (meant := truth(value)) is not None:
                return Term(("TRUE" if meant else "FALSE",), type="bool")
            if kind in {"int2", "int4", "int8", "numeric", "float4", "float8"}:
                digits = decimal(value)
                whole = kind.startswith("int")
                if digits is not None and kind.startswith("float"):
                    digits = digits.rstrip("0").rstrip(".") if "." in digits else digits
                    self.unspelled |= len(digits.strip("-0.").replace(".", "")) > _DIGITS[kind]
                if digits is not None and not (whole and ("." in digits or "e" in value.lower())):
                    number = self.number(digits)
                    if not modifiers:
                        return self.coerced(number, kind)
                    said = tuple(map(str, modifiers))
                    pieces = joined(within(number, CAST), "::", shown)
                    return Term(pieces, CAST, kind, None, number, said, limit=said)
            limits = [m for m in modifiers if str(m).startswith("interval ")]
            if limits and (named := in_fields(value, str(limits[0]))) is not None:
                term = Term((string_literal(named),), ATOM, UNKNOWN, named)
                return self.literal(term, kind, shown, modifiers)
            known = canonical(value, kind)
            if known is None:
                self.unspelled = True
            else:
                value = known
            if kind == "interval" and not all(is_whole(value, str(m)) for m in modifiers):
                self.unspelled = True
            if kind in _NAMED_KINDS:
                term = self.object_named(term, value, _NAMED_KINDS[kind])
        if value != term.literal:
            term = Term((string_literal(value),), ATOM, UNKNOWN, value)
        pieces = joined(term, "::", shown)
        said = tuple(map(str, modifiers))
        return Term(pieces, CAST, kind, value, term, said, limit=said)

    def object_named(self, term: Term, value: str, kind: Kind) -> Term:
        """A literal that names a sequence or relation, or an object of another kind, with a hole for
        it."""
        path: list[tuple[Name, int, int]] = []
        at = 0
        while at < len(value):
            found = _IDENTIFIER.match(value, at)
            if found is None:
                return term
            path.append((fold(found[1], "postgres", Kind.TABLE), found.start(1), found.end(1)))
            at = found.end()
        names = tuple(name for name, _, _ in path)
        resolver = self.scope.resolver
        if kind is Kind.TABLE:
            target = resolver.sequence(names)
            if target is None:
                relation = resolver.relation(names)
                target = None if relation is None else relation.at
            if target is None:
                return term
            self.relations.add(target)
        else:
            target = resolver.sundry(names, kind)
            if target is None:
                bare = names[1:] if names[0] == "pg_catalog" else names
                self.unspelled |= len(bare) > 1 or bare[0] not in _CONFIGURATIONS
                return replace(term, pieces=(string_literal(bare[-1]),))
        token = term.token
        if token is not None and token.text == string_literal(value):
            start = token.start + 1
            self.holes.append((start + path[0][1], start + path[-1][2], target))
            self.mentions.append(Mention(start + path[-1][1], start + path[-1][2], target))
        return replace(term, pieces=("'", target, "'"))

    # -- literals and constants

    def number(self, text: str) -> Term:
        """A number, of the type that its digits give it."""
        plain = text.replace("_", "").lower()
        sign = "-" if plain.startswith("-") else ""
        digits = plain.removeprefix("-")
        if digits[:2] in {"0x", "0o", "0b"}:
            digits = str(int(digits, 0))
        is_numeric = "." in digits or "e" in digits
        digits = decimal(digits) or digits
        value = sign + digits if digits.strip("0.") else digits
        level = SIGN if value.startswith("-") else ATOM
        kind = "numeric"
        if "." not in value and abs(int(value)) < 1 << 63:
            kind = "int4" if -(1 << 31) <= int(value) < 1 << 31 else "int8"
        term = Term((value,), level, kind)
        # Without a point it would read as an integer.
        return self.coerced(term, "numeric") if is_numeric and kind != "numeric" else term

    def string(self, node: tree.String) -> Term:
        """A string literal, of no type yet."""
        return Term((string_literal(node.value),), ATOM, UNKNOWN, node.value, token=node.token)

    def constant(self, node: tree.Constant) -> Term:
        """NULL, TRUE, CURRENT_DATE and their like."""
        text = node.text
        if text[0] in "xXbB" and text[1:2] == "'":
            digits = text[2:-1]
            if text[0] in "xX":
                digits = "".join(f"{int(digit, 16):04b}" for digit in digits)
            return self.literal(
                Term((string_literal(digits),), ATOM, UNKNOWN, digits), "bit", ('"bit"',), ()
            )
        if text == "NULL":
            return Term(("NULL",), type=UNKNOWN, null=True)
        if text[0] == "$" and text[1:].isdigit() and 0 < int(text[1:]) <= len(self.scope.taken):
            return self.parameter(int(text[1:]) - 1)
        text = _SYNONYMS.get(text, text)
        return Term((text,), type=_CONSTANTS.get(text))

    def parameter(self, place: int) -> Term:
        """What a function takes at a place, which goes by its name where it has one."""
        name, written = self.scope.taken[place]
        kind = parsed(written, "postgres")
        row, rows = _of_rows(kind)
        shown = f"${place + 1}" if name is None else self.quoted(name)
        return Term((shown,), type=_known(kind), row=row, rows=rows)

    def called_so(self, name: Name) -> Term | None:
        """What a function takes by that name."""
        for place, (one, _) in enumerate(self.scope.taken):
            if one == name:
                return self.parameter(place)
        return None

    def not_a_column(self, parts: tuple[Token, ...], name: Name, level: Level) -> Term:
        """What a bare name is that is no column's."""
        taken = self.called_so(name)
        return super().not_a_column(parts, name, level) if taken is None else taken

    def qualified(self, parts: tuple[Token, ...], level: Level) -> Term:
        """Bind `source.column`, or `function.parameter`."""
        of = self.folded(parts[-2], Kind.TABLE)
        if len(parts) == 2 and of == self.scope.called and level.named(of) is None:
            taken = self.called_so(self.folded(parts[-1]))
            if taken is not None:
                return taken
        return super().qualified(parts, level)

    def condition(self, node: Node, level: Level) -> Term:
        """Bind an expression where a truth value is wanted."""
        return self.settle([self.bind(node, level)], _one("bool"))[0][0]

    # -- operators

    def unary(self, node: tree.Unary, level: Level) -> Term:
        """A prefix operator."""
        if node.operator == "NOT":
            return self.negated(self.condition(node.operand, level))
        operand = self.bind(node.operand, level)
        (operand,), kind = self.settle(
            [operand], lambda kinds: coercion.operator(node.operator, kinds)
        )
        return Term(joined(node.operator, within(operand, ATOM)), SIGN, kind)

    def negated(self, term: Term) -> Term:
        """NOT before a condition."""
        return Term(joined("NOT ", within(term, NOT)), NOT, "bool")

    def binary(self, node: tree.Binary, level: Level) -> Term:
        """An infix operator."""
        rows = _as_rows(node.left, node.right)
        if rows is not None:
            ones, others = (self.all(row, level) for row in rows)
            return self.rows_compared(node.operator, ones, others)
        if node.operator in {"IS DISTINCT FROM", "IS NOT DISTINCT FROM"}:
            for one, other in ((node.left, node.right), (node.right, node.left)):
                if other == tree.Constant("NULL"):
                    negated = node.operator == "IS DISTINCT FROM"
                    return self.is_test(tree.Is(one, "NULL", negated), level)
        left, right = self.bind(node.left, level), self.bind(node.right, level)
        if node.operator == "IS NOT DISTINCT FROM":
            return self.negated(self.infix("IS DISTINCT FROM", left, right))
        return self.infix(node.operator, left, right)

    def rows_compared(self, operator: str, left: list[Term], right: list[Term]) -> Term:
        """Two rows compared: by their fields where = or <> is asked."""
        pairs = zip(left, right, strict=True)
        if operator in {"=", "<>"}:
            terms = [self.infix(operator, one, other) for one, other in pairs]
            return self.chain("AND" if operator == "=" else "OR", terms).typed("bool")
        if operator in {"IS DISTINCT FROM", "IS NOT DISTINCT FROM"}:
            terms = [self.infix("IS DISTINCT FROM", one, other) for one, other in pairs]
            apart = self.chain("OR", terms).typed("bool")
            return apart if operator == "IS DISTINCT FROM" else self.negated(apart)
        settled = [self.operands(operator, one, other)[0] for one, other in pairs]
        ones = joined("ROW(", listed([pair[0] for pair in settled]), ")")
        others = joined("ROW(", listed([pair[1] for pair in settled]), ")")
        return Term(joined(ones, f" {operator} ", others), COMPARE, "bool")

    def operands(self, operator: str, left: Term, right: Term) -> tuple[list[Term], PgType | None]:
        """The operands of an operator, settled."""
        name = "=" if operator in {"IS DISTINCT FROM", "NULLIF"} else operator
        return self.settle([left, right], lambda kinds: coercion.operator(name, kinds))

    def infix(self, operator: str, left: Term, right: Term) -> Term:
        """Two terms with an operator between them."""
        (left, right), kind = self.operands(operator, left, right)
        if operator in _COMPARISONS or operator == "IS DISTINCT FROM":
            kind = "bool"
        word = _WORDS.get(operator)
        if word is not None:
            parts = joined(within(left, TEST + 1), f" {word} ", within(right, TEST + 1))
            return Term(parts, TEST, kind)
        return super().infix(operator, left, right).typed(kind)

    def chain(self, operator: str, terms: Sequence[Term]) -> Term:  # type: ignore[override]
        """AND or OR between terms; one term stands alone."""
        return terms[0] if len(terms) == 1 else super().chain(operator, terms).typed("bool")

    def like(self, node: tree.Like, level: Level) -> Term:
        """LIKE and its like, which are operators."""
        left, right = self.bind(node.left, level), self.bind(node.right, level)
        operator = _LIKES[node.operator, node.negated]
        similar = node.operator == "SIMILAR TO"
        if similar or node.escape is not None:
            arguments = [right]
            if node.escape is not None:
                arguments.append(self.bind(node.escape, level))
            name = "similar_to_escape" if similar else "like_escape"
            right = self.function(name, arguments)
        return self.infix(operator, left, right)

    def between(self, node: tree.Between, level: Level) -> Term:
        """BETWEEN, which is two comparisons."""
        operand, low, high = self.all((node.operand, node.low, node.high), level)
        inside = self.outside if node.negated else self.inside
        if not node.symmetric:
            return inside(operand, low, high)
        both = [inside(operand, low, high), inside(operand, high, low)]
        return self.chain("AND" if node.negated else "OR", both)

    def inside(self, operand: Term, low: Term, high: Term) -> Term:
        """A value between two others."""
        return self.chain("AND", [self.infix(">=", operand, low), self.infix("<=", operand, high)])

    def outside(self, operand: Term, low: Term, high: Term) -> Term:
        """A value not between two others."""
        return self.chain("OR", [self.infix("<", operand, low), self.infix(">", operand, high)])

    def within_list(self, node: tree.In, level: Level) -> Term:
        """IN: a list of constants is one test, each other item a comparison of its own."""
        if node.query is not None:
            term = self.in_query(node.operand, node.query, level)
            return self.negated(term) if node.negated else term
        if isinstance(node.operand, tree.Row):
            return self.in_rows(node, node.operand, level)
        operand = self.bind(node.operand, level)
        constant = [i for i, item in enumerate(node.items) if not _has_columns(item)]
        items = self.all(node.items, level)
        operator = "<>" if node.negated else "="
        terms = []
        rest: Sequence[int] = range(len(items))
        kinds = [operand.type, *(items[i].type for i in constant)]
        # There are no arrays of arrays, nor of what has no one type: then there is no list.
        common = coercion.common_type(kinds)
        is_list = None in kinds or (common is not None and coercion.element_of(common) is None)
        if len(constant) > 1 and is_list:
            known = set(constant)
            terms.append(self.in_list(operand, [items[i] for i in constant], negated=node.negated))
            rest = [i for i in range(len(items)) if i not in known]
        terms += [self.infix(operator, operand, items[i]) for i in rest]
        return self.chain("AND" if node.negated else "OR", terms)

    def in_rows(self, node: tree.In, operand: tree.Row, level: Level) -> Term:
        """IN between rows: each a comparison."""
        left = self.all(operand.items, level)
        terms = []
        for item in node.items:
            if not isinstance(item, tree.Row) or len(item.items) != len(left):
                return super().within_list(node, level)
            operator = "<>" if node.negated else "="
            terms.append(self.rows_compared(operator, left, self.all(item.items, level)))
        return self.chain("AND" if node.negated else "OR", terms)

    def in_query(self, node: Node, query: tree.Query, level: Level) -> Term:
        """IN (query)."""
        items = node.items if isinstance(node, tree.Row) else (node,)
        operands = self.all(items, level)
        pieces, outputs = self.subquery(query, level)
        if len(outputs) == len(operands):
            kinds = [output.type for output in outputs]
            operands = [
                self.against(one, "=", kind) for one, kind in zip(operands, kinds, strict=True)
            ]
        left = within(operands[0], TEST + 1)
        if isinstance(node, tree.Row):
            left = joined("ROW(", listed(operands), ")")
        return Term(joined(left, " IN (", pieces, ")"), TEST, "bool")

    def against(self, operand: Term, operator: str, other: PgType | None) -> Term:
        """An operand settled against a value that takes no casts."""
        fixed = Term((), type=other)
        resolve: Resolve = lambda kinds: coercion.operator(operator, kinds)  # noqa: E731
        return self.settle([operand, fixed], resolve, fixed=(1,))[0][0]

    def in_list(self, operand: Term, items: list[Term], *, negated: bool) -> Term:
        """A value tested against constants, of one type with it."""
        terms, _ = self.settle([operand, *items], _resolve_in)
        return self.listed_in(terms, negated=negated)

    def listed_in(self, terms: list[Term], *, negated: bool) -> Term:
        word = " NOT IN (" if negated else " IN ("
        return Term(joined(within(terms[0], TEST + 1), word, listed(terms[1:]), ")"), TEST, "bool")

    def quantified(self, node: tree.Quantified, level: Level) -> Term:
        """A comparison with any or all of an array or query; IN where it says the same."""
        operator = _OPERATORS_OF_WORDS.get(node.operator, node.operator)
        is_in = (operator, node.quantifier) in {("=", "ANY"), ("<>", "ALL")}
        if isinstance(node.right, tree.Query) and (operator, node.quantifier) == ("=", "ANY"):
            return self.in_query(node.left, node.right, level)
        operand = self.bind(node.left, level)
        if isinstance(node.right, tree.Query):
            pieces, outputs = self.subquery(node.right, level)
            if len(outputs) == 1:
                operand = self.against(operand, operator, outputs[0].type)
        else:
            right = self.bind(node.right, level)
            if right.items and is_in:
                return self.in_array(operator, operand, [*right.items], node.quantifier)
            (operand, right), _ = self.settle([operand, right], _resolve_any(operator))
            pieces = right.pieces
        word = _WORDS.get(operator, operator)
        parts = joined(within(operand, TEST + 1), f" {word} {node.quantifier} (", pieces, ")")
        return Term(parts, TEST, "bool")

    def in_array(self, operator: str, operand: Term, items: list[Term], quantifier: str) -> Term:
        """A value tested against the items of an array: IN, if that resolves alike."""
        negated = operator == "<>"

        def of_array(kinds: tuple[PgType, ...]) -> Resolved | None:
            common = coercion.common_type(kinds[1:])
            found = common and coercion.operator(operator, (kinds[0], common))
            if not found:
                return None
            left, right = found.targets
            return Resolved((left, *[right] * (len(kinds) - 1)), "bool", common)

        kinds = [term.type for term in (operand, *items)]
        known = tuple(kind for kind in kinds if kind is not None)
        found = of_array(known) if len(known) == len(kinds) else None
        if found is None:
            parts = joined(within(operand, TEST + 1), f" {operator} {quantifier} (ARRAY[")
            return Term(joined(parts, listed(items), "])"), TEST, "bool")
        cast = [self.reaching(t, found, place) for place, t in enumerate((operand, *items))]
        if len(items) == 1:
            return self.infix(operator, *cast)
        for first in (cast[0], cast[0].inner):
            if first is not None and self.lists([first, *cast[1:]], cast):
                return self.in_list(first, cast[1:], negated=negated)
        terms, _ = self.settle(cast, of_array)
        parts = joined(within(terms[0], TEST + 1), f" {operator} {quantifier} (ARRAY[")
        return Term(joined(parts, listed(terms[1:]), "])"), TEST, "bool")

    def lists(self, terms: list[Term], cast: list[Term]) -> bool:
        """Whether IN between terms comes to the same casts."""
        kinds = tuple(term.type for term in terms if term.type is not None)
        found = _resolve_in(kinds) if len(kinds) == len(terms) else None
        return found is not None and all(
            self.reaching(term, found, place).pieces == cast[place].pieces
            for place, term in enumerate(terms)
        )

    def is_test(self, node: tree.Is, level: Level) -> Term:
        """IS NULL, IS TRUE and their like."""
        if node.what in {"TRUE", "FALSE", "UNKNOWN"}:
            operand = self.condition(node.operand, level)
        else:
            operand = self.texted(self.bind(node.operand, level))
        if node.what.startswith("JSON") or node.what.endswith("NORMALIZED"):
            if operand.type is not None and coercion.category(operand.type) == "S":
                operand = self.coerced(operand, "text")
            what = "JSON".join(node.what.split("JSON VALUE"))
            term = self.is_what(operand, what, negated=False).typed("bool")
            return self.negated(term) if node.negated else term
        return self.is_what(operand, node.what, negated=node.negated).typed("bool")

    # -- other forms

    def case(self, node: tree.Case, level: Level) -> Term:
        """CASE; ELSE NULL goes without saying."""
        parts: list[str | Pieces] = ["CASE"]
        operand = None
        if node.operand is not None:
            operand = self.texted(self.bind(node.operand, level))
            parts += [" ", operand.pieces]
        tests = []
        for test, _ in node.whens:
            if operand is None:
                tests.append(self.condition(test, level))
            else:
                fixed = Term((), type=operand.type)
                resolve: Resolve = lambda kinds: coercion.operator("=", kinds)  # noqa: E731
                settled, _ = self.settle([fixed, self.bind(test, level)], resolve, fixed=(0,))
                tests.append(settled[1])
        otherwise: Node = node.otherwise or tree.Constant("NULL")
        values = self.all((otherwise, *(value for _, value in node.whens)), level)
        limit = _common_limit(values)
        (last, *results), kind = self.settle(values, _resolve_common)
        for condition, result in zip(tests, results, strict=True):
            parts += [" WHEN ", condition.pieces, " THEN ", result.pieces]
        if not last.null:
            parts += [" ELSE ", last.pieces]
        return Term(joined(*parts, " END"), type=kind, limit=limit)

    def texted(self, term: Term) -> Term:
        """A term with text in place of the type unknown, where nothing else gives it one."""

        def resolve(kinds: tuple[PgType, ...]) -> Resolved | None:
            kind = "text" if kinds[0] == UNKNOWN else kinds[0]
            return Resolved((kind,), kind)

        (settled,), kind = self.settle([term], resolve)
        return settled if kind != "text" else settled.typed("text")

    def cast(self, node: tree.Cast, level: Level) -> Term:
        """A cast that was asked for."""
        name = self.type_read(node.type)
        operand = self.bind(node.operand, level)
        kind = _known(name)
        element = coercion.element_of(kind)
        if operand.items and element is not None:
            # Each item is cast at once, whatever type the array would have had.
            inside = replace(name, array=False)
            return self.array_of([self.cast_to(i, inside, element) for i in operand.items])
        if operand.type and kind and not coercion.can_cast(operand.type, kind):
            raise NotUnderstood("there is no such cast, but perhaps one that was made")
        row, rows = _of_rows(name)
        if isinstance(node.operand, tree.Star) and kind is None:
            return operand  # a whole row, of which a view tells the type
        if isinstance(node.operand, tree.Row) and row is not None:
            operand = self.row_of(row, self.all(node.operand.items, level))
        return replace(self.cast_to(operand, name, kind), row=row, rows=rows)

    def row_of(self, at: Address, items: list[Term]) -> Term:
        """A row that is written out, each value of the type of its attribute."""
        attributes = self.scope.resolver.attributes(at)
        if len(attributes) != len(items):
            raise NotUnderstood("a row of another type")
        cast = []
        for item, (_, written) in zip(items, attributes, strict=True):
            name = parsed(written, "postgres")
            cast.append(self.cast_to(item, name, _known(name)))
        return Term(joined("ROW(", listed(cast), ")"))

    def field(self, node: tree.Field, level: Level) -> Term:
        """A field of a composite value; of a source's row it is a column."""
        inner = node.operand
        if node.name is not None and isinstance(inner, tree.Column) and len(inner.parts) == 1:
            if self.seen(inner, level) is None and level.named(self.folded(inner.parts[0])):
                return self.column(tree.Column((*inner.parts, node.name)), level)
        term = super().field(node, level)
        operand = self.bind(inner, level)
        found = None
        if node.name is not None and operand.row is not None:
            name = self.folded(node.name)
            found = dict(self.scope.resolver.attributes(operand.row)).get(name)
        if found is None:
            self.unspelled = True
            return term
        kind = parsed(found, "postgres")
        row, rows = _of_rows(kind)
        return replace(term, type=_known(kind), limit=kind.arguments, row=row, rows=rows)

    def type_pieces(self, found: tuple[Token, ...]) -> Pieces:
        """A type as it stands in the normal form."""
        return self.type_read(found).pieces()

    def array(self, node: tree.Array, level: Level) -> Term:
        """ARRAY[…] or ARRAY(query)."""
        if node.query is not None:
            pieces, outputs = self.subquery(node.query, level)
            kind = coercion.array_of(outputs[0].type) if outputs else None
            return Term(joined("ARRAY(", pieces, ")"), type=kind)
        return self.array_of(self.all(node.items, level))

    def array_of(self, items: list[Term]) -> Term:
        """An array of items of one type."""
        shown, kind = self.settle(items, _resolve_common) if items else (items, None)
        pieces = joined("ARRAY[", listed(shown), "]")
        return Term(pieces, type=coercion.array_of(kind), items=tuple(items))

    def row(self, node: tree.Row, level: Level) -> Term:
        """A row of values."""
        return Term(joined("ROW(", listed(self.all(node.items, level)), ")"), type="record")

    def subscript(self, node: tree.Subscript, level: Level) -> Term:
        """An element or a part of an array, or a value of a jsonb."""
        operand = self.bind(node.operand, level)
        is_json = operand.type == "jsonb"
        bounds = []
        for bound in (node.low, node.high):
            term = None if bound is None else self.bind(bound, level)
            if term is not None:
                number = term.type != UNKNOWN and not is_json
                term = self.settle([term], _one("int4"))[0][0] if number else self.texted(term)
            bounds.append(joined(term) if term is not None else ())
        index = joined(bounds[0], ":", bounds[1]) if node.slice else bounds[0]
        kind = operand.type if node.slice or is_json else coercion.element_of(operand.type)
        row = None if node.slice else operand.rows
        return Term(joined(within(operand, ATOM), "[", index, "]"), type=kind, row=row)

    def collate(self, node: tree.Collate, level: Level) -> Term:
        """COLLATE, of a string."""
        operand = self.bind(node.operand, level)
        path = [self.folded(part) for part in node.name]
        if len(path) == 2 and path[0] == "pg_catalog":
            del path[0]
        return self.collated(operand, ".".join(map(self.quoted, path)))

    def collated(self, operand: Term, name: str) -> Term:
        """A string with a collation; a cast of it is one of the string."""
        operand = operand.collated or operand
        inner = operand.inner
        return Term(
            joined(within(operand, COLLATE), f" COLLATE {name}"),
            COLLATE,
            operand.type,
            inner=None if inner is None or operand.modifiers else self.collated(inner, name),
            collated=operand,
            limit=operand.limit,
        )

    def at_zone(self, node: tree.AtZone, level: Level) -> Term:
        """AT TIME ZONE, which is the function timezone."""
        operand = self.bind(node.operand, level)
        if node.zone is None:
            return self.function("timezone", [operand])
        return self.function("timezone", [self.bind(node.zone, level), operand])

    # -- functions

    def function_name(self, path: tuple[Token, ...]) -> str:
        """A function's name; the schema of its own functions and the default one go unsaid."""
        names = [self.folded(part) for part in path]
        if len(names) == 2 and (
            names[0] == "pg_catalog"
            or (names[0] in self.scope.search_path and not coercion.is_function(names[1]))
        ):
            del names[0]
        if len(names) == 1 and coercion.is_function(names[0]):
            return str(names[0])
        return ".".join(map(self.quoted, names))

    def call(self, node: tree.Call, level: Level) -> Term:
        """A call, its arguments cast to what the function takes."""
        name = self.function_name(node.name)
        plain = self.folded(node.name[-1])
        if node.within and "." not in name:
            return self.ordered_set(name, node, level)
        arguments = self.all(node.arguments, level)
        kind: PgType | None = None
        quoted = node.name[-1].kind is TokenKind.QUOTED
        if "." not in name and not quoted:
            if plain in {"coalesce", "greatest", "least"}:
                limit = _common_limit(arguments)
                arguments, kind = self.settle(arguments, _resolve_common)
                call = joined(plain.upper(), "(", listed(arguments), ")")
                return Term(call, type=kind, limit=limit)
            if plain == "nullif" and len(arguments) == 2:
                limit = arguments[0].limit
                kinds = tuple(a.type for a in arguments if a.type is not None)
                found = coercion.operator("=", kinds) if len(kinds) == 2 else None
                arguments, _ = self.operands("NULLIF", *arguments)
                kind = None if found is None else found.targets[0]
                return Term(joined("NULLIF(", listed(arguments), ")"), type=kind, limit=limit)
            if plain.upper() in _CONSTANTS:
                value = joined(plain.upper(), "(", listed(arguments), ")")
                return Term(value, type=_CONSTANTS[plain.upper()])
        if len(arguments) == 1 and coercion.is_cast_call(name, arguments[0].type):
            return self.cast_to(arguments[0], TypeName(""), name)
        named = any(isinstance(argument, tree.Named) for argument in node.arguments)
        if "." not in name and not named and not node.variadic:
            arguments, kind = self.settle(arguments, lambda kinds: coercion.function(plain, kinds))
        own = self.own_function(node.name)
        if own is not None:
            if not named and not node.variadic:
                arguments, _ = self.settle(arguments, self.taking(own))
            # What has columns of its own is of no type that one column could have.
            is_value = own.gives is not None and not own.shows
            kind = self.type_in(own.gives) if own.gives is not None and is_value else None
            kind = None if kind == "record" else kind
        called = self.called(name if own is None else (own.at,), arguments, node, level)
        row = None
        if own is not None and own.gives is not None and not own.shows:
            row, _ = _of_rows(parsed(own.gives, "postgres"))
        return replace(called, type=kind, row=row)

    def own_function(self, path: tuple[Token, ...]) -> Callee | None:
        """The function of the schema that is called, None for any other."""
        names = tuple(map(self.folded, path))
        if len(names) == 1 and coercion.is_function(names[0]):
            return None
        found = self.scope.resolver.function(names)
        if found is not None:
            self.refer(path, found.at)
        elif not is_of_server(names[-1]) and self.scope.resolver.lacks_function(names):
            self.problem(Wrong.FUNCTION, path)
        return found

    def taking(self, own: Callee) -> Resolve:
        """What casts arguments to the types that a function of the schema takes."""

        def resolve(kinds: tuple[PgType, ...]) -> Resolved | None:
            if own.taken is None or own.gives is None or len(kinds) > len(own.taken):
                return None
            targets: list[PgType] = []
            for kind, wanted in zip(kinds, own.taken, strict=False):
                target = self.type_in(wanted)
                if target is None or not coercion.can_coerce(kind, target):
                    return None
                targets.append(target)
            return Resolved(tuple(targets), self.type_in(own.gives) or UNKNOWN)

        return resolve

    def ordered_set(self, name: str, node: tree.Call, level: Level) -> Term:
        """An aggregate over ordered rows: what they are ordered by are arguments too."""
        given = self.all(node.arguments, level)
        ordered = [self.bind(sort.value, level) for sort in node.within]
        settled, kind = self.settle(
            [*given, *ordered], lambda kinds: coercion.function(name, kinds)
        )
        keys = [
            self.sorted(sort, value)
            for sort, value in zip(node.within, settled[len(given) :], strict=True)
        ]
        call = joined(name, "(", listed(settled[: len(given)]), ")")
        call = joined(call, " WITHIN GROUP (ORDER BY ", listed(keys), ")")
        if node.where is not None:
            call = joined(call, " FILTER (WHERE ", self.condition(node.where, level), ")")
        return Term(call, type=kind)

    def function(self, name: str, arguments: list[Term]) -> Term:
        """A call of one of PostgreSQL's own functions."""
        arguments, kind = self.settle(arguments, lambda kinds: coercion.function(name, kinds))
        return Term(joined(name, "(", listed(arguments), ")"), type=kind)

    def special(self, node: tree.Special, level: Level) -> Term:
        """A function with words between its arguments, as the call that it is."""
        parts = [part if isinstance(part, str) else self.bind(part, level) for part in node.parts]
        terms = [part for part in parts if isinstance(part, Term)]
        match node.name:
            case "EXTRACT":
                field = str(parts[0])
                return self.function(
                    "extract", [Term((string_literal(field),), ATOM, UNKNOWN, field), *terms]
                )
            case "POSITION":
                return self.function("position", [terms[1], terms[0]])
            case "TRIM":
                return self.function(_TRIMS[str(parts[0])], [terms[-1], *terms[:-1]])
            case "NORMALIZE":
                operand = self.settle(terms, _one("text"))[0][0]
                return Term(joined("NORMALIZE(", listed([operand, *parts[1:]]), ")"), type="text")
            case "OVERLAY":
                return self.function("overlay", terms)
            case "COLLATION FOR":
                return Term(joined("pg_collation_for(", listed(terms), ")"), type="text")
            case "SUBSTRING":
                words = parts[1::2]
                if words in (["FROM"], ["FROM", "FOR"], ["SIMILAR", "ESCAPE"]):
                    return self.function("substring", terms)
                if words == ["FOR"]:
                    return self.function("substring", [terms[0], self.number("1"), terms[1]])
                if words == ["FOR", "FROM"]:
                    return self.function("substring", [terms[0], terms[2], terms[1]])
        return super().special(node, level)

    def json(self, node: tree.Json, level: Level) -> Term:
        """One of SQL's own functions of JSON."""
        return JsonBinder(self).bound(node, level)

    # -- queries

    def count(self, node: Node, level: Level) -> Term:
        """A number of rows, which is a bigint."""
        return self.settle([self.bind(node, level)], _one("int8"))[0][0]

    def body(
        self, body: tree.Body, outer: Level, *, named: bool, names: tuple[Name, ...]
    ) -> tuple[Bound, Level]:
        """Bind a query's body."""
        inside = isinstance(body, tree.Compound)
        self._in_set += inside
        bound = super().body(body, outer, named=named, names=names)
        self._in_set -= inside
        return bound

    def item(self, item: tree.Item, level: Level, given: tuple[Name, ...]) -> Selected:
        """A column of the result; a literal that nothing else types is a text."""
        selected = super().item(item, level, given)
        if self._in_set:
            return selected
        return replace(selected, value=self.texted(selected.value))

    def keyed(self, value: Term, *, order: bool = False) -> Term:
        """A value that rows are sorted or grouped by; a literal is a text."""
        del order
        return self.texted(value)

    def value_rows(self, rows: list[list[Term]]) -> Bound:
        """VALUES: each column of one type."""
        columns = [self.settle(column, _resolve_common)[0] for column in zip(*rows, strict=True)]
        return super().value_rows([list(row) for row in zip(*columns, strict=True)])

    def matched(self, left: Bound, right: Bound) -> tuple[Bound, Bound]:
        """The sides of a set operation; literals on one side take the other's type."""
        if left.outputs is None or right.outputs is None or len(left.outputs) != len(right.outputs):
            return left, right
        ones, others = [*left.outputs], [*right.outputs]
        for place, (one, other) in enumerate(zip(ones, others, strict=True)):
            terms = [one.value, other.value]
            fixed = [i for i, t in enumerate(terms) if t.literal is None and not _is_null(t)]
            terms, _ = self.settle(terms, _resolve_common, fixed)
            ones[place] = replace(one, value=terms[0])
            others[place] = replace(other, value=terms[1])
        return self.with_outputs(left, ones), self.with_outputs(right, others)

    def with_outputs(self, bound: Bound, outputs: list[Selected]) -> Bound:
        """A query with other terms for its columns."""
        pieces = bound.pieces if bound.shown is None else bound.shown(outputs)
        return replace(bound, pieces=pieces, outputs=tuple(outputs))

    def united(self, left: Bound, right: Bound) -> tuple[Selected, ...] | None:
        """The columns of a set operation's result, of types common to both sides."""
        outputs = super().united(left, right)
        if outputs is None or right.outputs is None or len(outputs) != len(right.outputs):
            return outputs
        return tuple(
            replace(one, value=Term(one.value.pieces, type=coercion.common_type(kinds)))
            for one, other in zip(outputs, right.outputs, strict=True)
            for kinds in [(one.value.type, other.value.type)]
        )

    def json_table(self, node: tree.Function, call: tree.Json, level: Level) -> Part:
        """JSON_TABLE, with its columns."""
        if node.columns:
            raise NotUnderstood("the server does not show other names of the columns")
        pieces = JsonBinder(self).table(call, level)
        name = Name("json_table") if node.alias is None else self.folded(node.alias, Kind.TABLE)
        source = Source(name, self.label_for(""), json_columns(self, call))
        level.sources.append(source)
        return Part(joined(pieces, " AS ", source.pieces), self.exposing(source))

    def function_columns(
        self, call: Term, name: Name, names: tuple[Name, ...], *, ordinality: bool
    ) -> tuple[BoundColumn, ...] | None:
        """The columns of a function in FROM, where they are known."""
        first = call.pieces[0] if call.pieces else ""
        function = str(first).partition("(")[0] if isinstance(first, str) else ""
        own = [Name(n) for n in _NAMED_RESULTS.get(function, ())]
        if not own and call.type is not None:
            own = [name]
        if not own:
            return tuple(map(BoundColumn, names)) if names else None
        if ordinality:
            own.append(Name("ordinality"))
        given = [*names, *own[len(names) :]]
        kinds: list[PgType | None] = [call.type] if len(own) == 1 else []
        return tuple(
            BoundColumn(column, None, kinds[place] if place < len(kinds) else None)
            for place, column in enumerate(given)
        )


def _known(name: TypeName) -> PgType | None:
    if isinstance(name.base, Address) and name.base.kind is not Kind.ENUM and not name.array:
        return None
    return coercion.type_of(name)


def _of_rows(name: TypeName) -> tuple[Address | None, Address | None]:
    """The composite type of a type's values, and that of its items."""
    if not isinstance(name.base, Address) or name.base.kind is not Kind.COMPOSITE:
        return None, None
    return (None, name.base) if name.array else (name.base, None)


def _is_limited(name: TypeName) -> bool:
    return isinstance(name.base, str) and name.base.startswith("interval ")


def _one(kind: PgType) -> Resolve:
    def resolve(kinds: tuple[PgType, ...]) -> Resolved | None:
        return Resolved((kind,), kind) if coercion.can_coerce(kinds[0], kind) else None

    return resolve


def _resolve_common(kinds: tuple[PgType, ...]) -> Resolved | None:
    common = coercion.common_type(kinds)
    return None if common is None else Resolved((common,) * len(kinds), common)


def _resolve_in(kinds: tuple[PgType, ...]) -> Resolved | None:
    common = coercion.common_type(kinds)
    found = None if common is None else coercion.operator("=", (kinds[0], common))
    if found is None:
        return None
    left, right = found.targets
    return Resolved((left, *[right] * (len(kinds) - 1)), "bool", common)


def _resolve_any(operator: str) -> Resolve:
    def resolve(kinds: tuple[PgType, ...]) -> Resolved | None:
        element = UNKNOWN if kinds[1] == UNKNOWN else coercion.element_of(kinds[1])
        found = None if element is None else coercion.operator(operator, (kinds[0], element))
        array = None if found is None else coercion.array_of(found.targets[1])
        if found is None or array is None:
            return None
        return Resolved((found.targets[0], array), "bool")

    return resolve


def _is_null(term: Term) -> bool:
    return term.null or (term.inner is not None and _is_null(term.inner))


def _common_limit(terms: Sequence[Term]) -> tuple[str, ...]:
    """The length that every one of several values keeps, all of one type."""
    found = {(term.type, term.limit) for term in terms}
    return found.pop()[1] if len(found) == 1 else ()


def _as_rows(left: Node, right: Node) -> tuple[tuple[Node, ...], tuple[Node, ...]] | None:
    if isinstance(left, tree.Row) and isinstance(right, tree.Row):
        if len(left.items) == len(right.items):
            return left.items, right.items
    return None


def _has_columns(node: object) -> bool:
    """Whether a column is named anywhere in a tree."""
    if isinstance(node, tree.Column):
        return True
    if isinstance(node, tuple):
        return any(map(_has_columns, node))
    fields = getattr(type(node), "__dataclass_fields__", None)
    if fields is None or isinstance(node, Token):
        return False
    return any(_has_columns(getattr(node, name)) for name in fields)
