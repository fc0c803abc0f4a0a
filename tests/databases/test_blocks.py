"""DO blocks that the schema decides: what is followed is what the server does."""

from __future__ import annotations

import pytest

from schemaops.database.connect import open_database
from schemaops.database.observe import observe
from schemaops.schema.state import Schema
from schemaops.sql.interpret import Fault, Interpreter
from schemaops.sql.split import split
from tests.engines import Server, fresh_database
from tools.replay_history import differing

FOLLOWED = """
DO $$ BEGIN CREATE TYPE mood AS ENUM ('a'); EXCEPTION WHEN duplicate_object THEN NULL; END $$;
DO $$ BEGIN CREATE TYPE mood AS ENUM ('b'); EXCEPTION WHEN duplicate_object THEN null; END; $$
  LANGUAGE 'plpgsql';
DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_type WHERE typname = 'state') THEN
  CREATE TYPE state AS ENUM ('x'); END IF; END $$;
DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_catalog.pg_type t JOIN pg_namespace n ON n.oid =
  t.typnamespace WHERE t.typname = 'state' AND n.nspname = 'public') THEN CREATE TYPE state AS
  ENUM ('y'); ELSE RAISE NOTICE 'there %', 1; END IF; END $$;
CREATE TABLE t (id int, a text NOT NULL, CONSTRAINT c CHECK (id > 0));
DO $x$ BEGIN
  IF EXISTS (SELECT 1 FROM information_schema.columns WHERE table_name = 't' AND column_name =
    'a' AND is_nullable = 'NO') THEN
    ALTER TABLE t ALTER COLUMN a DROP NOT NULL;
    -- a comment
    ALTER TABLE t ALTER a SET DEFAULT 'x';
  END IF;
  IF NOT EXISTS (SELECT column_name FROM information_schema.columns WHERE table_schema =
    current_schema() AND table_name = 't' and column_name = 'b') THEN
    ALTER TABLE t ADD COLUMN b int;
  END IF;
END $x$;
DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = 'c' AND conrelid =
  't'::regclass) THEN ALTER TABLE t ADD CONSTRAINT c CHECK (id > 1); END IF; END $$;
DO $$ BEGIN ALTER TABLE t ADD CONSTRAINT c CHECK (id > 2); EXCEPTION WHEN duplicate_object THEN
  RAISE NOTICE 'x'; END $$;
DO $$ BEGIN ALTER TABLE t ADD COLUMN cc int; ALTER TABLE t ADD COLUMN b int; EXCEPTION WHEN
  duplicate_column THEN NULL; END $$;
DO $$ BEGIN CREATE TABLE t (id int); EXCEPTION WHEN duplicate_table OR duplicate_object THEN NULL;
  END $$;
DO $$ BEGIN IF NOT EXISTS (SELECT constraint_name FROM information_schema.table_constraints WHERE
  table_name = 't' AND constraint_type = 'PRIMARY KEY') THEN ALTER TABLE t ADD PRIMARY KEY (id);
  END IF; END $$;
DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_class WHERE relname = 't_i') THEN CREATE INDEX t_i ON t
  (id); END IF; IF EXISTS (SELECT 1 FROM pg_class WHERE relname = 't_i') THEN DROP INDEX t_i; END
  IF; END $$;
DO $$ BEGIN BEGIN CREATE SCHEMA app; EXCEPTION WHEN duplicate_schema THEN NULL; END; BEGIN CREATE
  SCHEMA app; EXCEPTION WHEN duplicate_schema THEN NULL; END; CREATE TABLE app.x (id int); END $$;
DO $$ BEGIN IF EXISTS (SELECT 1 FROM pg_tables WHERE schemaname = 'app' AND tablename = 'x') AND
  NOT EXISTS (SELECT 1 FROM information_schema.tables WHERE table_name = 'y') THEN UPDATE app.x
  SET id = 1; DROP TABLE app.x; END IF; END $$;
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end';
DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgname = 'g') THEN CREATE TRIGGER g BEFORE
  UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f(); END IF; END $$;
DO $$ BEGIN CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f(); EXCEPTION WHEN
  duplicate_object THEN NULL; END $$;
DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_type t JOIN pg_namespace n ON t.typnamespace = n.oid
  WHERE t.typname = 'Hue' AND n.nspname = current_schema()) THEN EXECUTE
  'CREATE TYPE "Hue" AS ENUM (''red''); ALTER TABLE t ADD hue "Hue" DEFAULT ''red'''; END IF; END $$;
CREATE TABLE far (id int UNIQUE);
DO $$ BEGIN IF NOT EXISTS (SELECT * FROM information_schema.constraint_column_usage WHERE
  table_name = 'far' AND constraint_name = 'far_one') THEN ALTER TABLE t ADD CONSTRAINT far_one
  FOREIGN KEY (id) REFERENCES far (id); END IF; END $$;
DO $$ BEGIN IF NOT EXISTS (SELECT * FROM information_schema.constraint_column_usage WHERE
  table_name = 'far' AND constraint_name = 'far_one') THEN DROP TABLE far; END IF;
  IF EXISTS (SELECT FROM information_schema.key_column_usage WHERE table_name = 'far' AND
  constraint_name = 'far_one') THEN DROP TABLE far; END IF; END $$;
"""

