--
PRAGMA application_id = 1296257869;
PRAGMA user_version = 1;
CREATE TABLE contents (digest, size, bytes);
INSERT INTO contents VALUES (x'2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824', -1, 'hello'), (NULL, NULL, NULL), (x'00', 'a', 1.5), (x'0000000000000000000000000000000000000000000000000000000000000000', 5, NULL), (zeroblob(20), 0, 7);
