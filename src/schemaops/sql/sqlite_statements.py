"""The statements that SQLite alone has, or reads in a way of its own."""

from __future__ import annotations

from collections.abc import Callable

from schemaops.sql import body_triggers, mysql_session, tables, virtual_tables
from schemaops.sql.cursor import Cursor
from schemaops.sql.keywords import words
from schemaops.sql.reading import Reading
from schemaops.sql.upkeep import nothing, upkeep

__all__ = ["STATEMENTS"]

Recogniser = Callable[[Reading, Cursor], None]

# What changes the reading of the file, or loads code, is not among them; what is written into the
# catalogue while it can be written is looked at by itself.
_PRAGMAS = words(
    """
    analysis_limit application_id auto_vacuum automatic_index busy_timeout cache_size cache_spill
    case_sensitive_like cell_size_check checkpoint_fullfsync collation_list compile_options
    count_changes data_version database_list defer_foreign_keys encoding foreign_key_check
    foreign_key_list foreign_keys freelist_count full_column_names fullfsync function_list
    ignore_check_constraints incremental_vacuum index_info index_list index_xinfo integrity_check
    journal_mode journal_size_limit locking_mode max_page_count mmap_size module_list optimize
    page_count page_size pragma_list query_only quick_check read_uncommitted recursive_triggers
    reverse_unordered_selects secure_delete short_column_names soft_heap_limit stats synchronous
    table_info table_list table_xinfo temp_store threads trusted_schema user_version wal_autocheckpoint
    wal_checkpoint writable_schema
    """
)


def _pragma(reading: Reading, cursor: Cursor) -> None:
    name = cursor.qualified()[-1][0]
    if name not in _PRAGMAS:
        raise cursor.refuse()
    cursor.at = cursor.stop
    assert reading.dialect.name == "sqlite"


def _temporary(reading: Reading, cursor: Cursor) -> None:
    """Take what goes with the connection: no part of the schema, though it hides what is."""
    cursor.take("IF", "NOT", "EXISTS")
    reading.temporary.add(cursor.qualified()[-1][0])
    cursor.at = cursor.stop


def _temporary_trigger(reading: Reading, cursor: Cursor) -> None:
    """Take a trigger that goes with the connection."""
    cursor.take("IF", "NOT", "EXISTS")
    reading.own_triggers.add(cursor.qualified()[-1][0])
    cursor.at = cursor.stop


def _attach(reading: Reading, cursor: Cursor) -> None:
    reading.attached = True
    raise cursor.refuse()


STATEMENTS: tuple[tuple[tuple[str, ...], Recogniser], ...] = (
    (("SELECT",), mysql_session.query),
    (("VALUES",), mysql_session.query),
    (("WITH",), mysql_session.with_statement),
    (("ATTACH",), _attach),
    (("EXPLAIN",), nothing),
    (("REINDEX",), upkeep),
    (("CREATE", "TEMP", "TABLE"), tables.create_hiding_table),
    (("CREATE", "TEMPORARY", "TABLE"), tables.create_hiding_table),
    (("CREATE", "VIRTUAL", "TABLE"), virtual_tables.create_virtual_table),
    (("CREATE", "TRIGGER"), body_triggers.create_trigger),
    (("DROP", "TRIGGER"), body_triggers.drop_trigger),
    (("CREATE", "TEMP", "TRIGGER"), _temporary_trigger),
    (("CREATE", "TEMPORARY", "TRIGGER"), _temporary_trigger),
    (("CREATE", "TEMP", "VIEW"), _temporary),
    (("CREATE", "TEMPORARY", "VIEW"), _temporary),
)

# Behind the pragmas that are followed.
PRAGMAS: tuple[tuple[tuple[str, ...], Recogniser], ...] = ((("PRAGMA",), _pragma),)
