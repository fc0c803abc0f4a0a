"""The worked example: two branches of a small shop, merged and replayed, every command shown.

``python tools/demo.py`` plays it on SQLite and then on the embedded PostgreSQL, in a folder of its own;
``python tools/demo.py sqlite`` on one of them. It asserts what it shows: where a command answers
otherwise than it must, or rows are not where they must be, it says so and exits 1.
"""

from __future__ import annotations

import contextlib
import io
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path

from schemaops.cli.app import run
from schemaops.commands.workspace import open_workspace

SHOP = """\
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT);
CREATE TABLE orders (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    total NUMERIC(10, 2) NOT NULL
);
"""
ROWS = """\
INSERT INTO customers (id, name, email) VALUES (1, 'Ada', 'ada@example.org'), (2, 'Bob', NULL);
INSERT INTO orders (id, customer_id, total) VALUES (10, 1, 12.50), (11, 2, 3.00);
"""
LOYALTY = """\
ALTER TABLE customers RENAME COLUMN name TO full_name;
CREATE TABLE points (customer_id INTEGER PRIMARY KEY REFERENCES customers (id), earned INTEGER NOT NULL);
"""
SEARCH = "CREATE INDEX customers_by_name ON customers (name);"


class Surprise(Exception):
    """Something is not as the example says."""


class Shop:
    """A folder in which the example is played."""

    def __init__(self, dialect: str, folder: Path) -> None:
        self.dialect = dialect
        self.folder = folder

    def say(self, text: str) -> None:
        """Print what happens next."""
        print("\n" + textwrap.fill(text, 96, initial_indent="# ", subsequent_indent="# "))

    def type(self, line: str, code: int = 0) -> str:
        """Type a command, print it with its answer, and see that it ends as it must."""
        print(f"\n$ {line}")
        words = shlex.split(line)
        if words[0] == "schemaops":
            answer, ended = _schemaops(words[1:])
        else:
            ran = subprocess.run(words, capture_output=True, text=True, check=False)
            answer, ended = ran.stdout + ran.stderr, ran.returncode
        print(textwrap.indent(answer.rstrip("\n"), "  "), end="\n" if answer.strip() else "")
        if ended != code:
            raise Surprise(f"`{line}` ended with {ended}, not with {code}")
        return answer

    def write(self, path: str, text: str) -> None:
        """Add text to a file, as an editor would."""
        print(f"\n$ cat >> {path}\n{textwrap.indent(text.rstrip(), '  ')}")
        with (self.folder / path).open("a") as file:
            file.write(text)

    def sql(self, statements: str) -> None:
        """Send statements to the dev database, as the shop's own code would."""
        print(f"\ndev> {textwrap.indent(statements.rstrip(), '     ').lstrip()}")
        with self._dev() as connection:
            for statement in statements.strip().rstrip(";").split(";\n"):
                connection.execute(statement)

    def rows(self, query: str, wanted: list[tuple[object, ...]]) -> None:
        """Ask the dev database, and see that the rows are there."""
        with self._dev() as connection:
            found = [tuple(row) for row in connection.query(query)]
        print(f"\ndev> {query};")
        for row in found:
            print("     " + " | ".join(map(str, row)))
        if found != wanted:
            raise Surprise(f"`{query}` gave {found}, not {wanted}")

    @contextlib.contextmanager
    def _dev(self) -> Iterator[object]:
        workspace = open_workspace(self.folder)
        with workspace.database(workspace.config.environment("dev")).connect() as connection:
            yield connection


