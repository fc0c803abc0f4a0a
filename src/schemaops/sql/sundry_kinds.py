"""PostgreSQL's kinds of object that are seldom used, each with the words that statements have for it."""

from __future__ import annotations

from schemaops.names import Kind

__all__ = ["KINDS"]

KINDS: dict[Kind, str] = {
    Kind.AGGREGATE: "AGGREGATE",
    Kind.OPERATOR: "OPERATOR",
    Kind.CAST: "CAST",
    Kind.COLLATION: "COLLATION",
    Kind.TEXT_SEARCH_DICTIONARY: "TEXT SEARCH DICTIONARY",
    Kind.TEXT_SEARCH_CONFIGURATION: "TEXT SEARCH CONFIGURATION",
    Kind.WRAPPER: "FOREIGN DATA WRAPPER",
    Kind.SERVER: "SERVER",
    Kind.USER_MAPPING: "USER MAPPING",
    Kind.RULE: "RULE",
    Kind.PUBLICATION: "PUBLICATION",
}
