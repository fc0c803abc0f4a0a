-- = what MySQL keeps of a view's query
CREATE TABLE t (id int PRIMARY KEY, a int, b varchar(20));
CREATE TABLE u (id int PRIMARY KEY, t_id int, a int);
--------
CREATE VIEW v1 AS WITH c AS (SELECT a, count(*) AS n FROM t GROUP BY a) SELECT * FROM c WHERE n > 1;
CREATE VIEW v2 AS SELECT coalesce(a, 1, 2) AS x, t.* FROM t;
CREATE VIEW v3 AS SELECT t.*, u.id AS uid FROM t, u;
CREATE VIEW v4 AS SELECT * FROM t UNION ALL SELECT id, t_id, a FROM u;
CREATE VIEW v5 AS SELECT x.* FROM (SELECT * FROM t) x;
CREATE VIEW v6 AS SELECT id FROM t WHERE EXISTS (SELECT * FROM u WHERE t_id = t.id);
CREATE VIEW v7 AS SELECT id, (SELECT max(a) FROM t) AS m FROM t;
CREATE VIEW v8 AS SELECT * FROM t NATURAL JOIN (SELECT id FROM u) q;
CREATE VIEW v9 (p, q) AS SELECT * FROM (SELECT id, a FROM t) z;
CREATE VIEW v10 AS SELECT * FROM v5;
CREATE VIEW v11 AS SELECT t.id, sum(a) OVER (PARTITION BY b ORDER BY id) AS s FROM t;
ALTER TABLE t ADD COLUMN z int;
ALTER TABLE t ADD COLUMN t_id int;
DROP VIEW v8;
ALTER TABLE t RENAME COLUMN a TO c;
ALTER TABLE t RENAME COLUMN c TO a;
ALTER TABLE u DROP COLUMN a;
-- = a join by names keeps its condition (opaque)
CREATE TABLE t (id int, a int);
CREATE TABLE u (id int, a int);
CREATE VIEW v AS SELECT * FROM t JOIN u USING (id, a);
--------
ALTER TABLE t RENAME COLUMN a TO b;
-- = table options that go have a value of their own
CREATE TABLE t (id int PRIMARY KEY, a int);
--------
ALTER TABLE t ROW_FORMAT=COMPRESSED KEY_BLOCK_SIZE=8;
ALTER TABLE t ROW_FORMAT=COMPACT KEY_BLOCK_SIZE=0;
ALTER TABLE t MAX_ROWS=1000 MIN_ROWS=5 AVG_ROW_LENGTH=50 CHECKSUM=1 DELAY_KEY_WRITE=1 PACK_KEYS=1;
-- = what NATIONAL says is said once
CREATE TABLE t (id int);
--------
ALTER TABLE t ADD n1 NATIONAL VARCHAR(10), ADD n2 NCHAR(5), ADD n3 NVARCHAR(5), ADD n4 CHAR BYTE;
-- = what a foreign key says beyond what every server does (opaque)
CREATE TABLE p (id int PRIMARY KEY);
--------
CREATE TABLE c (id int PRIMARY KEY, x int, FOREIGN KEY (x) REFERENCES p (id) MATCH FULL);
CREATE TABLE d (id int PRIMARY KEY, x int, FOREIGN KEY (x) REFERENCES p (id) ON DELETE SET DEFAULT);
-- = foreign keys without names, and an index that serves one
CREATE TABLE p (id int PRIMARY KEY);
--------
CREATE TABLE e (id int PRIMARY KEY, x int, y int, INDEX (x, y), FOREIGN KEY (x) REFERENCES p (id), FOREIGN KEY (y) REFERENCES e (id));
-- = bytes for a default
CREATE TABLE t (id int);
--------
ALTER TABLE t ADD a varbinary(3) DEFAULT 0x41, ADD b binary(3) DEFAULT 'abc', ADD c varchar(3) DEFAULT X'4142';
-- = what reads other columns, periods and sequences (opaque)
CREATE TABLE t (a int, b int, c date NOT NULL, d date NOT NULL);
--------
ALTER TABLE t ALTER COLUMN b SET DEFAULT (a + 5);
ALTER TABLE t ADD PERIOD FOR p (c, d);
ALTER TABLE t ADD UNIQUE (a, p WITHOUT OVERLAPS);
CREATE TABLE g (p POINT REF_SYSTEM_ID=4326 NOT NULL);
-- = prepared statements, and values that are done without
PREPARE s FROM 'SELECT 1';
DEALLOCATE PREPARE s;
PREPARE s FROM 'CREATE TABLE z (a int)';
DROP PREPARE s;
DO 1 + 1, SLEEP(0);
-- = a column by its path in JSON
CREATE TABLE t (j json, a varchar(20) AS (json_unquote(json_extract(j, '$.a'))));
-- = what INVISIBLE hides, no star shows
CREATE TABLE t (a int, b int INVISIBLE DEFAULT 4, c int);
CREATE TABLE o (a int, z int);
--------
CREATE VIEW v AS SELECT * FROM t;
INSERT INTO t VALUES (1, 2);
CREATE TABLE w SELECT * FROM t;
CREATE TABLE x SELECT a, b FROM t;
CREATE TABLE y LIKE t;
CREATE VIEW m AS SELECT t.*, b FROM t;
ALTER TABLE t RENAME COLUMN b TO d;
ALTER TABLE t CHANGE d e bigint INVISIBLE;
RENAME TABLE t TO u;
ALTER TABLE u MODIFY e bigint;
ALTER TABLE u DROP COLUMN e;
ALTER TABLE u ADD f int NOT NULL DEFAULT 3 COMMENT 'x' INVISIBLE AFTER a, ADD g timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP INVISIBLE;
-- = indexes that are ignored
CREATE TABLE t (id int PRIMARY KEY, a int, b varchar(20), KEY ka (a) IGNORED, UNIQUE KEY kb (b));
--------
ALTER TABLE t ALTER INDEX ka NOT IGNORED;
ALTER TABLE t ALTER KEY kb IGNORED;
CREATE INDEX kc ON t (a, b) IGNORED;
ALTER TABLE t ADD KEY kd (b) NOT IGNORED, ALTER INDEX kc NOT IGNORED;
ALTER TABLE t ALTER INDEX IF EXISTS nowhere IGNORED;
CREATE OR REPLACE INDEX kc ON t (b, a);
CREATE OR REPLACE INDEX ke ON t (a);
-- = partitions of partitions, of expressions, and emptied
CREATE TABLE s (id int, d date) PARTITION BY RANGE (YEAR(d)) SUBPARTITION BY HASH (TO_DAYS(d)) SUBPARTITIONS 2 (PARTITION p0 VALUES LESS THAN (1990), PARTITION p1 VALUES LESS THAN (2000));
CREATE TABLE u (id int, d date) PARTITION BY LIST (id) SUBPARTITION BY LINEAR KEY (d) (PARTITION a VALUES IN (1, 2) (SUBPARTITION s0, SUBPARTITION s1), PARTITION b VALUES IN (3) (SUBPARTITION s2, SUBPARTITION s3));
CREATE TABLE h (a int, b int) PARTITION BY HASH (a + b) PARTITIONS 2;
--------
ALTER TABLE s ADD PARTITION (PARTITION p2 VALUES LESS THAN (2010));
ALTER TABLE s TRUNCATE PARTITION p0;
ALTER TABLE u TRUNCATE PARTITION ALL;
ALTER TABLE h RENAME COLUMN b TO c;
ALTER TABLE s RENAME TO z;
ALTER TABLE z RENAME COLUMN d TO e;
DROP TABLE u;
-- = a table that keeps its history
CREATE TABLE t (id int PRIMARY KEY, x int, KEY (x)) WITH SYSTEM VERSIONING;
SET @@system_versioning_alter_history = 1;
--------
CREATE TABLE u (id int PRIMARY KEY, x int, UNIQUE (x), FOREIGN KEY (x) REFERENCES t (id)) ENGINE=InnoDB WITH SYSTEM VERSIONING COMMENT='x';
ALTER TABLE u ADD COLUMN y int;
ALTER TABLE u DROP SYSTEM VERSIONING;
ALTER TABLE u ADD SYSTEM VERSIONING;
ALTER TABLE u DROP PRIMARY KEY;
RENAME TABLE u TO w;
DROP TABLE w;
CREATE TABLE q AS SELECT * FROM t;
-- = sequences, replaced and altered
CREATE SEQUENCE s START 5 MINVALUE 1 MAXVALUE 1000 CACHE 10 CYCLE;
--------
ALTER SEQUENCE s RESTART WITH 9;
ALTER SEQUENCE s MAXVALUE 2000 NOCYCLE;
CREATE OR REPLACE SEQUENCE s INCREMENT BY -2;
ALTER SEQUENCE IF EXISTS nowhere MAXVALUE 3;
DROP SEQUENCE IF EXISTS s, nowhere;
-- = what is there already, or is not there
CREATE TABLE t (id int PRIMARY KEY, b int, c int);
--------
ALTER TABLE t ADD FOREIGN KEY IF NOT EXISTS fk (b) REFERENCES t (id);
ALTER TABLE t ADD FOREIGN KEY IF NOT EXISTS fk (b) REFERENCES t (id);
ALTER TABLE t ADD CONSTRAINT IF NOT EXISTS ck CHECK (b > 0), ADD COLUMN IF NOT EXISTS d int;
ALTER TABLE t ADD CONSTRAINT IF NOT EXISTS ck CHECK (b > 0);
ALTER TABLE t ALTER COLUMN IF EXISTS nowhere SET DEFAULT 3, RENAME COLUMN IF EXISTS nowhere TO n2, RENAME INDEX IF EXISTS ii TO jj;
ALTER TABLE t RENAME COLUMN IF EXISTS b TO bb, ALTER COLUMN IF EXISTS d SET DEFAULT 3;
RENAME TABLE IF EXISTS nowhere TO nowhere2, t TO u;
DROP TABLES IF EXISTS nowhere;
-- = functions over text in the usual character set
CREATE FUNCTION f (s varchar(20) CHARSET utf8mb4) RETURNS varchar(50) CHARSET utf8mb4 COLLATE utf8mb4_general_ci READS SQL DATA RETURN 'x';
-- = rows of every column's default, and rows by the query that gives them
CREATE TABLE a (id int AUTO_INCREMENT PRIMARY KEY, x varchar(20), y int);
CREATE TABLE b (id int PRIMARY KEY, n int);
INSERT INTO a () VALUES ();
INSERT INTO a (x) SELECT n FROM b ON DUPLICATE KEY UPDATE y = b.n;
SELECT id INTO @v FROM a LIMIT 1;
WITH q AS (SELECT id FROM b) SELECT * FROM q;
HANDLER a OPEN;
HANDLER a CLOSE;
-- = what takes the place of an index that a foreign key brought
CREATE TABLE p (id char(36) PRIMARY KEY);
CREATE TABLE c (id int PRIMARY KEY, p_id char(36), t timestamp, CONSTRAINT p_fk FOREIGN KEY (p_id) REFERENCES p (id));
CREATE TABLE m (id int PRIMARY KEY, p_id char(36), t varchar(20), CONSTRAINT m1 FOREIGN KEY (p_id) REFERENCES p (id));
CREATE TABLE l (id int PRIMARY KEY, p_id char(36), t int, KEY kk (p_id, t DESC), CONSTRAINT l1 FOREIGN KEY (p_id) REFERENCES p (id));
CREATE TABLE o (id int PRIMARY KEY, p_id char(36), t varchar(20), KEY kk (p_id, t(5)), CONSTRAINT o1 FOREIGN KEY (p_id) REFERENCES p (id));
CREATE TABLE r (id int PRIMARY KEY, p_id char(36), t varchar(20), KEY kk (p_id(5)), CONSTRAINT r1 FOREIGN KEY (p_id) REFERENCES p (id));
--------
CREATE INDEX x ON c (p_id, t DESC);
CREATE UNIQUE INDEX x ON m (p_id, t(5));
CREATE INDEX x ON r (p_id(7));
CREATE INDEX y ON r (t, p_id);
CREATE TABLE z (id int, p_id char(36), PRIMARY KEY (p_id, id DESC), CONSTRAINT z2 FOREIGN KEY (p_id) REFERENCES p (id));
-- = what does so on some servers only (opaque)
CREATE TABLE p (id char(36) PRIMARY KEY);
CREATE TABLE c (id int PRIMARY KEY, p_id char(36), t varchar(20), CONSTRAINT p_fk FOREIGN KEY (p_id) REFERENCES p (id));
CREATE TABLE d (id int PRIMARY KEY, p_id char(36), t varchar(20), CONSTRAINT q_fk FOREIGN KEY (p_id) REFERENCES p (id));
--------
CREATE INDEX x ON c (p_id DESC);
CREATE FULLTEXT INDEX x ON d (p_id, t);
CREATE TABLE k (id int PRIMARY KEY, p_id char(36), KEY kk (p_id DESC), CONSTRAINT k1 FOREIGN KEY (p_id) REFERENCES p (id));
CREATE TABLE z (id int, p_id char(36), PRIMARY KEY (p_id DESC, id), CONSTRAINT z2 FOREIGN KEY (p_id) REFERENCES p (id));
-- = a foreign key that comes back finds its index
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE c (id int PRIMARY KEY, a int, CONSTRAINT k FOREIGN KEY (a) REFERENCES p (id));
ALTER TABLE c DROP FOREIGN KEY k;
--------
ALTER TABLE c ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES p (id);
-- = an index that shrinks to one that a foreign key brought, and a table part defined and part selected (opaque)
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE c (id int PRIMARY KEY, a int, b int, CONSTRAINT k FOREIGN KEY (a) REFERENCES p (id), KEY w (b, a));
--------
ALTER TABLE c DROP COLUMN b;
CREATE TABLE z (PRIMARY KEY (id)) SELECT id FROM p;
-- = regular expressions and backslashes
CREATE TABLE t (a varchar(20), b varchar(20) AS (concat(a, '\\x')), d varchar(20) DEFAULT ('a\\b'), e varchar(20) DEFAULT 'a\\b\'c', CONSTRAINT r CHECK (a NOT REGEXP '^\\d+$'), CONSTRAINT l CHECK (a LIKE 'x\\%'));
CREATE VIEW v AS SELECT a FROM t WHERE a REGEXP 'x' AND a NOT RLIKE 'y' AND NOT (a REGEXP 'k');
-- = a width says nothing of an unsigned flag
CREATE TABLE t (a tinyint(1) UNSIGNED, b tinyint(1));
--------
ALTER TABLE t MODIFY a tinyint(1) UNSIGNED NOT NULL DEFAULT 1, MODIFY b tinyint UNSIGNED;
-- = views altered with all that can be said before, and numbers of bits
CREATE TABLE t (id int PRIMARY KEY, a int);
CREATE VIEW v AS SELECT id, a FROM t;
--------
ALTER ALGORITHM=MERGE VIEW v AS SELECT id FROM t;
ALTER SQL SECURITY INVOKER VIEW v (k) AS SELECT id FROM t;
ALTER DEFINER=CURRENT_USER SQL SECURITY DEFINER VIEW v AS SELECT id, 0b11 AS b FROM t WHERE 0 <> a;
-- = queries of which the two families keep something else (opaque)
CREATE TABLE t (id int PRIMARY KEY, a int);
--------
CREATE VIEW v AS SELECT id FROM t EXCEPT SELECT id FROM t INTERSECT SELECT 1;
CREATE VIEW w AS SELECT id FROM t FOR UPDATE;
