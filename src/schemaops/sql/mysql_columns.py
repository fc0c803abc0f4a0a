"""What MySQL and MariaDB refuse of a column, a view or a trigger by itself."""

from __future__ import annotations

import re

from schemaops.operations import Alter, Create, Operation
from schemaops.schema.objects import Column, Table, Trigger, View
from schemaops.schema.state import Schema
from schemaops.sql.keywords import words
from schemaops.sql.reading import NotAllowed
from schemaops.sql.scope import NotUnderstood
from schemaops.sql.types import Family, family, parsed

__all__ = ["must_be_taken"]

_TYPES = words(
    """
    tinyint smallint mediumint int bigint decimal float double bit bool boolean serial year date time
    datetime timestamp char varchar binary varbinary tinytext text mediumtext longtext tinyblob blob
    mediumblob longblob enum set json uuid inet4 inet6 geometry point linestring polygon multipoint
    multilinestring multipolygon geometrycollection geomcollection vector xmltype
    """
)
_ENGINES = words(
    """
    innodb myisam memory heap aria csv archive blackhole merge mrg_myisam federated ndb ndbcluster
    rocksdb tokudb columnstore connect spider sequence s3 mroonga sphinx oqgraph cassandra example
    performance_schema xtradb
    """
)
_NUMBER = re.compile(r"'\s*[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?\s*'\Z")
_FLOAT = re.compile(r"(?i)\s*float\s*\(\s*(\d+)\s*\)")
_SETS_NEW = re.compile(r"(?i)\bset\s+`?new`?\s*\.")
_NUMERIC = (Family.INTEGER, Family.EXACT, Family.FLOAT)


def must_be_taken(operation: Operation, schema: Schema) -> None:
    """Raise NotAllowed where the server refuses what an operation makes, whatever rows there are."""
    match operation:
        case Create(thing=Column() as column):
            _column(column)
        case Alter(at=at, fact="type" | "default") if isinstance(schema.get(at), Column):
            _column(schema.column(at))
        case Create(thing=Table(at=at, options=options)):
            engine = dict(options).get("engine")
            if engine is not None and engine not in _ENGINES:
                raise NotUnderstood(f"{engine} is no engine that is known")
        case Create(thing=View(columns=columns)) as made:
            if len({str(name).lower() for name in columns}) < len(columns):
                raise NotAllowed(f"two columns of view {made.at} have one name", made.at)
        case Create(thing=Trigger() as trigger):
            _trigger(trigger)


def _column(column: Column) -> None:
    kind = parsed(column.type, "mysql")
    base, arguments = str(kind.base), kind.arguments
    if base not in _TYPES:
        raise NotUnderstood(f"{base} is no type that is known")
    wrong = None
    if base in ("enum", "set"):
        labels = [argument.lower().rstrip("' ") for argument in arguments]
        if len(set(labels)) < len(labels):
            wrong = "names a value twice"
    elif base in ("varchar", "varbinary") and not arguments:
        wrong = "has no length"
    elif base == "decimal" and arguments:
        digits, scale = (*map(int, arguments), 0)[:2]
        if digits > 65 or scale > min(digits, 38):
            wrong = "has more digits than there can be"
    elif (said := _FLOAT.match(column.type.text())) is not None and int(said[1]) > 53:
        wrong = "has more digits than there can be"
    if wrong is None and column.default is not None and family(column.type, "mysql") in _NUMERIC:
        text = str(column.default)
        if text.startswith("'") and not _NUMBER.match(text):
            wrong = f"cannot have {text} for a default"
    if wrong is not None:
        raise NotAllowed(f"column {column.at} {wrong}", column.at)


def _trigger(trigger: Trigger) -> None:
    body = "" if trigger.body is None else trigger.body.text(lambda at: str(at.name))
    if trigger.timing == "after" and _SETS_NEW.search(body):
        raise NotAllowed(f"trigger {trigger.at} sets what is written already", trigger.at)
