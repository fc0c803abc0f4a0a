"""Data statements: INSERT, REPLACE, UPDATE, DELETE, MERGE, TRUNCATE."""

from __future__ import annotations

from dataclasses import replace

from schemaops.sql import tree
from schemaops.sql.grammar.queries import QueryReader
from schemaops.sql.keywords import words
from schemaops.sql.lexer import Token, TokenKind
from schemaops.sql.tree import Node

__all__ = ["RowReader"]


class RowReader(QueryReader):
    """Reads data statements."""

    def data_statement(
        self,
    ) -> tree.Insert | tree.Update | tree.Delete | tree.Merge | tree.Truncate:
        """Read INSERT, REPLACE, UPDATE, DELETE, MERGE or TRUNCATE."""
        ctes: tuple[tree.Cte, ...] = ()
        if self.took("with"):
            recursive = self.took("recursive")
            if recursive and self.dialect == "mysql":
                raise self.wrong("a data statement with recursive expressions")
            ctes = self.separated(self.writing_cte)
            if recursive or self.dialect == "sqlite":
                ctes = tuple(replace(cte, recursive=True) for cte in ctes)
        if self.key == "truncate" and not ctes and self.dialect != "sqlite":
            return self.truncate()
        return self.writing(ctes)

    def writing(
        self, ctes: tuple[tree.Cte, ...]
    ) -> tree.Insert | tree.Update | tree.Delete | tree.Merge:
        match self.key:
            case "insert" | "replace":
                return self.insert(ctes)
            case "update":
                return self.update(ctes)
            case "delete":
                return self.delete(ctes)
            case "merge" if self.dialect == "postgres":
                return self.merge(ctes)
        raise self.wrong("no data statement")

    def writing_cte(self) -> tree.Cte:
        """Read a common table expression, which in PostgreSQL may write."""
        start = self.at
        name = self.name()
        columns = self.names_in_parentheses() if self.key == "(" else ()
        self.expect("as")
        self.took("not")
        self.took("materialized")
        self.expect("(")
        verbs = words("insert update delete merge")
        if self.dialect != "postgres" or self.key not in verbs:
            self.at = start
            return self.cte()
        statement = self.writing(())
        self.expect(")")
        return tree.Cte(name, columns, tree.Query(tree.Values(())), "", statement)

    def merge(self, ctes: tuple[tree.Cte, ...]) -> tree.Merge:
        self.expect("merge", "into")
        target = self.source()
        if not isinstance(target, tree.Table):
            raise self.wrong("MERGE into what is no table")
        self.expect("using")
        source = self.source_joined()
        self.expect("on")
        on = self.expression()
        branches = []
        while self.took("when"):
            branches.append(self.branch())
        return tree.Merge(target, source, on, tuple(branches), self.returning(), ctes)

    def branch(self) -> tree.Branch:
        self.took("not")
        self.expect("matched")
        if self.took("by"):
            self.expect("source" if self.key == "source" else "target")
        condition = self.expression() if self.took("and") else None
        self.expect("then")
        if self.took("do"):
            self.expect("nothing")
            return tree.Branch(condition, "nothing")
        if self.took("delete"):
            return tree.Branch(condition, "delete")
        if self.took("update"):
            self.expect("set")
            return tree.Branch(condition, "update", self.separated(self.assignment))
        self.expect("insert")
        columns = None
        if self.took("("):
            columns = self.separated(self.target_name)
            self.expect(")")
        if self.took("overriding"):
            self.at += 1
            self.expect("value")
        if self.took("default", "values"):
            return tree.Branch(condition, "insert", (), columns)
        self.expect("values")
        return tree.Branch(condition, "insert", (), columns, self.value_row())

    def returning(self) -> tuple[tree.Item, ...]:
        return self.separated(self.item) if self.took("returning") else ()

    def insert(self, ctes: tuple[tree.Cte, ...]) -> tree.Insert:
        verb = self.next().text.lower()
        action = "replace" if verb == "replace" else ""
        if self.dialect == "sqlite" and self.took("or"):
            action = {"ignore": "nothing", "replace": "replace"}.get(self.next().text.lower(), "")
        if self.dialect == "mysql":
            while self.key in words("low_priority delayed high_priority ignore"):
                action = "nothing" if self.next().text.lower() == "ignore" else action
            self.took("into")
        else:
            self.expect("into")
        path = self.path()
        if self.dialect == "mysql" and self.key == "partition":
            raise self.wrong("INSERT into a partition")
        alias = self.name() if self.took("as") else None
        table = tree.Table(path, alias)
        if self.dialect == "mysql" and self.key == "set":
            self.at += 1
            sets = self.separated(self.assignment)
            columns = tuple(item.columns[0].parts[-1] for item in sets)
            row = tuple(item.value for item in sets)
            source: tree.Query | None = tree.Query(tree.Values((row,)))
            alias, others = self.new_row()
            return tree.Insert(
                table,
                columns,
                source,
                self.conflicts(action),
                self.returning(),
                ctes,
                alias=alias,
                names=others,
            )
        named = None
        if self.key == "(" and not self.begins_query():
            self.at += 1
            named = () if self.key == ")" else self.separated(self.target_name)
            self.expect(")")
        overriding = ""
        new: Token | None = None
        names: tuple[Token, ...] = ()
        if self.took("overriding"):
            overriding = self.next().text.upper()
            self.expect("value")
        if self.took("default", "values"):
            source = None
        elif self.key in {"values", "value"}:
            self.at += 1
            source = tree.Query(tree.Values(self.separated(self.value_row)))
            new, names = self.new_row()
        else:
            source = self.query()
        return tree.Insert(
            table,
            named,
            source,
            self.conflicts(action),
            self.returning(),
            ctes,
            overriding,
            new,
            names,
        )

    def new_row(self) -> tuple[Token | None, tuple[Token, ...]]:
        """Take MySQL's alias for the new row, and for its columns."""
        if self.dialect != "mysql" or not self.took("as"):
            return None, ()
        alias = self.path()[-1]
        if self.key != "(":
            return alias, ()
        self.at += 1
        names = self.separated(self.target_name)
        self.expect(")")
        return alias, names

    def target_name(self) -> Token:
        path = self.path()
        if self.key == "[" or (self.dialect == "postgres" and len(path) > 1):
            raise self.wrong("an element of an array or a field as a target")
        return path[-1]

    def conflicts(self, action: str) -> tuple[tree.Conflict, ...]:
        found = [tree.Conflict(action)] if action else []
        if self.took("on", "duplicate", "key", "update"):
            found.append(tree.Conflict("update", sets=self.separated(self.assignment)))
        while self.took("on", "conflict"):
            found.append(self.on_conflict())
        return tuple(found)

    def on_conflict(self) -> tree.Conflict:
        targets: tuple[Node, ...] = ()
        target_where = constraint = None
        if self.took("("):
            targets = self.separated(self.conflict_target)
            self.expect(")")
            if self.took("where"):
                target_where = self.expression()
        elif self.took("on", "constraint"):
            constraint = self.name()
        self.expect("do")
        if self.took("nothing"):
            return tree.Conflict("nothing", targets, target_where, constraint)
        self.expect("update", "set")
        sets = self.separated(self.assignment)
        where = self.expression() if self.took("where") else None
        return tree.Conflict("update", targets, target_where, constraint, sets, where)

    def conflict_target(self) -> Node:
        value = self.expression()
        if self.is_name(unless=words("asc desc")):
            self.path()
        self.took("asc") or self.took("desc")
        return value

    def assignment(self) -> tree.SetItem:
        """Read one assignment of SET."""
        several = self.took("(")
        columns = self.separated(lambda: tree.Column(self.path())) if several else ()
        if several:
            self.expect(")")
        else:
            columns = (tree.Column(self.path()),)
        element: Node | None = None
        while self.dialect == "postgres" and not several and self.key == "[":
            element = self.subscript(element or tree.Column(columns[0].parts[:1]))
        if not self.took("=") and not (self.dialect == "mysql" and self.took(":=")):
            raise self.wrong("`=` is missing")
        item = self.extended()
        value = item.value
        if isinstance(value, tree.Row) and len(value.items) == len(columns) == 1:
            value = value.items[0]
        if self.dialect == "postgres" and any(len(column.parts) > 1 for column in columns):
            # PostgreSQL's targets go without their table: what follows a point is a field.
            if several:
                raise self.wrong("a field as one of several targets")
            columns = (tree.Column(columns[0].parts[:1]),)
            element = element or columns[0]
        if element is not None:
            value = tree.Special("WITHIN", (element, value))
        return tree.SetItem(columns, value, several, item.start, item.end)

    def extended(self) -> tree.Item:
        """Read an expression, with its extent in the text."""
        start = self.found[self.at].start if self.at < len(self.found) else 0
        value = self.expression()
        return tree.Item(value, None, start, self.found[self.at - 1].end)

    def update(self, ctes: tuple[tree.Cte, ...]) -> tree.Update:
        self.expect("update")
        conflict = ""
        if self.dialect == "sqlite" and self.took("or"):
            conflict = self.next().text.lower()
        if self.dialect == "mysql":
            self.took("low_priority")
            conflict = "ignore" if self.took("ignore") else ""
        if self.dialect == "mysql":
            targets = self.separated(self.source_joined)
        else:
            targets = (self.source(),)
        self.expect("set")
        sets = self.separated(self.assignment)
        sources: tuple[tree.From, ...] = ()
        if self.dialect != "mysql" and self.took("from"):
            sources = self.separated(self.source_joined)
        where = self.where()
        order = self.separated(self.sort) if self.took("order", "by") else ()
        limit = self.limits()[0]
        return tree.Update(
            targets, sets, sources, where, order, limit, self.returning(), ctes, conflict
        )

    def where(self) -> tree.Item | None:
        if not self.took("where"):
            return None
        if self.ahead("current", "of"):
            raise self.wrong("WHERE CURRENT OF")
        return self.extended()

    def delete(self, ctes: tuple[tree.Cte, ...]) -> tree.Delete:
        self.expect("delete")
        named: tuple[tuple[Token, ...], ...] = ()
        using: tuple[tree.From, ...] = ()
        if self.dialect == "mysql":
            while self.key in words("low_priority quick ignore"):
                self.at += 1
            if self.key != "from":
                named = self.separated(self.delete_target)
        self.expect("from")
        sources = self.separated(self.source_joined)
        if self.dialect != "sqlite" and self.took("using"):
            using = self.separated(self.source_joined)
            if self.dialect == "mysql":
                named = tuple(s.path for s in sources if isinstance(s, tree.Table))
                sources, using = using, ()
        where = self.where()
        order = self.separated(self.sort) if self.took("order", "by") else ()
        limit = self.limits()[0]
        return tree.Delete(sources, named, using, where, order, limit, self.returning(), ctes)

    def delete_target(self) -> tuple[Token, ...]:
        path = self.path()
        if self.took("."):
            self.expect("*")
        return path

    def truncate(self) -> tree.Truncate:
        self.expect("truncate")
        self.took("table")

        def target() -> tree.Table:
            only = self.took("only")
            path = self.path()
            self.took("*")
            return tree.Table(path, only=only)

        tables = self.separated(target)
        options = []
        while self.kind() is TokenKind.WORD:
            options.append(self.next().text.upper())
        known = words("RESTART CONTINUE IDENTITY CASCADE RESTRICT")
        if not known.issuperset(options):
            raise self.wrong("an option of TRUNCATE that is not known")
        return tree.Truncate(tables, tuple(options))
