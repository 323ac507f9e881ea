--
PRAGMA application_id = 1296257089;
PRAGMA user_version = 1;
CREATE VIEW content AS SELECT x'5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a' AS digest, 5 AS size, 5242880 AS chunk_size, 1 AS complete;
CREATE VIEW chunks AS SELECT 0 AS position, 5 AS size, x'2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824' AS sha256, 0 AS codec, x'68656c6c6f' AS bytes;