OPAQUE = (
    "DO $$ BEGIN ALTER TABLE t ADD PRIMARY KEY (id); EXCEPTION WHEN others THEN NULL; END $$",
    "DO $$ DECLARE x int; BEGIN x := 1; END $$",
    "DO $$ BEGIN PERFORM 1; END $$",
    "DO 'BEGIN NULL; END'",
    "DO $$ BEGIN EXECUTE 'DROP TABLE t'; END $$",
    "DO $$ BEGIN DROP TABLE t; END $$",
    "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'x') THEN DROP TABLE t; END IF; END $$",
    "DO $$ BEGIN IF (SELECT count(*) FROM t) = 0 THEN DROP TABLE t; END IF; END $$",
    "DO $$ BEGIN DROP TABLE nowhere; EXCEPTION WHEN undefined_table THEN NULL; END $$",
    "DO $$ BEGIN EXECUTE 'DROP TABLE ' || 't'; END $$",
    """DO $$ BEGIN IF EXISTS (SELECT 1 FROM pg_class WHERE relname = 't' OR relname = 'u') THEN
    DROP TABLE t; END IF; END $$""",
)


def test_followed_blocks_do_what_the_server_does(postgres_server: Server) -> None:
    with fresh_database(postgres_server) as url, open_database(url).connect() as connection:
        connection.begin()
        interpreter = Interpreter(Schema.empty("postgres"))
        for statement in split(FOLLOWED, "postgres"):
            read = interpreter.read(statement)
            assert not isinstance(read, Fault), statement.text
            assert not read.opaque, (statement.text, read.why)
            for mention in read.mentions:
                shown = statement.text[mention.start : mention.end]
                assert shown.lower() == mention.at.bare, (shown, mention.at)
            connection.execute(statement.text)
            seen = observe(connection)
            story = (statement.text, *differing(interpreter.schema, seen))
            assert seen == interpreter.schema, "\n".join(story)


@pytest.mark.parametrize("text", OPAQUE)
def test_what_the_schema_does_not_decide_is_opaque(text: str) -> None:
    interpreter = Interpreter(Schema.empty("postgres"))
    for statement in split(f"CREATE TABLE t (id int); {text}", "postgres"):
        read = interpreter.read(statement)
    assert not isinstance(read, Fault)
    assert read.opaque


def test_behind_an_unknown_effect_no_block_is_decided() -> None:
    text = """DO $$ BEGIN PERFORM 1; END $$; DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_type WHERE
        typname = 'x') THEN CREATE TYPE x AS ENUM (); END IF; END $$"""
    interpreter = Interpreter(Schema.empty("postgres"))
    groups = [interpreter.read(statement) for statement in split(text, "postgres")]
    assert [not isinstance(one, Fault) and one.opaque for one in groups] == [True, True]
