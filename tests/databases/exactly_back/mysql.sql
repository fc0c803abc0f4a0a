-- = a foreign key, and the index that it leaves
CREATE TABLE usr (id int PRIMARY KEY);
CREATE TABLE item (id int PRIMARY KEY, usr_id int, boss int, n int, FOREIGN KEY (usr_id) REFERENCES usr (id) ON DELETE CASCADE, FOREIGN KEY (boss) REFERENCES item (id));
--------
ALTER TABLE item DROP FOREIGN KEY item_ibfk_1;

-- = the last of two foreign keys
CREATE TABLE usr (id int PRIMARY KEY);
CREATE TABLE item (id int PRIMARY KEY, usr_id int, boss int, n int, FOREIGN KEY (usr_id) REFERENCES usr (id) ON DELETE CASCADE, FOREIGN KEY (boss) REFERENCES item (id));
--------
ALTER TABLE item DROP FOREIGN KEY item_ibfk_2;

-- = both foreign keys
CREATE TABLE usr (id int PRIMARY KEY);
CREATE TABLE item (id int PRIMARY KEY, usr_id int, boss int, n int, FOREIGN KEY (usr_id) REFERENCES usr (id) ON DELETE CASCADE, FOREIGN KEY (boss) REFERENCES item (id));
--------
ALTER TABLE item DROP FOREIGN KEY item_ibfk_2, DROP FOREIGN KEY item_ibfk_1;

-- = foreign keys and their indexes
CREATE TABLE usr (id int PRIMARY KEY);
CREATE TABLE item (id int PRIMARY KEY, usr_id int, boss int, n int, FOREIGN KEY (usr_id) REFERENCES usr (id) ON DELETE CASCADE, FOREIGN KEY (boss) REFERENCES item (id));
--------
ALTER TABLE item DROP FOREIGN KEY item_ibfk_2, DROP KEY boss, DROP FOREIGN KEY item_ibfk_1, DROP KEY usr_id;

-- = an index left by a foreign key, and shed for a wider one
CREATE TABLE usr (id int PRIMARY KEY);
CREATE TABLE item (id int PRIMARY KEY, usr_id int, n int, FOREIGN KEY (usr_id) REFERENCES usr (id));
--------
ALTER TABLE item DROP FOREIGN KEY item_ibfk_1;
ALTER TABLE item ADD KEY wide (usr_id, n);

-- = a foreign key made wider, and the index that goes with the first
CREATE TABLE usr (a int, b int, c int, UNIQUE (a, b), UNIQUE (a, b, c));
CREATE TABLE item (x int, y int, z int, FOREIGN KEY (x, y) REFERENCES usr (a, b));
--------
ALTER TABLE item DROP FOREIGN KEY item_ibfk_1;
ALTER TABLE item ADD CONSTRAINT item_ibfk_1 FOREIGN KEY (x, y, z) REFERENCES usr (a, b, c);

-- = a foreign key under another name
CREATE TABLE usr (id int PRIMARY KEY);
CREATE TABLE item (x int, CONSTRAINT one FOREIGN KEY (x) REFERENCES usr (id));
--------
ALTER TABLE item DROP FOREIGN KEY one, ADD CONSTRAINT other FOREIGN KEY (x) REFERENCES usr (id);

-- = a foreign key dropped, and its index after it
CREATE TABLE usr (id int PRIMARY KEY);
CREATE TABLE item (id int PRIMARY KEY, usr_id int, n int, FOREIGN KEY (usr_id) REFERENCES usr (id));
--------
ALTER TABLE item DROP FOREIGN KEY item_ibfk_1;
ALTER TABLE item ALTER n SET DEFAULT 1;
DROP INDEX usr_id ON item;

-- = tables that refer to each other
CREATE TABLE usr (id int PRIMARY KEY);
CREATE TABLE own_ix (a int, b int, KEY mine (a), FOREIGN KEY (a) REFERENCES usr (id), CONSTRAINT bb FOREIGN KEY (b) REFERENCES usr (id));
CREATE TABLE item (id int PRIMARY KEY, usr_id int, boss int, n int, FOREIGN KEY (usr_id) REFERENCES usr (id) ON DELETE CASCADE, FOREIGN KEY (boss) REFERENCES item (id));
--------
DROP TABLE own_ix, item, usr;

