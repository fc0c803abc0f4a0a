"""What MySQL's statements about the session come to: SET, LOCK TABLES, FLUSH and their like.

Most change nothing that a schema holds. Of what changes the meaning of later statements, only the
check of foreign keys is followed; a setting that changes how SQL is read is not understood, and
neither is one that is not known.
"""

from __future__ import annotations

import re

from schemaops.names import Kind
from schemaops.sql import rows
from schemaops.sql.cursor import Cursor
from schemaops.sql.keywords import words
from schemaops.sql.lexer import TokenKind
from schemaops.sql.reading import Reading
from schemaops.sql.scope import NotUnderstood

__all__ = ["prepare", "query", "set_variables", "use", "with_statement"]

_HARMLESS = words(
    """
    autocommit big_tables bulk_insert_buffer_size character_set_client character_set_connection
    character_set_results collation_connection connect_timeout cte_max_recursion_depth
    group_concat_max_len information_schema_stats_expiry innodb_lock_wait_timeout innodb_strict_mode
    innodb_stats_auto_recalc interactive_timeout join_buffer_size lc_messages lock_wait_timeout
    max_allowed_packet max_error_count max_execution_time max_heap_table_size max_join_size
    max_statement_time myisam_sort_buffer_size net_read_timeout net_write_timeout note_verbosity
    optimizer_switch system_versioning_alter_history system_versioning_asof
    profiling rand_seed1 rand_seed2 show_create_table_verbosity sort_buffer_size sql_big_selects
    sql_log_bin sql_log_off sql_notes sql_quote_show_create sql_safe_updates sql_warnings
    sql_select_limit tmp_table_size time_zone timestamp transaction_isolation transaction_read_only
    tx_isolation tx_read_only unique_checks updatable_views_with_limit wait_timeout
    """
)
# These change what quotes, backslashes and operators mean.
_READING = words(
    """ansi ansi_quotes db2 high_not_precedence ignore_space maxdb mssql no_backslash_escapes oracle
    pipes_as_concat postgresql real_as_float time_round_fractional emulate_oracle
    empty_string_is_null"""
) - {"ignore_space"}
_STRICT = frozenset({"strict_trans_tables", "strict_all_tables", "traditional"})
_FOREIGN_KEY_CHECKS = "foreign_key_checks"
_WORD = re.compile(r"\w+")


def use(reading: Reading, cursor: Cursor) -> None:
    """Take what follows USE: what a script begins with names the database that all of it is about."""
    database, _ = cursor.identifier(Kind.SCHEMA)
    if reading.database is None and not reading.touched:
        reading.database = database
    reading.elsewhere = database != reading.database
    if reading.elsewhere:
        raise NotUnderstood(f"{database} may be another database")


def prepare(reading: Reading, cursor: Cursor) -> None:
    """Take what follows PREPARE: only EXECUTE does what it says."""
    cursor.identifier()
    cursor.need("FROM")
    query(reading, cursor)


def set_variables(reading: Reading, cursor: Cursor) -> None:
    """Take what follows SET: names, variables of the session, a transaction's level."""
    if cursor.one_of("NAMES", "CHARSET") or cursor.take("CHARACTER", "SET"):
        cursor.at = cursor.stop
        return
    if cursor.take("TRANSACTION") or cursor.take("SESSION", "TRANSACTION"):
        cursor.at = cursor.stop
        return
    checks: bool = reading.checks_foreign_keys
    for part in cursor.parts():
        name = _variable(part)
        if not part.take_symbol("=") and not part.take_symbol(":="):
            raise part.refuse()
        checks = _assigned(reading, part, name, checks)
    reading.checks_foreign_keys = checks


def _variable(part: Cursor) -> str:
    """Take a variable's name: `@own` with its sign, one of the session without its scope."""
    token = part.token
    if token is None:
        raise part.refuse()
    if token.kind is TokenKind.PARAMETER:
        part.at += 1
        text = token.text.lower()
        if not text.startswith("@@"):
            return text
        scope, _, name = text[2:].rpartition(".")
        if scope not in ("", "session", "local"):
            raise part.refuse()
        return name
    part.one_of("SESSION", "LOCAL")
    return part.identifier()[0].lower()


