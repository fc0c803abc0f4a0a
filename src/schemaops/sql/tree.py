"""The syntax tree of expressions, queries and data statements, as `grammar` reads it.

Nodes are values. Names stay tokens here, with their places in the text; what they stand for is
found when they are bound. Nothing is rewritten: two texts have one tree only if they read alike
token by token, white space, case of keywords and redundant parentheses apart.
"""

from __future__ import annotations

from dataclasses import dataclass

from schemaops.sql.lexer import Token

__all__ = [
    "Array",
    "AtZone",
    "Between",
    "Binary",
    "Call",
    "Case",
    "Cast",
    "Chain",
    "Collate",
    "Column",
    "Compound",
    "Conflict",
    "Constant",
    "Cte",
    "Delete",
    "Derived",
    "Exists",
    "Field",
    "From",
    "Function",
    "In",
    "Insert",
    "Interval",
    "Is",
    "Item",
    "Join",
    "Json",
    "Like",
    "Named",
    "Node",
    "Number",
    "Quantified",
    "Query",
    "Row",
    "Scalar",
    "Select",
    "SetItem",
    "Sort",
    "Special",
    "Star",
    "String",
    "Subscript",
    "Table",
    "Truncate",
    "Unary",
    "Update",
    "Values",
    "Window",
]


@dataclass(frozen=True, slots=True)
class Number:
    """A number, as written."""

    text: str


@dataclass(frozen=True, slots=True)
class String:
    """A string literal: the value it stands for, and its token."""

    value: str
    token: Token


@dataclass(frozen=True, slots=True)
class Constant:
    """What is written as it is: NULL, TRUE, CURRENT_DATE, DEFAULT, X'FF', a parameter."""

    text: str


@dataclass(frozen=True, slots=True)
class Column:
    """A reference to a column: its name, last, and what qualifies it."""

    parts: tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class Star:
    """All columns, or all of what qualifies it."""

    parts: tuple[Token, ...] = ()


@dataclass(frozen=True, slots=True)
class Unary:
    """A prefix operator and its operand."""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Binary:
    """An infix operator and its operands."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Chain:
    """AND or OR between terms; nesting to either side is one chain."""

    operator: str
    terms: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Like:
    """LIKE, ILIKE, SIMILAR TO, GLOB, REGEXP, MATCH, with what escapes in the pattern."""

    operator: str
    negated: bool
    left: Node
    right: Node
    escape: Node | None


@dataclass(frozen=True, slots=True)
class Between:
    """operand [NOT] BETWEEN [SYMMETRIC] low AND high."""

    operand: Node
    low: Node
    high: Node
    negated: bool
    symmetric: bool


@dataclass(frozen=True, slots=True)
class In:
    """operand [NOT] IN (items) or (query); in SQLite also a table's name."""

    operand: Node
    negated: bool
    items: tuple[Node, ...] = ()
    query: Query | None = None
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class Quantified:
    """left operator ANY|ALL (right)."""

    left: Node
    operator: str
    quantifier: str
    right: Node | Query


@dataclass(frozen=True, slots=True)
class Is:
    """operand IS [NOT] what."""

    operand: Node
    what: str
    negated: bool


@dataclass(frozen=True, slots=True)
class Exists:
    """EXISTS (query)."""

    query: Query


@dataclass(frozen=True, slots=True)
class Scalar:
    """A query in parentheses, as a value."""

    query: Query


@dataclass(frozen=True, slots=True)
class Case:
    """CASE [operand] WHEN … THEN … ELSE … END."""

    operand: Node | None
    whens: tuple[tuple[Node, Node], ...]
    otherwise: Node | None


@dataclass(frozen=True, slots=True)
class Cast:
    """A value made another type's; the type as tokens. `literal`: written `type 'value'`."""

    operand: Node
    type: tuple[Token, ...]
    literal: bool = False


@dataclass(frozen=True, slots=True)
class Collate:
    """operand COLLATE name."""

    operand: Node
    name: tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """An argument given by name."""

    name: Token
    value: Node