-- = the index of a foreign key renamed
CREATE TABLE usr (id int PRIMARY KEY);
CREATE TABLE item (id int PRIMARY KEY, usr_id int, n int, FOREIGN KEY (usr_id) REFERENCES usr (id));
--------
ALTER TABLE item RENAME INDEX usr_id TO owner;
ALTER TABLE item ADD KEY wide (usr_id, n);

-- = a table converted to another character set
CREATE TABLE item (id int NOT NULL, note varchar(20), b text, e enum('a','b'), c char(3) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, PRIMARY KEY (id)) DEFAULT CHARSET=latin1;
--------
ALTER TABLE item CONVERT TO CHARACTER SET utf8mb4;

-- = another default character set
CREATE TABLE item (id int NOT NULL, note varchar(20), c char(3) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, PRIMARY KEY (id)) DEFAULT CHARSET=latin1;
--------
ALTER TABLE item DEFAULT CHARACTER SET utf8mb4;

-- = an event that starts at a moment
CREATE TABLE plain (a int);
CREATE EVENT ev ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' DISABLE COMMENT 'e' DO DELETE FROM plain;
--------
DROP EVENT ev;

-- = ALTER VIEW says every option
CREATE TABLE plain (a int, b int);
CREATE SQL SECURITY INVOKER VIEW pv AS SELECT a, b FROM plain WHERE a > 0 WITH CASCADED CHECK OPTION;
--------
ALTER VIEW pv AS SELECT a FROM plain;

-- = views renamed with tables
CREATE TABLE plain (a int, b int);
CREATE VIEW pv AS SELECT a, b FROM plain WHERE a > 0;
--------
RENAME TABLE pv TO pw, plain TO simple, simple TO plain;

-- = foreign keys and a wider index
CREATE TABLE usr (id int PRIMARY KEY);
CREATE TABLE plain (a int, c int, d int);
--------
ALTER TABLE plain ADD FOREIGN KEY (c) REFERENCES usr (id), ADD CONSTRAINT x FOREIGN KEY (d) REFERENCES usr (id);
ALTER TABLE plain ADD KEY wide (c, a);

-- = a view renamed that another reads
CREATE TABLE plain (a int, b int);
CREATE VIEW pv AS SELECT a, b FROM plain WHERE a > 0;
CREATE VIEW qv AS SELECT a FROM pv;
--------
RENAME TABLE pv TO pw;

-- = and another put in its place
CREATE TABLE plain (a int, b int);
CREATE VIEW pv AS SELECT a, b FROM plain WHERE a > 0;
CREATE VIEW qv AS SELECT a FROM pv;
--------
RENAME TABLE pv TO pw;
CREATE VIEW pv AS SELECT b AS a FROM plain;

-- = a trigger broken by a rename, and its table dropped
CREATE TABLE usr (id int PRIMARY KEY, email varchar(40));
CREATE TRIGGER t1 BEFORE INSERT ON usr FOR EACH ROW SET NEW.email = lower(NEW.email);
--------
ALTER TABLE usr RENAME COLUMN email TO mail;
DROP TABLE usr;

-- = views dropped from below
CREATE TABLE usr (id int PRIMARY KEY, email varchar(40));
CREATE VIEW uv AS SELECT id FROM usr;
CREATE VIEW uvv AS SELECT id FROM uv;
CREATE VIEW uvvv AS SELECT id FROM uvv;
--------
DROP VIEW uv;
DROP VIEW uvvv;

-- = a renamed table, whose foreign key is named after it
CREATE TABLE org (id int PRIMARY KEY);
CREATE TABLE usr (id int PRIMARY KEY, org_id int, FOREIGN KEY (org_id) REFERENCES org (id));
--------
RENAME TABLE usr TO u2;

-- = and altered after it
CREATE TABLE org (id int PRIMARY KEY);
CREATE TABLE usr (id int PRIMARY KEY, org_id int, FOREIGN KEY (org_id) REFERENCES org (id));
--------
ALTER TABLE usr RENAME TO u2;
ALTER TABLE u2 ADD COLUMN z int;


-- = columns as short as what keys hold of them
CREATE TABLE item (a varchar(40), b text, n int, KEY one (a(5), n), KEY two (b(9)), FULLTEXT KEY all_of_it (b));
--------
ALTER TABLE item MODIFY a varchar(5), DROP KEY all_of_it;
ALTER TABLE item MODIFY b int;
