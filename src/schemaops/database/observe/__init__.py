"""observe: a live database → Schema, equal to what interpreting the script that built it gives.

Every object of the catalogue is listed. Left out are members of extensions, SchemaOps' own objects,
temporary objects, tablespaces, and what belongs to a server and not to a database: roles, its settings,
MySQL's privileges. Owners are read (`owning_role`), but not compared. What the user may not see is an
error, never silently missing.

The words of the facts, as `sql` gives them too; options are sorted, a flag is `true` or absent:

PostgreSQL
    Sequence, Identity   `increment` `minimum` `maximum` `start` `cache` `cycle` where they differ from
                         the type's; an identity has `sequence name` always, since the engine keeps
                         that name when table and column are renamed; a Sequence may be `unlogged`
    keys                 `deferrable`, `initially deferred`, `nulls not distinct`, `without overlaps`,
                         storage parameters under their own names, `inherited` (a partition's copy)
    Check, ForeignKey    `not valid`, `not enforced`, `no inherit`, `inherited`; `deferrable`,
                         `initially deferred`, `match`, `set columns`, `period`
    Index                of EXCLUDE `exclude` (an operator a key), `deferrable`, `initially deferred`;
                         storage parameters, `nulls not distinct`, `invalid`, `inherited`; of a key
                         only what is not the default of its type and direction; `clustered` and
                         `replica identity` where a table is clustered on it or known by it
    Table, View          storage parameters (`toast.…`), `unlogged`, `access method`, `replica identity`
                         (`full`, `nothing`, `index`); `security_barrier`, `security_invoker`,
                         `check_option`; `materialized` of a view
    Column               `settings`: `statistics`, `storage`, `compression`, `n_distinct` …; `inherited`
                         where it comes from a table above only (no partition's does)
    PartitionKey         at (table, 1); Inheritance at (table, n), in the order of the parents
    Range                `multirange` always, its name (with its schema where that is another); `opclass`,
                         `collation`, `canonical`, `subtype diff` where they are not the subtype's
    Domain, Composite    checks and attributes stand by name; a composite type's order is no part of it
    Grant                one privilege of one role, beyond what it has from the first; owners' and
                         superusers' are left out, and `ALL` is all but MAINTAIN
    Comment              on what holds none as a fact of its own (tables, columns and routines do)
    Extension            `schema`, where it is not public
    Routine              `volatility` `strict` `leakproof` `security definer` `parallel` `cost` `rows`
                         `window` `object file` where they are not usual, `set NAME` for a setting;
                         a body kept as a tree, transforms and a support function are Unmodelled
    Trigger              `constraint`, `deferrable`, `initially deferred`, `old table`, `new table`,
                         `enabled` (disabled, replica, always), `inherited`, `function` where it is none
                         of the schema; EventTrigger: `enabled`
    Sundry               rule, aggregate, operator, cast, collation, text search, server, publication, …:
                         the catalogue's statements as the interpreter reads them, by its own readers
MySQL, MariaDB
    Table                `collate` where it is not the database's, `engine` where it is not innodb,
                         what else was given (`row_format`, …), `system versioning`
    View                 `algorithm`, `sql security`, `check option`
    Column               `settings`: `invisible`
    keys                 `comment`, `invisible`; a unique key of whole ascending columns is a Unique,
                         any other an Index; `parts` of a primary key with lengths or directions
    ForeignKey           RESTRICT is `no action`: InnoDB knows no difference
    Check                a column's own has no name in MariaDB, and a place-holder `~check column`
    Trigger              `order`: its place among those of its moment, where it is not the first; the
                         body's normal form is its text, since no rename changes it
    Routine              `deterministic`, `access` (`no sql`, …), `sql security: invoker`
    Unmodelled           event, partitions, sequence: the statement in one form, plain bounds worked out
SQLite                   what the interpreter makes of the statements in its catalogue

An `Unmodelled` stands at (what, names…); its definition is SQL that makes it, where SQL can, and what
it stands on comes first in `on`.
"""

from __future__ import annotations

from schemaops.database.observe.source import HiddenObjects, Source, UnreadableCatalogue
from schemaops.schema.state import Schema
from schemaops.sql.dialects import UnknownDialect

__all__ = ["HiddenObjects", "Source", "UnreadableCatalogue", "observe"]


def observe(database: Source) -> Schema:
    """Return the schema that a live database holds; raise HiddenObjects, UnreadableCatalogue."""
    match database.dialect:
        case "postgres":
            from schemaops.database.observe.postgres import observe_postgres

            return observe_postgres(database)
        case "mysql":
            from schemaops.database.observe.mysql import observe_mysql

            return observe_mysql(database)
        case "sqlite":
            from schemaops.database.observe.sqlite import observe_sqlite

            return observe_sqlite(database)
    raise UnknownDialect(database.dialect)
