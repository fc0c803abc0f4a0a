-- = a star view and a column that comes back
CREATE TABLE plain (a, b, c);
CREATE VIEW st AS SELECT * FROM plain;
CREATE VIEW st2 AS SELECT st.*, 1 AS one FROM st;
--------
ALTER TABLE plain DROP COLUMN b;

-- = a star view dropped, and a column
CREATE TABLE plain (a, b, c);
CREATE VIEW st AS SELECT * FROM plain;
--------
DROP VIEW st;
ALTER TABLE plain DROP COLUMN a;

-- = views over a dropped table
CREATE TABLE usr (id INTEGER PRIMARY KEY, email TEXT, n INT);
CREATE TABLE plain (a, b, c);
CREATE VIEW uv AS SELECT id, email, n FROM usr WHERE n > 1;
CREATE VIEW uvv (x, y) AS SELECT id, email FROM uv;
CREATE VIEW j AS SELECT u.* FROM usr u;
CREATE TRIGGER t2 INSTEAD OF INSERT ON uv BEGIN INSERT INTO usr (email) VALUES (NEW.email); END;
--------
DROP TABLE usr;
ALTER TABLE plain ADD COLUMN d DEFAULT (1 + 2);

-- = a product and a count are no columns of a table
CREATE TABLE plain (a, b, c);
CREATE VIEW st AS SELECT a * c AS m, count(*) AS n FROM plain;
--------
ALTER TABLE plain DROP COLUMN b;

-- = a stored column that a view shows with all
CREATE TABLE usr (id INTEGER PRIMARY KEY, n INT, m INT GENERATED ALWAYS AS (n * 2) STORED, z INT);
CREATE VIEW st AS SELECT * FROM usr;
--------
ALTER TABLE usr DROP COLUMN m;

-- = a column dropped under a broken view
CREATE TABLE usr (id INTEGER PRIMARY KEY, email TEXT, n INT);
CREATE VIEW uv AS SELECT id, email, n FROM usr WHERE n > 1;
CREATE VIEW uvv (x, y) AS SELECT id, email FROM uv;
--------
DROP VIEW uv;
ALTER TABLE usr ADD COLUMN g INT AS (n + 3) VIRTUAL;

-- = a column that comes under a broken trigger
CREATE TABLE usr (id INTEGER PRIMARY KEY, email TEXT);
CREATE TABLE seen (id INT);
CREATE TRIGGER t AFTER DELETE ON usr BEGIN DELETE FROM seen WHERE id = OLD.id; END;
DROP TABLE seen;
--------
ALTER TABLE usr ADD COLUMN g INT;

-- = a check with the table's name before its columns
CREATE TABLE "item" ("id" integer PRIMARY KEY, "type" text NOT NULL, "n" int,
    "m" int AS ("n" + 1),
    CONSTRAINT "known" CHECK("item"."type" = 'a' AND "item"."n" IS NOT NULL OR "item"."type" = 'b'));
CREATE INDEX "many" ON "item" ("n") WHERE "item"."n" > 1;
--------
CREATE TABLE "__new_item" ("id" integer PRIMARY KEY, "type" text DEFAULT 'a' NOT NULL, "n" int,
    "m" int AS ("n" + 1),
    CONSTRAINT "known" CHECK("__new_item"."type" = 'a' OR "__new_item"."type" = 'c'));
INSERT INTO "__new_item"("id", "type", "n") SELECT "id", "type", "n" FROM "item";
DROP TABLE "item";
ALTER TABLE "__new_item" RENAME TO "item";

