"""PostgreSQL's functions, procedures and triggers as statements."""

from __future__ import annotations

from collections.abc import Iterator

from schemaops.names import Kind
from schemaops.schema.objects import EventTrigger, Parameter, Routine, Trigger
from schemaops.schema.state import Schema
from schemaops.sql.cursor import Cursor
from schemaops.sql.lexer import TokenKind
from schemaops.sql.named_in_bodies import stands
from schemaops.sql.rendering.spelling import Spelling, option, sentence
from schemaops.sql.routines import NAME_LISTS, hindrance
from schemaops.sql.split import split
from schemaops.sql.strings import string_literal

__all__ = ["RoutineStatements"]

_STATES = {None: "ENABLE", "disabled": "DISABLE", "replica": "ENABLE REPLICA"}


class RoutineStatements:
    """Writes what makes, changes and drops functions, procedures and triggers."""

    def __init__(self, spell: Spelling) -> None:
        self.spell = spell

    # -- functions

    def called(self, thing: Routine) -> str:
        """Return a routine's kind, its name and the types that it takes."""
        taken = [self.spell.expression(p.type) for p in thing.parameters if p.mode in _TAKEN]
        return f"{thing.at.kind.value.upper()} {self.spell.at(thing.at)}({', '.join(taken)})"

    def make(self, thing: Routine, schema: Schema) -> Iterator[str]:
        """Yield CREATE of a function or procedure; of one whose body names what is not there (what it
        named may have gone before it), without the server's reading it."""
        if stands(thing, schema):
            yield self.create(thing)
            return
        yield "SET check_function_bodies = off"
        yield self.create(thing)
        yield "RESET check_function_bodies"

    def create(self, thing: Routine, *, instead: bool = False) -> str:
        """Return CREATE [OR REPLACE] of a function or procedure."""
        taken = [p for p in thing.parameters if p.mode != "table"]
        given = [p for p in thing.parameters if p.mode == "table"]
        name = f"{self.spell.at(thing.at)}({', '.join(map(self._parameter, taken))})"
        returns = None
        if given:
            returns = f"RETURNS TABLE ({', '.join(map(self._parameter, given))})"
        elif thing.returns is not None:
            returns = f"RETURNS {self.spell.expression(thing.returns)}"
        return sentence(
            "CREATE",
            "OR REPLACE" if instead else None,
            f"{thing.at.kind.value.upper()} {name}",
            returns,
            f"LANGUAGE {self.spell.name(thing.language)}",
            *self._options(thing),
            f"AS {self._body(thing)}" if thing.tree is None else self.spell.expression(thing.tree),
        )

    def _parameter(self, one: Parameter) -> str:
        mode = None if one.mode in ("in", "table") else one.mode.upper()
        name = None if one.name is None else self.spell.name(one.name)
        default = None
        if one.default is not None:
            default = f"DEFAULT {self.spell.expression(one.default)}"
        return sentence(mode, name, self.spell.expression(one.type), default)

    def _options(self, thing: Routine) -> Iterator[str]:
        said = dict(thing.options)
        if "window" in said:
            yield "WINDOW"
        if "volatility" in said:
            yield said["volatility"].upper()
        if "strict" in said:
            yield "STRICT"
        if "leakproof" in said:
            yield "LEAKPROOF"
        if "security definer" in said:
            yield "SECURITY DEFINER"
        for key in ("parallel", "cost", "rows"):
            if key in said:
                yield f"{key.upper()} {said[key]}"
        for key, value in thing.options:
            if key.startswith("set "):
                yield f"SET {key[4:]} TO {_value(key[4:], value)}"

    def _body(self, thing: Routine) -> str:
        file = option(thing.options, "object file")
        if file is not None:
            return f"{string_literal(file)}, {string_literal(thing.body)}"
        return _dollar_quoted(thing.body)

    def change(self, before: Routine, after: Routine) -> Iterator[str]:
        """Yield what makes one routine another in its place."""
        assert hindrance(before, after) is None
        facts = ("parameters", "returns", "language", "body", "options", "tree")
        if any(getattr(before, fact) != getattr(after, fact) for fact in facts):
            yield self.create(after, instead=True)
        if before.comment != after.comment:
            yield self.comment(after)

    # -- triggers

    def named(self, thing: Trigger | EventTrigger) -> str:
        """Return a trigger's kind and name, as DROP and COMMENT have them."""
        name = self.spell.name(thing.at.name)
        if isinstance(thing, EventTrigger):
            return f"EVENT TRIGGER {name}"
        return f"TRIGGER {name} ON {self.spell.at(thing.table)}"

    def trigger(self, thing: Trigger) -> Iterator[str]:
        """Yield what makes a trigger."""
        s, said = self.spell, dict(thing.options)
        events = []
        for event in thing.events:
            of = f" OF {s.names(thing.columns)}" if event == "update" and thing.columns else ""
            events.append(event.upper() + of)
        tables = [
            f"{word} TABLE AS {s.name(said[f'{word.lower()} table'])}"
            for word in ("OLD", "NEW")
            if f"{word.lower()} table" in said
        ]
        function = s.at(thing.function) if thing.function else s.name(said["function"])
        arguments = ", ".join(map(string_literal, thing.arguments))
        yield sentence(
            "CREATE",
            "CONSTRAINT" if "constraint" in said else None,
            f"TRIGGER {s.name(thing.at.name)} {thing.timing.upper()} {' OR '.join(events)}",
            f"ON {s.at(thing.table)}",
            "DEFERRABLE" if "deferrable" in said else None,
            "INITIALLY DEFERRED" if "initially deferred" in said else None,
            f"REFERENCING {' '.join(tables)}" if tables else None,
            f"FOR EACH {thing.for_each.upper()}",
            None if thing.when is None else f"WHEN ({s.expression(thing.when)})",
            f"EXECUTE FUNCTION {function}({arguments})",
        )
        yield from self._said(thing)

    def event_trigger(self, thing: EventTrigger) -> Iterator[str]:
        """Yield what makes an event trigger."""
        tags = ", ".join(map(string_literal, thing.tags))
        yield sentence(
            f"CREATE EVENT TRIGGER {self.spell.name(thing.at.name)} ON {thing.event}",
            f"WHEN TAG IN ({tags})" if tags else None,
            f"EXECUTE FUNCTION {self.spell.at(thing.function)}()",
        )
        yield from self._said(thing)

    def _said(self, thing: Trigger | EventTrigger) -> Iterator[str]:
        if option(thing.options, "enabled") is not None:
            yield self._enabled(thing)
        if thing.comment is not None:
            yield self.comment(thing)

    def _enabled(self, thing: Trigger | EventTrigger) -> str:
        state = _STATES.get(option(thing.options, "enabled"), "ENABLE ALWAYS")
        name = self.spell.name(thing.at.name)
        if isinstance(thing, EventTrigger):
            return f"ALTER EVENT TRIGGER {name} {state}"
        kind = "VIEW" if thing.table.kind is Kind.VIEW else "TABLE"
        return f"ALTER {kind} {self.spell.at(thing.table)} {state} TRIGGER {name}"

    def change_trigger(
        self, before: Trigger | EventTrigger, after: Trigger | EventTrigger
    ) -> Iterator[str]:
        """Yield what makes one trigger another in its place."""
        if _at_rest(before) != _at_rest(after):
            yield f"DROP {self.named(before)}"
            if isinstance(after, Trigger):
                yield from self.trigger(after)
            else:
                yield from self.event_trigger(after)
            return
        if option(before.options, "enabled") != option(after.options, "enabled"):
            yield self._enabled(after)
        if before.comment != after.comment:
            yield self.comment(after)

    def comment(self, thing: Routine | Trigger | EventTrigger) -> str:
        """Return COMMENT ON."""
        name = self.called(thing) if isinstance(thing, Routine) else self.named(thing)
        text = "NULL" if thing.comment is None else string_literal(thing.comment)
        return f"COMMENT ON {name} IS {text}"


