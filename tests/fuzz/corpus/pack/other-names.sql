--
PRAGMA application_id = 1296257089;
PRAGMA user_version = 1;
CREATE TABLE contents (x);