def play(dialect: str, folder: Path) -> None:
    """Play the example in one dialect; raise Surprise where it goes otherwise."""
    shop = Shop(dialect, folder)
    shop.say(
        f"A new project on {dialect}. Its dev database is embedded: there is nothing to install."
    )
    shop.type(f"schemaops init --dialect {dialect}")
    shop.type("schemaops new 'Customers and orders'")
    shop.write(".schemaops/drafts/customers-and-orders.sql", SHOP)
    shop.type("schemaops commit")
    shop.type("git commit --quiet --message 'Customers and orders'")
    shop.type("schemaops replay dev")
    shop.sql(ROWS)

    shop.say("One branch renames a column and adds a table, and its dev database follows.")
    shop.type("schemaops switch --create loyalty")
    (folder / "loyalty.sql").write_text(LOYALTY)
    shop.type("schemaops commit -m 'Loyalty points' loyalty.sql")
    shop.type("git commit --quiet --message 'Loyalty points'")
    shop.type("schemaops replay dev")

    shop.say(
        "Back on main, the database goes back too: from its own ledger, since the file is not here. "
        "Meanwhile main indexes the column by its old name."
    )
    shop.type("schemaops switch main")
    shop.type(f"schemaops commit -m 'Search by name' --sql '{SEARCH}'")
    shop.type("git commit --quiet --message 'Search by name'")
    shop.type("schemaops plan dev")
    shop.type("schemaops replay dev")
    shop.rows("SELECT id, name FROM customers ORDER BY id", [(1, "Ada"), (2, "Bob")])

    shop.say("The two merge without a question: the index is carried past the rename.")
    shop.type("schemaops branch")
    shop.type("schemaops merge loyalty")
    shop.type("git commit --quiet --no-edit")
    shop.type("schemaops log --graph")
    shop.type("schemaops replay dev")
    shop.rows("SELECT id, full_name FROM customers ORDER BY id", [(1, "Ada"), (2, "Bob")])
    shop.sql("INSERT INTO points (customer_id, earned) VALUES (1, 7)")

    shop.say("Two names for one column cannot both stand. Nothing is guessed: a person decides.")
    shop.type("schemaops switch --create pricing")
    rename = "ALTER TABLE orders RENAME COLUMN total TO {}"
    shop.type(f"schemaops commit -m 'Call it price' --sql '{rename.format('price')}'")
    shop.type("git commit --quiet --message 'Call it price'")
    shop.type("schemaops switch main")
    shop.type(f"schemaops commit -m 'Call it amount' --sql '{rename.format('amount')}'")
    shop.type("git commit --quiet --message 'Call it amount'")
    answer = shop.type("schemaops merge pricing", code=1)
    resolve = next(row for row in answer.splitlines() if "--theirs" in row)
    shop.type(resolve.replace("hint:", "").partition("    keep")[0].strip())
    shop.type("schemaops merge --continue")
    shop.type("git commit --quiet --no-edit")
    shop.type("schemaops replay dev")
    shop.rows("SELECT id, price FROM orders ORDER BY id", _prices(dialect))

    shop.say("Going to another branch and back takes nothing that both have.")
    shop.type("schemaops switch pricing")
    shop.type("schemaops replay dev")
    shop.rows("SELECT customer_id, earned FROM points", [(1, 7)])
    shop.rows("SELECT id, price FROM orders ORDER BY id", _prices(dialect))
    shop.type("schemaops switch main")
    shop.type("schemaops replay dev")

    shop.say("Backwards and forwards: a bad night ends with one command.")
    shop.type("schemaops replay dev --to loyalty")
    shop.rows("SELECT id, total FROM orders ORDER BY id", _prices(dialect))
    shop.type("schemaops replay dev")
    shop.rows("SELECT customer_id, earned FROM points", [(1, 7)])
    shop.type("schemaops status --live")
    shop.type("schemaops diff main env:dev")
    shop.type("schemaops verify")
    shop.type("schemaops fsck")


def _prices(dialect: str) -> list[tuple[object, ...]]:
    if dialect == "sqlite":
        return [(10, 12.5), (11, 3)]
    from decimal import Decimal

    return [(10, Decimal("12.50")), (11, Decimal("3.00"))]


def _schemaops(arguments: list[str]) -> tuple[str, int]:
    answer = io.StringIO()
    with contextlib.redirect_stdout(answer), contextlib.redirect_stderr(answer):
        ended = run(arguments)
    return answer.getvalue(), ended


def main(dialects: list[str]) -> int:
    """Play the example in each dialect; return 1 where something was otherwise than it must be."""
    os.environ.update(NO_COLOR="1", GIT_CONFIG_NOSYSTEM="1", GIT_CONFIG_GLOBAL=os.devnull)
    for role in ("AUTHOR", "COMMITTER"):
        os.environ.setdefault(f"GIT_{role}_NAME", "Ada Example")
        os.environ.setdefault(f"GIT_{role}_EMAIL", "ada@example.org")
    here = Path.cwd()
    for dialect in dialects or ["sqlite", "postgres"]:
        folder = Path(tempfile.mkdtemp(prefix="schemaops-demo-"))
        print(f"\n{'=' * 32} {dialect} {'=' * 32}")
        try:
            os.chdir(folder)
            play(dialect, folder)
        except Surprise as surprise:
            print(f"\nnot as it should be, on {dialect}: {surprise}", file=sys.stderr)
            return 1
        finally:
            os.chdir(here)
            _stop(folder)
            shutil.rmtree(folder, ignore_errors=True)
    print("\nAll of it went as it should.")
    return 0


def _stop(folder: Path) -> None:
    from schemaops.database import embedded

    embedded.stop(folder / ".git" / "schemaops" / "dev-postgres")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