@dataclass(frozen=True, slots=True)
class Sort:
    """A term of ORDER BY."""

    value: Node
    descending: bool = False
    nulls: str = ""
    using: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """A window: of another, partitioned, ordered, framed (words and values in turn)."""

    base: Token | None = None
    partition: tuple[Node, ...] = ()
    order: tuple[Sort, ...] = ()
    frame: tuple[str | Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """A function's call, an aggregate's and a window function's included."""

    name: tuple[Token, ...]
    arguments: tuple[Node, ...]
    star: bool = False
    distinct: bool = False
    variadic: bool = False
    order: tuple[Sort, ...] = ()
    separator: Node | None = None
    within: tuple[Sort, ...] = ()
    where: Node | None = None
    nulls: str = ""
    over: Window | Token | None = None


@dataclass(frozen=True, slots=True)
class Special:
    """A function with words between its arguments: EXTRACT(day FROM x); words in upper case."""

    name: str
    parts: tuple[str | Node, ...]


@dataclass(frozen=True, slots=True)
class Json:
    """One of SQL's own functions of JSON, or a column of JSON_TABLE: what it is of, the path, what it
    returns, and what it says beyond the defaults.

    `behaviors` are what comes at an event (EMPTY, ERROR), in words, and a DEFAULT's value. `called` is
    the name of a path or column.
    """

    name: str
    operands: tuple[Node, ...] = ()
    path: String | None = None
    called: Token | None = None
    passing: tuple[tuple[Node, Token], ...] = ()
    returning: tuple[Token, ...] = ()
    words: tuple[str, ...] = ()
    behaviors: tuple[tuple[str, str, Node | None], ...] = ()
    columns: tuple[Json, ...] = ()
    order: tuple[Sort, ...] = ()
    where: Node | None = None
    over: Window | Token | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A row of values; `explicit` where ROW was written."""

    items: tuple[Node, ...]
    explicit: bool = False


@dataclass(frozen=True, slots=True)
class Array:
    """ARRAY[items] or ARRAY(query)."""

    items: tuple[Node, ...] = ()
    query: Query | None = None


@dataclass(frozen=True, slots=True)
class Subscript:
    """operand[low] or operand[low:high]."""

    operand: Node
    low: Node | None
    high: Node | None = None
    slice: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """(operand).name; the name is None for all fields."""

    operand: Node
    name: Token | None


@dataclass(frozen=True, slots=True)
class Interval:
    """MySQL's INTERVAL value unit."""

    value: Node
    unit: str


@dataclass(frozen=True, slots=True)
class AtZone:
    """operand AT TIME ZONE zone; None for AT LOCAL."""

    operand: Node
    zone: Node | None


Node = (
    Number
    | String
    | Constant
    | Column
    | Star
    | Unary
    | Binary
    | Chain
    | Like
    | Between
    | In
    | Quantified
    | Is
    | Exists
    | Scalar
    | Case
    | Cast
    | Collate
    | Named
    | Call
    | Special
    | Json
    | Row
    | Array
    | Subscript
    | Field
    | Interval
    | AtZone
)


@dataclass(frozen=True, slots=True)
class Item:
    """A term of a SELECT list, its alias, and its extent in the text."""

    value: Node
    alias: Token | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Table:
    """A relation in FROM."""

    path: tuple[Token, ...]
    alias: Token | None = None
    columns: tuple[Token, ...] = ()
    only: bool = False
    options: tuple[str | Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Derived:
    """A query in FROM."""

    query: Query
    alias: Token | None
    columns: tuple[Token, ...] = ()
    lateral: bool = False


@dataclass(frozen=True, slots=True)
class Function:
    """A function in FROM; the types are of a column definition list."""

    call: Node
    alias: Token | None
    columns: tuple[Token, ...] = ()
    types: tuple[tuple[Token, ...], ...] = ()
    ordinality: bool = False
    lateral: bool = False


@dataclass(frozen=True, slots=True)
class Join:
    """Two sources joined; `kind` is INNER, LEFT, RIGHT, FULL, CROSS or STRAIGHT."""

    kind: str
    left: From
    right: From
    on: Node | None = None
    using: tuple[Token, ...] = ()
    natural: bool = False
    alias: Token | None = None


From = Table | Derived | Function | Join


@dataclass(frozen=True, slots=True)
class Select:
    """SELECT, without what may follow a set operation too."""

    items: tuple[Item, ...]
    sources: tuple[From, ...] = ()
    where: Node | None = None
    group: tuple[Node, ...] = ()
    rollup: bool = False
    having: Node | None = None
    windows: tuple[tuple[Token, Window], ...] = ()
    distinct: bool = False
    distinct_on: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Compound:
    """UNION, INTERSECT or EXCEPT."""

    operator: str
    every: bool
    left: Body
    right: Body


@dataclass(frozen=True, slots=True)
class Values:
    """VALUES rows."""

    rows: tuple[tuple[Node, ...], ...]


@dataclass(frozen=True, slots=True)
class Cte:
    """A common table expression; one that writes has a data statement in place of its query."""

    name: Token
    columns: tuple[Token, ...]
    query: Query
    materialized: str = ""
    statement: Insert | Update | Delete | Merge | None = None
    recursive: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """A whole query."""

    body: Body
    ctes: tuple[Cte, ...] = ()
    recursive: bool = False
    order: tuple[Sort, ...] = ()
    limit: Node | None = None
    offset: Node | None = None
    ties: bool = False
    locks: tuple[str, ...] = ()


Body = Select | Compound | Values | Query


@dataclass(frozen=True, slots=True)
class SetItem:
    """An assignment: columns (several from one row), the value, and its extent in the text."""

    columns: tuple[Column, ...]
    value: Node
    several: bool = False
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Conflict:
    """What an INSERT does about rows that exist: nothing, update or replace."""

    action: str
    targets: tuple[Node, ...] = ()
    target_where: Node | None = None
    constraint: Token | None = None
    sets: tuple[SetItem, ...] = ()
    where: Node | None = None


@dataclass(frozen=True, slots=True)
class Insert:
    """INSERT or REPLACE; no source stands for DEFAULT VALUES. The new row may go by an alias, and its
    columns by names of their own (MySQL)."""

    table: Table
    columns: tuple[Token, ...] | None
    source: Query | None
    conflicts: tuple[Conflict, ...] = ()
    returning: tuple[Item, ...] = ()
    ctes: tuple[Cte, ...] = ()
    overriding: str = ""
    alias: Token | None = None
    names: tuple[Token, ...] = ()


@dataclass(frozen=True, slots=True)
class Update:
    """UPDATE; MySQL's may name several sources at once."""

    targets: tuple[From, ...]
    sets: tuple[SetItem, ...]
    sources: tuple[From, ...] = ()
    where: Item | None = None
    order: tuple[Sort, ...] = ()
    limit: Node | None = None
    returning: tuple[Item, ...] = ()
    ctes: tuple[Cte, ...] = ()
    conflict: str = ""


@dataclass(frozen=True, slots=True)
class Delete:
    """DELETE; `named` are the targets of MySQL's several-table form."""

    sources: tuple[From, ...]
    named: tuple[tuple[Token, ...], ...] = ()
    using: tuple[From, ...] = ()
    where: Item | None = None
    order: tuple[Sort, ...] = ()
    limit: Node | None = None
    returning: tuple[Item, ...] = ()
    ctes: tuple[Cte, ...] = ()


@dataclass(frozen=True, slots=True)
class Merge:
    """MERGE: what is done with the rows that match, and with those that do not."""

    table: Table
    source: From
    on: Node
    branches: tuple[Branch, ...]
    returning: tuple[Item, ...] = ()
    ctes: tuple[Cte, ...] = ()


@dataclass(frozen=True, slots=True)
class Branch:
    """WHEN … THEN of a MERGE; the action is insert, update, delete or nothing."""

    condition: Node | None
    action: str
    sets: tuple[SetItem, ...] = ()
    columns: tuple[Token, ...] | None = None
    values: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Truncate:
    """TRUNCATE of tables, with its options in words."""

    tables: tuple[Table, ...]
    options: tuple[str, ...] = ()
