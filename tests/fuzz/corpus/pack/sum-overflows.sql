--
PRAGMA application_id = 1296257089;
PRAGMA user_version = 1;
CREATE TABLE content (id, digest, size, chunk_size, complete);
CREATE TABLE chunks (position, size, sha256, codec, bytes);
INSERT INTO content VALUES (1, x'5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a', 5, 5242880, 1);
INSERT INTO chunks VALUES (0, 9223372036854775807, x'2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824', 0, 'hello'), (1, 9223372036854775807, x'2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824', 0, 'hello');
