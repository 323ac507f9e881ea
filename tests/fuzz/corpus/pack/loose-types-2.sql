--
PRAGMA application_id = 1296257089;
PRAGMA user_version = 2;
CREATE TABLE content (id, digest, size, chunk_size, complete);
CREATE TABLE chunks (position, size, hash, checks, codec, bytes);
INSERT INTO content VALUES (1, x'5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a', 5, 5242880, 1);
INSERT INTO chunks VALUES (0, 5, x'2cf24dba5fb0a30e26e83b2ac5b9e29e', x'0011223344556677', 'x', 'hello'), (0, 5, 7, NULL, 9, x''), (0, 5, zeroblob(16), zeroblob(8000000), 0, 3.5), (1, 5, zeroblob(16), zeroblob(7), -1, NULL);
