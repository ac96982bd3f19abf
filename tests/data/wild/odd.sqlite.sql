-- Names that collide or are reserved, values that the type would not hold, tables in circles.
CREATE TABLE "order" ("id" INTEGER PRIMARY KEY, "select" TEXT, "None" INTEGER, "self" TEXT, "import" TEXT, "model_config" TEXT, "__table__" TEXT, "registry" TEXT, "limit" INTEGER, "cursor" TEXT, "ID_" TEXT);
CREATE INDEX "order limit" ON "order" ("limit");
CREATE TABLE "tbl_orders" ("Id" INTEGER PRIMARY KEY, "Größe" REAL, "名前" TEXT, "Prénom" VARCHAR(20), "1st" INT, "a-b" INT, "a b" INT, "a_b" INT, "" TEXT, "x""y" INT, "z'w" INT, "back\slash" INT, "per%cent" INT, "{brace}" INT, "co:lon" INT, "tab	here" INT);
CREATE TABLE "客户" ("编号" INTEGER PRIMARY KEY, "姓名" TEXT NOT NULL);
CREATE TABLE "订单" ("编号" INTEGER PRIMARY KEY, "客户" INTEGER REFERENCES "客户");
CREATE TABLE "Évènement" (id INTEGER PRIMARY KEY, "Début" DATE);
CREATE TABLE "class" (id INTEGER PRIMARY KEY, "def" TEXT);
CREATE TABLE "Base" (id INTEGER PRIMARY KEY, "metadata" TEXT);
CREATE TABLE "health" (id INTEGER PRIMARY KEY, ok BOOLEAN);
CREATE TABLE "session" (id TEXT PRIMARY KEY, "data" BLOB);
CREATE TABLE "types" (id INTEGER PRIMARY KEY, "str" TEXT, "int" INTEGER, "list" TEXT, "dt" DATETIME, "sa" TEXT, "Mapped" TEXT);
CREATE TABLE "child" (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE "children" (id INTEGER PRIMARY KEY, child INTEGER REFERENCES child, child_id INTEGER REFERENCES child);
CREATE TABLE "a.b" (id INTEGER PRIMARY KEY, "c.d" INT);
CREATE TABLE ring_a (id INTEGER PRIMARY KEY, b INTEGER REFERENCES ring_b);
CREATE TABLE ring_b (id INTEGER PRIMARY KEY, c INTEGER NOT NULL REFERENCES ring_c);
CREATE TABLE ring_c (id INTEGER PRIMARY KEY, a INTEGER NOT NULL REFERENCES ring_a);
CREATE TABLE lost (id INTEGER PRIMARY KEY, gone INTEGER REFERENCES nowhere(id));
CREATE TABLE untyped (id INTEGER PRIMARY KEY, a, b ANY, c "WEIRD TYPE"(3), d VARIANT);
CREATE TABLE untyped_key (k PRIMARY KEY, v);
CREATE TABLE nullkey (k TEXT PRIMARY KEY, v TEXT);
CREATE TABLE datekey (d DATE PRIMARY KEY, v TEXT);
CREATE TABLE realkey (r REAL PRIMARY KEY, v TEXT);
CREATE TABLE blobkey (b BLOB PRIMARY KEY, v TEXT) WITHOUT ROWID;
CREATE TABLE onlykey (id INTEGER PRIMARY KEY);
CREATE TABLE empty_pair (a INT, b INT, PRIMARY KEY (a, b)) WITHOUT ROWID;
CREATE TABLE strict_one (id INTEGER PRIMARY KEY, i INT, r REAL, t TEXT, b BLOB, a ANY) STRICT;
CREATE TABLE made (id INTEGER PRIMARY KEY, price REAL NOT NULL, qty INT NOT NULL, total REAL GENERATED ALWAYS AS (price * qty) STORED, label TEXT AS ('n' || id));
CREATE TABLE moments (id INTEGER PRIMARY KEY, d DATE, t TIME, m DATETIME, s TIMESTAMP, n DATETIME NOT NULL DEFAULT (datetime('now')), u VARCHAR(36), f FLOAT, dec DECIMAL(8, 2), yes BOOLEAN, j JSON, i INTEGER, v VARCHAR(3), e VARCHAR(5) CHECK (e IN ('a', 'b')), h INT CHECK (h BETWEEN 1 AND 5));
CREATE VIRTUAL TABLE pages USING fts5(title, body);
INSERT INTO "order" VALUES (1, 's', 1, 'x', 'i', 'm', 't', 'r', 5, 'c', 'I'), (-5, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL), (9223372036854775807, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO tbl_orders VALUES (1, 1.5, 'n', 'P', 1, 2, 3, 4, 'e', 5, 6, 7, 8, 9, 10, 11);
INSERT INTO "客户" VALUES (1, '王'); INSERT INTO "订单" VALUES (1, 1);
INSERT INTO "Évènement" VALUES (1, '2020-01-01'); INSERT INTO class VALUES (1, 'd'); INSERT INTO Base VALUES (1, 'm');
INSERT INTO health VALUES (1, 1); INSERT INTO session VALUES ('a?b#c', x'00'), ('ü %2F', NULL); INSERT INTO types VALUES (1, 's', 1, 'l', '2020-01-01 10:00:00', 'x', 'y');
INSERT INTO child VALUES (1, 'c'); INSERT INTO children VALUES (1, 1, NULL); INSERT INTO "a.b" VALUES (1, 2);
INSERT INTO ring_a VALUES (1, 1); INSERT INTO ring_b VALUES (1, 1); INSERT INTO ring_c VALUES (1, 1);
INSERT INTO lost VALUES (1, 5); INSERT INTO untyped VALUES (1, 1, 'x', 2.5, x'00'), (2, 'one', 2, NULL, 'v');
INSERT INTO untyped_key VALUES (1, 2), ('a', 'b'); INSERT INTO nullkey VALUES (NULL, 'a'), (NULL, 'b'), ('k', 'c');
INSERT INTO datekey VALUES ('2020-01-01', 'a'); INSERT INTO realkey VALUES (1.5, 'a'); INSERT INTO blobkey VALUES (x'01', 'a');
INSERT INTO onlykey VALUES (1), (2); INSERT INTO empty_pair VALUES (1, 2); INSERT INTO strict_one VALUES (1, 2, 3.5, 'x', x'00', 'any');
INSERT INTO made (id, price, qty) VALUES (1, 2.5, 4);
INSERT INTO moments (id, d, t, m, s, u, f, dec, yes, j, i, v, e, h) VALUES
    (1, '2020-02-30', '25:00', '31.12.2020', '2020-01-01T10:00:00+02:00', 'not-a-uuid', 9e999, 1234567890.123, 2, '{broken', 5, 'longer than three', NULL, NULL),
    (2, '20200101', '10:00', '2020-01-01', '2020-01-01 10:00', NULL, -9e999, 'abc', 'yes', '', 9223372036854775807, 'nul', 'a', 1),
    (3, '2020-01-01 00:00:00', '10:00:00.123456789', '2020-01-01 10:00:00.123456789', '', NULL, 'nan', 1e20, '', '[1, NaN]', 'x', char(0), 'b', 5),
    (4, '', '', '0000-00-00 00:00:00', '10000-01-01 00:00:00', NULL, 'x', '', NULL, 'null', NULL, NULL, NULL, NULL);
INSERT INTO pages VALUES ('a', 'b');
