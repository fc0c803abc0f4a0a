-- schemaops revision 1
-- parents: base
-- migration: m1:f3f6dfbb3f7ee6b13f909be3eadcbb163edfef5938ecf7b4231d7b5f9a30dea0
-- message: The ledger's tables
-- author: Seed c9deacd8 maintainers <maintainers@users.noreply.h-seed-c9deacd8.example>
-- date: 2026-11-20T20:05:07+00:00
-- dialect: sqlite

-- up
CREATE TABLE ledger (
    number INTEGER NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    revision TEXT NOT NULL,
    migration TEXT,
    message TEXT NOT NULL,
    up TEXT NOT NULL,
    down TEXT NOT NULL,
    parents TEXT NOT NULL,
    merge TEXT,
    side TEXT,
    who TEXT NOT NULL,
    at TEXT NOT NULL,
    took_ms INTEGER NOT NULL,
    fingerprint TEXT,
    outcome TEXT NOT NULL,
    tool TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL
);
CREATE TABLE progress (
    number INTEGER NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    step INTEGER,
    part INTEGER,
    state TEXT NOT NULL,
    who TEXT NOT NULL,
    at TEXT NOT NULL,
    body TEXT
);
CREATE TABLE meta (name VARCHAR(64) NOT NULL PRIMARY KEY, value TEXT NOT NULL);

-- down, generated
DROP TABLE meta;
DROP TABLE progress;
DROP TABLE ledger;
