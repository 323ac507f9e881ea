--
PRAGMA application_id = 1296257089;
PRAGMA user_version = 1;
CREATE VIRTUAL TABLE content USING fts5 (digest, size, chunk_size, complete);
CREATE VIRTUAL TABLE chunks USING rtree (position, size, sha256);