def _assigned(reading: Reading, part: Cursor, name: str, checks: bool) -> bool:
    text = part.text()
    if name.startswith("@"):
        query(reading, part)
        return checks
    if name == "sql_mode":
        said = set(_WORD.findall(text.lower()))
        if not _READING.isdisjoint(said):
            raise part.refuse()
        kept = "@" in text or "default" in said
        reading.is_strict = kept or not _STRICT.isdisjoint(said)
    elif name == _FOREIGN_KEY_CHECKS:
        part.at = part.stop
        # What a variable kept from before is what the server begins with.
        return text.strip("'\"").upper() not in ("0", "OFF", "FALSE")
    elif name in ("default_storage_engine", "storage_engine"):
        # Of the tables that follow none is to be another than one says that names no engine.
        if text.strip("'\"`").lower() != "innodb":
            raise part.refuse()
    elif name not in _HARMLESS:
        raise part.refuse()
    part.at = part.stop
    return checks


_FUNCTIONS = words(
    """
    abs avg bit_and bit_or bit_xor cast ceil ceiling char_length coalesce concat concat_ws
    connection_id convert count curdate current_date current_timestamp current_user curtime database
    date date_add date_format date_sub day dayofmonth extract find_in_set floor format from_unixtime
    greatest group_concat hex if ifnull instr isnull json_array json_arrayagg json_extract json_length
    json_object json_objectagg json_unquote json_valid last_insert_id lcase least left length locate
    lower lpad ltrim max md5 min mod month now nullif power quote rand regexp_replace repeat replace
    reverse right round row_count row_number rpad rtrim schema sha1 sha2 sign sleep sqrt strftime json
    julianday json_each json_type json_group_array json_group_object printf quote randomblob random
    substr substring substring_index sum sysdate time timestamp total trim truncate typeof ucase
    unhex unicode unix_timestamp upper user utc_timestamp uuid values version year in exists rank
    dense_rank lag lead first_value last_value ntile datetime changes total_changes sqlite_version
    last_insert_rowid total glob hex instr iif likely unlikely
    """
)


def query(reading: Reading, cursor: Cursor) -> None:
    """Take a query, or a value, that calls nothing but what is known and stores nothing."""
    while not cursor.done:
        token = cursor.token
        assert token is not None
        is_name = token.kind in (TokenKind.WORD, TokenKind.QUOTED)
        if is_name and cursor.symbol(1) == "(":
            known = token.text.lower() in _FUNCTIONS or token.text.upper() in _BEFORE_PARENTHESIS
            if not known:
                raise cursor.refuse()
        if cursor.word() == "INTO" and _is_variable(cursor):
            cursor.at += 1
        if cursor.word() in ("INTO", "FOR", "PROCEDURE", "NEXTVAL", "NEXT"):
            raise cursor.refuse()
        cursor.at += 1
    assert reading.dialect.name == cursor.dialect


def with_statement(reading: Reading, cursor: Cursor) -> None:
    """Take a query, or a data statement, that begins with common table expressions."""
    probe = Cursor(cursor.statement, cursor.dialect, cursor.at, cursor.stop)
    verb = ""
    while not probe.done and not verb:
        if probe.symbol() == "(":
            probe.inside()
        verb = probe.one_of("SELECT", "VALUES", "INSERT", "REPLACE", "UPDATE", "DELETE")
        probe.at += not verb
    if verb in ("SELECT", "VALUES"):
        query(reading, cursor)
    elif verb:
        rows.row_statement(reading, cursor)
    else:
        raise NotUnderstood("the statement is not understood behind WITH")


def _is_variable(cursor: Cursor) -> bool:
    """Whether what comes after the next word is a variable of the session's own."""
    after = cursor.tokens[cursor.at + 1 : cursor.stop]
    return bool(after) and after[0].kind is TokenKind.PARAMETER and after[0].text[:2] != "@@"


_BEFORE_PARENTHESIS = frozenset(
    word.upper()
    for word in words(
        """
        select from where and or not in any all some on using as join having by union except
        intersect when then else case between like values over distinct is interval limit offset
        """
    )
)
