"""MySQL and MariaDB observed: what information_schema tells, made objects.

One query a view of information_schema for the whole database, so that the number of tables does not
count. What both servers store differently for one statement is given in one form: MariaDB's JSON
columns, its checks of columns, RESTRICT, the display of defaults.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import replace
from itertools import count, pairwise

from schemaops.database.observe.mysql_others import others
from schemaops.database.observe.mysql_rows import Row, must_see_everything, rows_of
from schemaops.database.observe.source import OWN_PREFIX, HiddenObjects, Source
from schemaops.names import Address, Kind, Name
from schemaops.schema.expressions import Expression
from schemaops.schema.objects import (
    Check,
    Column,
    ForeignKey,
    Generated,
    Index,
    IndexKey,
    Object,
    Options,
    PrimaryKey,
    Table,
    Unique,
    Unmodelled,
    View,
)
from schemaops.schema.state import Schema
from schemaops.sql import charsets
from schemaops.sql.cursor import Cursor
from schemaops.sql.expressions import expression
from schemaops.sql.lexer import TokenKind, tokens
from schemaops.sql.names import quote
from schemaops.sql.queries import query
from schemaops.sql.scope import Callee, Relation, Scope, ScopeColumn
from schemaops.sql.split import Statement
from schemaops.sql.strings import string_literal
from schemaops.sql.types import Family, column_type, family

__all__ = ["observe_mysql"]


def observe_mysql(source: Source) -> Schema:
    """Return the schema that a MySQL or MariaDB database holds; raise HiddenObjects."""
    must_see_everything(source)
    version, database = source.query("SELECT VERSION(), DATABASE()")[0]
    is_mariadb = "mariadb" in str(version).lower()
    reader = _Reader(_rows(source, is_mariadb), database, _database_collation(source), is_mariadb)
    schema = Schema.of("mysql", reader.objects())
    for thing in others(source, reader.rows["tables"]):
        schema = schema.adding(thing)
    return schema


def _rows(source: Source, is_mariadb: bool) -> dict[str, list[Row]]:
    ignored = "IF(IGNORED = 'YES', 'NO', 'YES')"
    tables = rows_of(
        source,
        "TABLES",
        "TABLE_NAME TABLE_TYPE ENGINE TABLE_COLLATION CREATE_OPTIONS TABLE_COMMENT",
        order="TABLE_NAME",
    )
    rows = {
        "tables": [row for row in tables if not row["TABLE_NAME"].startswith(OWN_PREFIX)],
        "columns": rows_of(
            source,
            "COLUMNS",
            "TABLE_NAME COLUMN_NAME COLUMN_TYPE IS_NULLABLE COLUMN_DEFAULT COLLATION_NAME EXTRA "
            "GENERATION_EXPRESSION COLUMN_COMMENT",
            order="TABLE_NAME, ORDINAL_POSITION",
        ),
        "keys": rows_of(
            source,
            "STATISTICS",
            "TABLE_NAME INDEX_NAME NON_UNIQUE COLUMN_NAME SUB_PART COLLATION INDEX_TYPE "
            "INDEX_COMMENT",
            order="TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX",
            expression="NULL" if is_mariadb else "EXPRESSION",
            visible=ignored if is_mariadb else "IS_VISIBLE",
        ),
        "key columns": rows_of(
            source,
            "KEY_COLUMN_USAGE",
            "TABLE_NAME CONSTRAINT_NAME COLUMN_NAME REFERENCED_TABLE_NAME REFERENCED_COLUMN_NAME",
            order="TABLE_NAME, CONSTRAINT_NAME, ORDINAL_POSITION",
            elsewhere="NULLIF(REFERENCED_TABLE_SCHEMA, DATABASE())",
        ),
        "actions": rows_of(
            source,
            "REFERENTIAL_CONSTRAINTS",
            "TABLE_NAME CONSTRAINT_NAME DELETE_RULE UPDATE_RULE",
        ),
        "views": rows_of(
            source,
            "VIEWS",
            "TABLE_NAME VIEW_DEFINITION CHECK_OPTION SECURITY_TYPE",
            algorithm="ALGORITHM" if is_mariadb else "'UNDEFINED'",
        ),
    }
    for view in rows["views"]:
        # MySQL tells of a view's algorithm, and of a broken one's columns, nowhere else.
        view["COLUMNS"] = ()
        if not is_mariadb:
            view["ALGORITHM"], view["COLUMNS"] = _said_of_view(source, view["TABLE_NAME"])
    if is_mariadb:
        columns = "TABLE_NAME CONSTRAINT_NAME CHECK_CLAUSE LEVEL"
        rows["checks"] = rows_of(source, "CHECK_CONSTRAINTS", columns, enforced="'YES'")
    else:
        places = rows_of(
            source, "TABLE_CONSTRAINTS", "TABLE_NAME CONSTRAINT_NAME CONSTRAINT_TYPE ENFORCED"
        )
        clauses = rows_of(source, "CHECK_CONSTRAINTS", "CONSTRAINT_NAME CHECK_CLAUSE")
        texts = {row["CONSTRAINT_NAME"]: row["CHECK_CLAUSE"] for row in clauses}
        rows["checks"] = [
            {**row, "LEVEL": "Table", "CHECK_CLAUSE": texts[row["CONSTRAINT_NAME"]]}
            for row in places
            if row["CONSTRAINT_TYPE"] == "CHECK"
        ]
    return rows


def _database_collation(source: Source) -> str:
    (row,) = rows_of(source, "SCHEMATA", "DEFAULT_COLLATION_NAME")
    return str(row["DEFAULT_COLLATION_NAME"])


def _said_of_view(source: Source, name: str) -> tuple[str, tuple[Name, ...]]:
    """Return a view's algorithm, and the names that were given to its columns."""
    text = str(source.query(f"SHOW CREATE VIEW {quote(name, 'mysql')}")[0][1])
    cursor = Cursor(Statement(text, tuple(tokens(text, "mysql")), 1, 0), "mysql")
    cursor.need("CREATE", "ALGORITHM")
    cursor.need_symbol("=")
    algorithm = cursor.one_of("UNDEFINED", "MERGE", "TEMPTABLE")
    while not cursor.take("VIEW"):
        cursor.at += 1
    cursor.qualified()
    named = cursor.names() if cursor.symbol() == "(" else []
    return algorithm, tuple(name for name, _ in named)