_TAKEN = ("in", "inout", "variadic")


def _at_rest(thing: Trigger | EventTrigger) -> object:
    """A trigger without what can be changed of it."""
    options = tuple(pair for pair in thing.options if pair[0] != "enabled")
    if isinstance(thing, EventTrigger):
        return thing.event, thing.function, thing.tags, options
    facts = ("timing", "events", "columns", "for_each", "when", "function", "arguments")
    return *(getattr(thing, fact) for fact in facts), options


def _dollar_quoted(body: str) -> str:
    tag, number = "$$", 0
    while tag in f"{body}$" or body.endswith("$"):
        if body.endswith("$"):
            return string_literal(body)
        number += 1
        tag = f"$body{number}$"
    return f"{tag}{body}{tag}"


def _value(name: str, value: str) -> str:
    """Return a setting's value as SET has it: a list of names is told apart again."""
    if name not in NAME_LISTS:
        return string_literal(value)
    (statement,) = split(value, "postgres")
    cursor = Cursor(statement, "postgres")
    found = []
    while not cursor.done:
        token = cursor.token
        assert token is not None
        if token.kind is TokenKind.QUOTED and token.text == '""':
            cursor.at += 1
            found.append("''")
        else:
            found.append(string_literal(str(cursor.identifier()[0])))
        cursor.take_symbol(",")
    return ", ".join(found)
