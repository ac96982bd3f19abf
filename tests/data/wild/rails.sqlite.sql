-- What Rails leaves in SQLite: schema_migrations, polymorphic owners, single table inheritance.
CREATE TABLE "schema_migrations" ("version" varchar NOT NULL PRIMARY KEY);
CREATE TABLE "ar_internal_metadata" ("key" varchar NOT NULL PRIMARY KEY, "value" varchar, "created_at" datetime(6) NOT NULL, "updated_at" datetime(6) NOT NULL);
CREATE TABLE "users" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "type" varchar, "email" varchar DEFAULT '' NOT NULL, "admin" boolean DEFAULT 0 NOT NULL, "old" boolean DEFAULT 'f', "settings" json, "balance" decimal(10,2) DEFAULT 0.0, "manager_id" integer, "class" varchar, "created_at" datetime(6) NOT NULL, "updated_at" datetime(6) NOT NULL, CONSTRAINT "fk_rails_1" FOREIGN KEY ("manager_id") REFERENCES "users" ("id"));
CREATE UNIQUE INDEX "index_users_on_email" ON "users" ("email");
CREATE TABLE "comments" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "body" text, "commentable_type" varchar NOT NULL, "commentable_id" bigint NOT NULL, "user_id" integer NOT NULL, "status" integer DEFAULT 0 NOT NULL, "created_at" datetime(6) NOT NULL, "updated_at" datetime(6) NOT NULL, CONSTRAINT "fk_rails_2" FOREIGN KEY ("user_id") REFERENCES "users" ("id"));
CREATE INDEX "index_comments_on_commentable" ON "comments" ("commentable_type", "commentable_id");
CREATE TABLE "tags_users" ("tag_id" integer NOT NULL, "user_id" integer NOT NULL);
CREATE UNIQUE INDEX "index_tags_users" ON "tags_users" ("tag_id", "user_id");
CREATE TABLE "tags" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "name" varchar);
CREATE TABLE "active_storage_blobs" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "key" varchar NOT NULL, "filename" varchar NOT NULL, "metadata" text, "byte_size" bigint NOT NULL, "checksum" varchar, "created_at" datetime(6) NOT NULL);
INSERT INTO schema_migrations VALUES ('20230101000000'), ('20230102000000');
INSERT INTO ar_internal_metadata VALUES ('environment', 'production', '2023-01-01 00:00:00.123456', '2023-01-01 00:00:00');
INSERT INTO users VALUES (1, 'Admin', 'a@b.c', 1, 't', '{"a":1}', 10.5, NULL, 'x', '2023-01-01 00:00:00', '2023-01-01 00:00:00.1'), (2, NULL, '', 0, 'f', NULL, 0, 1, NULL, '2023-01-01 00:00:00', '2023-01-01 00:00:00');
INSERT INTO comments VALUES (1, 'hi', 'User', 1, 1, 0, '2023-01-01 00:00:00', '2023-01-01 00:00:00');
INSERT INTO tags VALUES (1, 'red');
INSERT INTO tags_users VALUES (1, 1);
INSERT INTO active_storage_blobs VALUES (1, 'k', 'a.png', '{"identified":true}', 5000000000, NULL, '2023-01-01 00:00:00');