class _Reader:
    """The rows of one database's catalogue."""

    def __init__(
        self,
        rows: dict[str, list[Row]],
        database: str,
        collation: str,
        is_mariadb: bool,
    ) -> None:
        self.rows = rows
        self.database = database
        self.collation = collation
        self.is_mariadb = is_mariadb
        self.kinds: dict[str, Kind] = {}
        for row in rows["tables"]:
            kind = {"VIEW": Kind.VIEW, "SEQUENCE": Kind.UNMODELLED, "SYSTEM VIEW": Kind.UNMODELLED}
            self.kinds[row["TABLE_NAME"]] = kind.get(row["TABLE_TYPE"], Kind.TABLE)
        self.columns = self._by_table("columns")
        self.keys = self._by_table("keys")
        self.checks = self._by_table("checks")
        self._scopes: dict[str, Relation] = {}
        self._types: dict[str, Expression] = {}

    def _by_table(self, name: str) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.rows[name]:
            found[row["TABLE_NAME"]].append(row)
        return found

    # -- names, for the readers of expressions (a scopes.Resolver)

    def relation(self, path: tuple[Name, ...]) -> Relation | None:
        """Return the table or view of that name."""
        if len(path) > 1 and path[-2] != self.database:
            return None
        name = path[-1]
        if self.kinds.get(name) not in (Kind.TABLE, Kind.VIEW):
            return None
        if name not in self._scopes:
            at = Address(self.kinds[name], (Name(name),))
            shown = [
                ScopeColumn(
                    at.child(Kind.COLUMN, _name(row["COLUMN_NAME"])),
                    self._type(row),
                    _is_invisible(row),
                )
                for row in self.columns[name]
            ]
            self._scopes[name] = Relation(at, tuple(shown))
            if not shown and at.kind is Kind.VIEW:
                # Of a broken view the server shows no columns; others may read them all the same.
                broken = next(row for row in self.rows["views"] if row["TABLE_NAME"] == name)
                names = self._view(name, broken).columns
                self._scopes[name] = Relation(
                    at, tuple(ScopeColumn(at.child(Kind.COLUMN, column)) for column in names)
                )
        return self._scopes[name]

    def type(self, path: tuple[Name, ...]) -> Address | None:  # noqa: ARG002
        """Return None: there are no types to name."""
        return None

    def lacks_function(self, path: tuple[Name, ...]) -> bool:  # noqa: ARG002
        """Return False: what the catalogue shows is there."""
        return False

    def function(self, path: tuple[Name, ...]) -> Callee | None:  # noqa: ARG002
        """Return nothing: MySQL's expressions hold no reference to a function."""
        return None

    def attributes(self, at: Address) -> tuple[tuple[Name, Expression], ...]:  # noqa: ARG002
        """Return nothing: there are no types with attributes."""
        return ()

    def sundry(self, path: tuple[Name, ...], kind: Kind) -> Address | None:  # noqa: ARG002
        """Return None: there are no such kinds."""
        return None

    def sequence(self, path: tuple[Name, ...]) -> Address | None:  # noqa: ARG002
        """Return None: sequences have no type of their own yet."""
        return None

    def _scope(self, table: str) -> Scope:
        return Scope(self, self.relation((Name(table),)))

    def _expression(self, text: str, table: str, target: Expression | None = None) -> Expression:
        return expression(self._without_database(text), "mysql", self._scope(table), target)

    def _without_database(self, text: str) -> str:
        """Return SQL without the database's own name, which stands before every name in views."""
        found = list(tokens(text, "mysql"))
        own = quote(self.database, "mysql"), f"`{self.database.replace('`', '``')}`"
        pieces, at = [], 0
        for token, dot in pairwise(found):
            named = token.kind in (TokenKind.QUOTED, TokenKind.WORD) and token.text in own
            inner = token.start > 0 and text[token.start - 1] == "."
            if named and dot.text == "." and dot.start == token.end and not inner:
                pieces.append(text[at : token.start])
                at = dot.end
        return "".join((*pieces, text[at:]))

    # -- objects

    def objects(self) -> Iterator[Object]:
        """Yield every object that has a type."""
        views = {row["TABLE_NAME"]: row for row in self.rows["views"]}
        for row in self.rows["tables"]:
            name = row["TABLE_NAME"]
            if self.kinds[name] is Kind.TABLE:
                yield from self._table(row)
            elif self.kinds[name] is Kind.VIEW:
                yield self._view(name, views[name])
        yield from self._foreign_keys()

    def _table(self, row: Row) -> Iterator[Object]:
        name, collation = row["TABLE_NAME"], row["TABLE_COLLATION"]
        yield Table(
            Address(Kind.TABLE, (Name(name),)), (), self._options(row), row["TABLE_COMMENT"] or None
        )
        texts = {found["COLUMN_NAME"] for found in self.columns[name] if _is_json_text(found)}
        is_json = texts & {_json_checked(found) for found in self.checks[name]}
        for column in self.columns[name]:
            if column["COLUMN_NAME"] in is_json:
                column = {**column, "COLUMN_TYPE": "json", "COLLATION_NAME": None}
            yield self._column(name, column, collation)
            if (strange := _attributes(column)) is not None:
                at = _at(Kind.COLUMN, name, column["COLUMN_NAME"])
                what = "column attribute"
                names = (Name(what), *at.path)
                yield Unmodelled(Address(Kind.UNMODELLED, names), what, strange, (at,))
        yield from self._keys(name)
        taken: set[Address] = set()
        jsons = {found["COLUMN_NAME"] for found in self.columns[name] if _is_json(found)}
        for found in sorted(self.checks[name], key=_made_by_server):
            if _json_checked(found) not in (is_json or jsons):
                check = self._check(name, found)
                if not self.is_mariadb and _made_by_server(found):
                    check = _as_in_mariadb(check, taken)
                # A column's check keeps the name of a column that was renamed since.
                while check.at in taken:
                    check = replace(check, at=check.at.sibling(f"{check.at.name}~"))
                taken.add(check.at)
                yield check

    def _options(self, row: Row) -> Options:
        options: dict[str, str] = {}
        for word in (row["CREATE_OPTIONS"] or "").split():
            key, _, value = word.partition("=")
            if key.lower() != "partitioned":
                options[key.lower()] = value.strip("'\"`").lower() or "true"
        collation = row["TABLE_COLLATION"]
        if collation is not None and _collation(collation) != _collation(self.collation):
            options["collate"] = collation
        if row["ENGINE"] is not None and row["ENGINE"].lower() != "innodb":
            options["engine"] = row["ENGINE"].lower()
        if row["TABLE_TYPE"] == "SYSTEM VERSIONED":
            options["system versioning"] = "true"
        return tuple(sorted(options.items()))

    def _type(self, row: Row) -> Expression:
        text = row["COLUMN_TYPE"]
        if text not in self._types:
            self._types[text] = column_type(text, "mysql")
        return self._types[text]

    def _column(self, table: str, row: Row, table_collation: str | None) -> Column:
        kind = self._type(row)
        extra, collation = row["EXTRA"].lower(), row["COLLATION_NAME"]
        generated = default = None
        if row["GENERATION_EXPRESSION"] in _OF_VERSIONS:
            pass  # an attribute that is not modelled
        elif row["GENERATION_EXPRESSION"]:
            text = self._written(row["GENERATION_EXPRESSION"])
            stored = "stored" in extra or "persistent" in extra
            generated = Generated(self._expression(text, table, kind), stored)
        else:
            given = self._default(row, kind)
            default = None if given is None else self._expression(given, table, kind)
        on_update = None
        if "on update " in extra:
            text = (
                row["EXTRA"][extra.index("on update ") + 10 :].split(",")[0].split(" INVISIBLE")[0]
            )
            on_update = self._expression(text.strip(), table, kind)
        return Column(
            _at(Kind.COLUMN, table, row["COLUMN_NAME"]),
            kind,
            nullable=row["IS_NULLABLE"] == "YES",
            default=default,
            generated=generated,
            auto_increment="auto_increment" in extra,
            collation=None if _collation(collation) == _collation(table_collation) else collation,
            on_update=on_update,
            comment=row["COLUMN_COMMENT"] or None,
            settings=(("invisible", "true"),) if _is_invisible(row) else (),
        )

    def _default(self, row: Row, kind: Expression) -> str | None:
        value = row["COLUMN_DEFAULT"]
        if self.is_mariadb:
            return None if value is None or value == "NULL" else str(value)
        if value is None or "DEFAULT_GENERATED" in row["EXTRA"]:
            return None if value is None else self._written(str(value))
        plain = (Family.INTEGER, Family.EXACT, Family.FLOAT, Family.BOOLEAN, Family.BITS)
        if family(kind, "mysql") in plain:
            return str(value)
        text = str(value)
        if "binary(" in str(kind) and text.startswith("0x"):
            text = bytes.fromhex(text[2:]).decode(errors="replace")
        return string_literal(text, "mysql")

    def _written(self, text: str) -> str:
        # MySQL 8 shows expressions with the quotes of their strings escaped, and introducers.
        return text if self.is_mariadb else re.sub(r"\\(['\\])", r"\1", text)

    def _keys(self, table: str) -> Iterator[Object]:
        named: dict[str, list[Row]] = defaultdict(list)
        for row in self.keys[table]:
            named[row["INDEX_NAME"]].append(row)
        for name, parts in named.items():
            yield self._key(table, name, parts)

    def _key(self, table: str, name: str, parts: list[Row]) -> Object:
        first = parts[0]
        options: dict[str, str] = {}
        if first["INDEX_COMMENT"]:
            options["comment"] = first["INDEX_COMMENT"]
        if first["VISIBLE"] == "NO":
            options["invisible"] = "true"
        method = first["INDEX_TYPE"].lower()
        method = (
            None if method in ("btree", "rtree") and first["INDEX_TYPE"] != "SPATIAL" else method
        )
        whole_text = method in ("fulltext", "spatial")
        is_plain = all(
            row["EXPRESSION"] is None and row["SUB_PART"] is None and row["COLLATION"] != "D"
            for row in parts
        )
        columns = tuple(
            _at(Kind.COLUMN, table, row["COLUMN_NAME"]) for row in parts if row["COLUMN_NAME"]
        )
        if name == "PRIMARY":
            if not is_plain:
                options["parts"] = ", ".join(
                    row["COLUMN_NAME"]
                    + (f"({row['SUB_PART']})" if row["SUB_PART"] else "")
                    + (" desc" if row["COLLATION"] == "D" else "")
                    for row in parts
                )
            at = Address(Kind.PRIMARY_KEY, (Name(table), Name("PRIMARY")))
            return PrimaryKey(at, columns, True, tuple(sorted(options.items())))
        is_unique = not first["NON_UNIQUE"]
        if is_unique and is_plain and method is None:
            at = _at(Kind.UNIQUE, table, name)
            return Unique(at, columns, True, tuple(sorted(options.items())))
        keys = []
        for row in parts:
            if row["EXPRESSION"] is not None:
                value = self._expression(self._written(row["EXPRESSION"]), table)
            else:
                here = (_at(Kind.COLUMN, table, row["COLUMN_NAME"]),)
                value = Expression(here, here)
            length = None if whole_text or row["SUB_PART"] is None else int(row["SUB_PART"])
            keys.append(IndexKey(value, row["COLLATION"] == "D", length=length))
        return Index(
            _at(Kind.INDEX, table, name),
            Address(Kind.TABLE, (Name(table),)),
            tuple(keys),
            unique=is_unique,
            method=method,
            options=tuple(sorted(options.items())),
        )

    def _check(self, table: str, row: Row) -> Check:
        name, is_named = row["CONSTRAINT_NAME"], row["LEVEL"] != "Column"
        at = _at(Kind.CHECK, table, name if is_named else f"~check {name}")
        options = (("not enforced", "true"),) if row["ENFORCED"] == "NO" else ()
        value = self._expression(self._written(row["CHECK_CLAUSE"]), table)
        of = None if is_named else self._own_of(_at(Kind.COLUMN, table, name), value)
        return Check(at, value, is_named, options, of)

    @staticmethod
    def _own_of(at: Address, value: Expression) -> Address:
        """Return the column whose own check it is; MariaDB calls it after the column's first name."""
        read = {used for used in value.addresses() if used.kind is Kind.COLUMN}
        return read.pop() if len(read) == 1 and at not in read else at

    def _foreign_keys(self) -> Iterator[ForeignKey]:
        parts: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in self.rows["key columns"]:
            if row["REFERENCED_TABLE_NAME"] is not None:
                parts[row["TABLE_NAME"], row["CONSTRAINT_NAME"]].append(row)
        for row in self.rows["actions"]:
            table, name = row["TABLE_NAME"], row["CONSTRAINT_NAME"]
            if table not in self.kinds:
                continue
            columns = parts[table, name]
            if not columns:
                raise HiddenObjects(f"the columns of foreign key {table}.{name} are not shown")
            other = columns[0]["REFERENCED_TABLE_NAME"]
            if columns[0]["ELSEWHERE"] is not None:
                other = f"{columns[0]['ELSEWHERE']}.{other}"
            yield ForeignKey(
                _at(Kind.FOREIGN_KEY, table, name),
                tuple(_at(Kind.COLUMN, table, part["COLUMN_NAME"]) for part in columns),
                Address(Kind.TABLE, (Name(other),)),
                tuple(_at(Kind.COLUMN, other, part["REFERENCED_COLUMN_NAME"]) for part in columns),
                _action(row["DELETE_RULE"]),
                _action(row["UPDATE_RULE"]),
            )

    def _view(self, name: str, row: Row) -> View:
        if not row["VIEW_DEFINITION"]:
            raise HiddenObjects(f"the query of view {name} is not shown to this user")
        options: dict[str, str] = {}
        if row["CHECK_OPTION"] != "NONE":
            options["check option"] = row["CHECK_OPTION"].lower()
        if row["SECURITY_TYPE"] != "DEFINER":
            options["sql security"] = row["SECURITY_TYPE"].lower()
        if row["ALGORITHM"] != "UNDEFINED":
            options["algorithm"] = row["ALGORITHM"].lower()
        columns = tuple(_name(column["COLUMN_NAME"]) for column in self.columns[name])
        columns = columns or row["COLUMNS"]
        body = self._without_database(row["VIEW_DEFINITION"])
        found = query(body, "mysql", Scope(self), columns)
        # Of a view that is broken, only its query is known.
        columns = columns or tuple(output.name for output in found.outputs)
        at = Address(Kind.VIEW, (Name(name),))
        return View(at, columns, found.expression, tuple(sorted(options.items())))


