"""PostgreSQL's statements about what is seldom used: which recogniser takes each, and which reader the
observer has for each kind."""

from __future__ import annotations

from collections.abc import Callable

from schemaops.names import Address, Kind
from schemaops.schema.objects import Sundry
from schemaops.sql import aggregates, collations, foreign, publications, rules, text_search
from schemaops.sql.cursor import Cursor
from schemaops.sql.reading import Reading
from schemaops.sql.sundry import Names, statements
from schemaops.sql.sundry_kinds import KINDS

__all__ = ["STATEMENTS", "commented", "read_definition"]

Recogniser = Callable[[Reading, Cursor], None]


def _replaced_rule(reading: Reading, cursor: Cursor) -> None:
    rules.create_rule(reading, cursor, instead=True)


def _replaced_aggregate(reading: Reading, cursor: Cursor) -> None:
    aggregates.create_aggregate(reading, cursor, instead=True)


def _owned(reading: Reading, cursor: Cursor) -> None:
    """Take a statement that says no more than whose something is."""
    words = [token.text.upper() for token in cursor.tokens[cursor.stop - 3 : cursor.stop - 1]]
    if words != ["OWNER", "TO"] or reading.dialect.name != "postgres":
        raise cursor.refuse()
    cursor.at = cursor.stop


STATEMENTS: tuple[tuple[tuple[str, ...], Recogniser], ...] = (
    *(
        (("ALTER", *words), _owned)
        for words in (
            ("OPERATOR", "CLASS"),
            ("OPERATOR", "FAMILY"),
            ("LANGUAGE",),
            ("PROCEDURAL", "LANGUAGE"),
            ("FOREIGN", "TABLE"),
            ("CONVERSION",),
            ("SUBSCRIPTION",),
            ("LARGE", "OBJECT"),
        )
    ),
    (("CREATE", "RULE"), rules.create_rule),
    (("CREATE", "OR", "REPLACE", "RULE"), _replaced_rule),
    (("ALTER", "RULE"), rules.alter_rule),
    (("DROP", "RULE"), rules.drop_rule),
    (("CREATE", "AGGREGATE"), aggregates.create_aggregate),
    (("CREATE", "OR", "REPLACE", "AGGREGATE"), _replaced_aggregate),
    (("ALTER", "AGGREGATE"), aggregates.alter_aggregate),
    (("DROP", "AGGREGATE"), aggregates.drop_aggregate),
    (("CREATE", "OPERATOR"), aggregates.create_operator),
    (("ALTER", "OPERATOR"), aggregates.alter_operator),
    (("DROP", "OPERATOR"), aggregates.drop_operator),
    (("CREATE", "CAST"), aggregates.create_cast),
    (("DROP", "CAST"), aggregates.drop_cast),
    (("CREATE", "COLLATION"), collations.create_collation),
    (("ALTER", "COLLATION"), collations.alter_collation),
    (("DROP", "COLLATION"), collations.drop_collation),
    (("CREATE", "TEXT", "SEARCH", "CONFIGURATION"), text_search.create_configuration),
    (("ALTER", "TEXT", "SEARCH", "CONFIGURATION"), text_search.alter_configuration),
    (("DROP", "TEXT", "SEARCH", "CONFIGURATION"), text_search.drop_configuration),
    (("CREATE", "TEXT", "SEARCH", "DICTIONARY"), text_search.create_dictionary),
    (("ALTER", "TEXT", "SEARCH", "DICTIONARY"), text_search.alter_dictionary),
    (("DROP", "TEXT", "SEARCH", "DICTIONARY"), text_search.drop_dictionary),
    (("CREATE", "FOREIGN", "DATA", "WRAPPER"), foreign.create_wrapper),
    (("ALTER", "FOREIGN", "DATA", "WRAPPER"), foreign.rename_wrapper),
    (("DROP", "FOREIGN", "DATA", "WRAPPER"), foreign.drop_wrapper),
    (("CREATE", "SERVER"), foreign.create_server),
    (("ALTER", "SERVER"), foreign.alter_server),
    (("DROP", "SERVER"), foreign.drop_server),
    (("CREATE", "USER", "MAPPING"), foreign.create_mapping),
    (("DROP", "USER", "MAPPING"), foreign.drop_mapping),
    (("CREATE", "PUBLICATION"), publications.create_publication),
    (("ALTER", "PUBLICATION"), publications.alter_publication),
    (("DROP", "PUBLICATION"), publications.drop_publication),
)

_READERS: dict[Kind, Callable[[Names, Cursor], Sundry]] = {
    Kind.RULE: rules.rule,
    Kind.AGGREGATE: aggregates.aggregate,
    Kind.OPERATOR: aggregates.operator,
    Kind.CAST: aggregates.cast,
    Kind.COLLATION: collations.collation,
    Kind.TEXT_SEARCH_DICTIONARY: text_search.dictionary,
    Kind.WRAPPER: foreign.wrapper,
    Kind.SERVER: foreign.server,
    Kind.USER_MAPPING: foreign.mapping,
    Kind.PUBLICATION: publications.publication,
}


def read_definition(kind: Kind, text: str, names: Names) -> Sundry:
    """Return the object that the catalogue's statements make; raise NotUnderstood."""
    found = statements(text)
    found[0].need("CREATE", *KINDS[kind].split())
    if kind is Kind.TEXT_SEARCH_CONFIGURATION:
        return text_search.configuration(names, found)
    if len(found) > 1:
        raise found[1].refuse()
    return _READERS[kind](names, found[0])


def commented(reading: Reading, cursor: Cursor) -> Address | None:
    """Take the kind and name of such an object behind COMMENT ON; None where it is of another."""
    for kind, words in KINDS.items():
        if not cursor.take(*words.split()):
            continue
        at = _named(reading, cursor, kind)
        if at is None or at not in reading.schema:
            raise cursor.refuse()
        return at
    return None


def _named(reading: Reading, cursor: Cursor, kind: Kind) -> Address | None:
    match kind:
        case Kind.AGGREGATE:
            return aggregates.named_aggregate(reading, cursor)
        case Kind.RULE:
            return rules.named(reading, cursor)
        case Kind.OPERATOR:
            return aggregates.named_operator(reading, cursor)
        case Kind.CAST:
            return aggregates.named_cast(reading, cursor)
        case Kind.USER_MAPPING:
            return None
        case Kind.PUBLICATION | Kind.SERVER | Kind.WRAPPER:
            name, token = cursor.identifier()
            at = Address(kind, (name,))
            reading.mention(token, at)
            return at
        case _:
            parts = cursor.qualified()
            found = reading.find(tuple(name for name, _ in parts), (kind,))
            if found is not None:
                reading.mention_path(parts, found)
            return found