def _collation(name: str | None) -> str | None:
    # What the servers have by default for utf8mb4 is one thing, whichever of theirs it is.
    return None if name is None else charsets.collation_name(name)


def _made_by_server(row: Row) -> int:
    """Return the number in the name that MySQL gives to a check, 0 for one that an author named."""
    found = re.fullmatch(re.escape(row["TABLE_NAME"]) + r"_chk_(\d+)", row["CONSTRAINT_NAME"])
    return int(found[1]) if found else 0


def _as_in_mariadb(check: Check, taken: Collection[Address]) -> Check:
    """Return a check that MySQL has named as MariaDB has it: with no name where it is a column's.

    MySQL does not keep where it was written; most that read one column stand behind that column.
    """
    columns = {piece for piece in check.expression.addresses() if piece.kind is Kind.COLUMN}
    table = check.at.path[0]
    if len(columns) == 1:
        (column,) = columns
        at = _at(Kind.CHECK, table, f"~check {column.name}")
        if at not in taken:
            return replace(check, at=at, named=False, of=column)
    free = (_at(Kind.CHECK, table, f"CONSTRAINT_{number}") for number in count(1))
    return replace(check, at=next(at for at in free if at not in taken))


def _json_checked(row: Row) -> str | None:
    """Return the column that MariaDB made a check for, because it is of type JSON."""
    own = row["LEVEL"] == "Column" or _made_by_server(row)
    found = _JSON_CHECK.match(row["CHECK_CLAUSE"]) if own else None
    return None if found is None else found[1].replace("``", "`")


_JSON_CHECK = re.compile(r"json_valid\(`((?:[^`]|``)*)`\)\Z", re.IGNORECASE)


def _is_json(row: Row) -> bool:
    return str(row["COLUMN_TYPE"]) == "json"


def _is_json_text(row: Row) -> bool:
    facts = row["COLUMN_TYPE"], row["COLLATION_NAME"]
    return facts == ("longtext", "utf8mb4_bin")


def _is_invisible(row: Row) -> bool:
    return re.search(r"\bINVISIBLE\b", row["EXTRA"]) is not None


_OF_VERSIONS = ("ROW START", "ROW END")


def _attributes(row: Row) -> str | None:
    """Return what is said of a column that has no field: COMPRESSED and the like."""
    known = ("auto_increment", "on update", "virtual generated", "stored generated", "persistent")
    rest = re.sub(r"default_generated|\binvisible\b", "", row["EXTRA"].lower())
    if row["GENERATION_EXPRESSION"] in _OF_VERSIONS:
        rest += f", as {row['GENERATION_EXPRESSION'].lower()}"
    parts = [part.strip() for part in rest.split(",")]
    strange = [part for part in parts if part and not part.startswith(known)]
    return ", ".join(strange) or None


def _action(rule: str) -> str:
    # One thing in InnoDB; MariaDB calls the default by the one name, MySQL by the other.
    return "no action" if rule == "RESTRICT" else rule.lower()


def _name(text: str) -> Name:
    return Name(text.lower(), text)


def _at(kind: Kind, table: str, name: str) -> Address:
    return Address(kind, (Name(table), _name(name)))
