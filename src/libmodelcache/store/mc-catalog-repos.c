/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-catalog.h"

#include "mc-error.h"

#include <string.h>

/* Repos, their files and variants, saved from a manifest. */

static const char SQL_FIND[] = "SELECT id, commit_id FROM repos WHERE endpoint = :endpoint "
                               "AND repo = :repo AND revision = :revision";
static const char SQL_IS_HELD[] = "SELECT 1 FROM holdings WHERE repo = :id LIMIT 1";
static const char SQL_MOVE[] = "UPDATE repos SET revision = :revision WHERE id = :id";
/* What both rows hold is held once, with the contents of both. */
static const char SQL_MERGE_HOLDINGS[] =
    "INSERT OR IGNORE INTO holding_contents (holding, digest) SELECT kept.id, needed.digest "
    "FROM holdings AS old JOIN holdings AS kept ON kept.repo = :to AND kept.variant = old.variant "
    "AND kept.path = old.path JOIN holding_contents AS needed ON needed.holding = old.id "
    "WHERE old.repo = :id";
static const char SQL_MOVE_HOLDINGS[] = "UPDATE OR IGNORE holdings SET repo = :to WHERE repo = :id";
static const char SQL_DROP_HOLDINGS[] = "DELETE FROM holdings WHERE repo = :id";
static const char SQL_MOVE_TRANSFERS[] = "UPDATE transfers SET repo = :to WHERE repo = :id";
static const char SQL_INSERT[] =
    "INSERT INTO repos (endpoint, repo, revision, commit_id, hub_id, task, library, license, "
    "gated, private, parameters, context_length, downloads, likes, last_modified, scanned_at, "
    "default_key, architecture, dtype) VALUES (:endpoint, :repo, :revision, :commit, :hub_id, "
    ":task, :library, "
    ":license, :gated, :private, :parameters, :context_length, :downloads, :likes, "
    ":last_modified, :scanned_at, :default_key, :architecture, :dtype)";
static const char SQL_UPDATE[] =
    "UPDATE repos SET endpoint = :endpoint, repo = :repo, revision = :revision, "
    "commit_id = :commit, hub_id = :hub_id, task = :task, library = :library, "
    "license = :license, gated = :gated, private = :private, parameters = :parameters, "
    "context_length = :context_length, downloads = :downloads, likes = :likes, "
    "last_modified = :last_modified, scanned_at = :scanned_at, default_key = :default_key, "
    "architecture = :architecture, dtype = :dtype "
    "WHERE id = :id";
static const char SQL_CLEAR_FILES[] = "DELETE FROM files WHERE repo = :id";
static const char SQL_CLEAR_VARIANTS[] = "DELETE FROM variants WHERE repo = :id";
static const char SQL_ADD_FILE[] = "INSERT INTO files (repo, position, path, size, digest, role) "
                                   "VALUES (:repo, :position, :path, :size, :digest, :role)";
static const char SQL_ADD_VARIANT[] = "INSERT INTO variants (repo, position, key, format) "
                                      "VALUES (:repo, :position, :key, :format)";
static const char SQL_ADD_MEMBER[] = "INSERT INTO variant_files (repo, variant, file) "
                                     "VALUES (:repo, :variant, :file)";
static const char SQL_ADD_ALIAS[] = "INSERT OR REPLACE INTO aliases (endpoint, alias, repo) "
                                    "VALUES (:endpoint, :alias, :repo)";

/* Under the same name another repo may be found later: only what has the same id of the Hub, or was
 * never told one. Where the new name is taken, the row keeps the old one. */
static const char SQL_RENAME[] =
    "UPDATE OR IGNORE repos SET repo = :repo WHERE endpoint = :endpoint AND repo = :alias "
    "AND (hub_id IS NULL OR hub_id = :hub_id)";

static const char SQL_NAME[] = "SELECT endpoint, repo FROM repos WHERE id = :id";
static const char SQL_DELETE[] = "DELETE FROM repos WHERE id = :id";
/* Whatever earlier commit it was pinned at. */
static const char SQL_KEEP_PINS[] =
    "UPDATE holdings SET pinned = 1 WHERE repo = :id AND EXISTS (SELECT 1 FROM repos AS self "
    "JOIN repos AS other ON other.endpoint = self.endpoint AND other.repo = self.repo "
    "JOIN holdings AS old ON old.repo = other.id WHERE self.id = :id AND old.pinned = 1 "
    "AND old.variant = holdings.variant AND old.path = holdings.path)";

/* *id is 0 if there is none. */
static gboolean
find_repo (
    McDb *db, McManifest *manifest, const char *revision, gint64 *id, char **commit, GError **error)
{
  g_autoptr (McStmt) stmt = mc_db_borrow (db, SQL_FIND, error);
  gboolean row;

  *id = 0;
  if (stmt == NULL)
    return FALSE;
  mc_stmt_bind_text (stmt, ":endpoint", manifest->endpoint);
  mc_stmt_bind_text (stmt, ":repo", manifest->repo);
  mc_stmt_bind_text (stmt, ":revision", revision);
  if (!mc_stmt_step (stmt, &row, error))
    return FALSE;
  if (row)
    {
      *id = mc_stmt_get_int (stmt, 0);
      if (commit != NULL)
        *commit = g_strdup (mc_stmt_get_name (stmt, 1));
    }
  return TRUE;
}

static gboolean
is_held (McDb *db, gint64 id, gboolean *held, GError **error)
{
  g_autoptr (McStmt) stmt = mc_db_borrow (db, SQL_IS_HELD, error);

  if (stmt == NULL)
    return FALSE;
  mc_stmt_bind_int (stmt, ":id", id);
  return mc_stmt_step (stmt, held, error);
}

static gboolean
run_to (McDb *db, const char *sql, gint64 id, gint64 to, GError **error)
{
  g_autoptr (McStmt) stmt = mc_db_borrow (db, sql, error);

  if (stmt == NULL)
    return FALSE;
  mc_stmt_bind_int (stmt, ":id", id);
  mc_stmt_bind_int (stmt, ":to", to);
  return mc_stmt_run (stmt, error);
}

static gboolean
rename_revision (McDb *db, gint64 id, const char *revision, GError **error)
{
  g_autoptr (McStmt) stmt = mc_db_borrow (db, SQL_MOVE, error);

  if (stmt == NULL)
    return FALSE;
  mc_stmt_bind_int (stmt, ":id", id);
  mc_stmt_bind_text (stmt, ":revision", revision);
  return mc_stmt_run (stmt, error);
}

/* Keeps what is held of an older commit by naming its row after that commit; *id is then 0. If
 * there is a row of that name already, what belongs to the old one moves there. */
static gboolean
set_aside (McDb *db, McManifest *manifest, gint64 *id, const char *old_commit, GError **error)
{
  gint64 other;

  if (!find_repo (db, manifest, old_commit, &other, NULL, error))
    return FALSE;
  if (other == *id)
    return TRUE;
  if (other != 0)
    return run_to (db, SQL_MERGE_HOLDINGS, *id, other, error)
           && run_to (db, SQL_MOVE_HOLDINGS, *id, other, error)
           && mc_db_run (db, SQL_DROP_HOLDINGS, *id, error)
           && run_to (db, SQL_MOVE_TRANSFERS, *id, other, error);
  if (!rename_revision (db, *id, old_commit, error))
    return FALSE;
  *id = 0;
  return TRUE;
}

static gboolean
write_repo (McDb *db, McManifest *manifest, gint64 *id, GError **error)
{
  g_autoptr (McStmt) stmt = mc_db_borrow (db, *id == 0 ? SQL_INSERT : SQL_UPDATE, error);

  if (stmt == NULL)
    return FALSE;
  if (*id != 0)
    mc_stmt_bind_int (stmt, ":id", *id);
  mc_stmt_bind_text (stmt, ":endpoint", manifest->endpoint);
  mc_stmt_bind_text (stmt, ":repo", manifest->repo);
  mc_stmt_bind_text (stmt, ":revision", manifest->revision);
  mc_stmt_bind_text (stmt, ":commit", manifest->commit);
  mc_stmt_bind_text (stmt, ":hub_id", manifest->hub_id);
  mc_stmt_bind_text (stmt, ":task", manifest->task);
  mc_stmt_bind_text (stmt, ":library", manifest->library);
  mc_stmt_bind_text (stmt, ":license", manifest->license);
  mc_stmt_bind_int (stmt, ":gated", manifest->gated);
  mc_stmt_bind_int (stmt, ":private", manifest->is_private);
  mc_stmt_bind_size (stmt, ":parameters", manifest->parameters);
  mc_stmt_bind_size (stmt, ":context_length", manifest->context_length);
  mc_stmt_bind_size (stmt, ":downloads", manifest->downloads);
  mc_stmt_bind_size (stmt, ":likes", manifest->likes);
  mc_stmt_bind_text (stmt, ":last_modified", manifest->last_modified);
  mc_stmt_bind_int (stmt, ":scanned_at", manifest->scanned_at);
  mc_stmt_bind_text (stmt, ":default_key", manifest->default_key);
  mc_stmt_bind_text (stmt, ":architecture", manifest->architecture);
  mc_stmt_bind_text (stmt, ":dtype", manifest->dtype);
  if (!mc_stmt_run (stmt, error))
    return FALSE;
  if (*id == 0)
    *id = mc_db_last_id (db);
  return TRUE;
}

static gboolean
write_files (McDb *db, McManifest *manifest, gint64 id, GError **error)
{
  for (guint i = 0; i < manifest->files->len; i++)
    {
      McFile *file = g_ptr_array_index (manifest->files, i);
      g_autoptr (McStmt) stmt = mc_db_borrow (db, SQL_ADD_FILE, error);

      if (stmt == NULL)
        return FALSE;
      mc_stmt_bind_int (stmt, ":repo", id);
      mc_stmt_bind_int (stmt, ":position", i);
      mc_stmt_bind_text (stmt, ":path", file->path);
      mc_stmt_bind_size (stmt, ":size", file->size);
      mc_stmt_bind_digest (stmt, ":digest", &file->digest);
      mc_stmt_bind_int (stmt, ":role", file->role);
      if (!mc_stmt_run (stmt, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
write_members (McDb *db, McVariant *variant, gint64 id, guint position, GError **error)
{
  for (guint i = 0; i < variant->files->len; i++)
    {
      g_autoptr (McStmt) stmt = mc_db_borrow (db, SQL_ADD_MEMBER, error);

      if (stmt == NULL)
        return FALSE;
      mc_stmt_bind_int (stmt, ":repo", id);
      mc_stmt_bind_int (stmt, ":variant", position);
      mc_stmt_bind_int (stmt, ":file", g_array_index (variant->files, guint, i));
      if (!mc_stmt_run (stmt, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
write_variants (McDb *db, McManifest *manifest, gint64 id, GError **error)
{
  for (guint i = 0; i < manifest->variants->len; i++)
    {
      McVariant *variant = g_ptr_array_index (manifest->variants, i);
      g_autoptr (McStmt) stmt = mc_db_borrow (db, SQL_ADD_VARIANT, error);

      if (stmt == NULL)
        return FALSE;
      mc_stmt_bind_int (stmt, ":repo", id);
      mc_stmt_bind_int (stmt, ":position", i);
      mc_stmt_bind_text (stmt, ":key", variant->key);
      mc_stmt_bind_text (stmt, ":format", variant->format);
      if (!mc_stmt_run (stmt, error) || !write_members (db, variant, id, i, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
write_alias (McDb *db, McManifest *manifest, const char *alias, GError **error)
{
  g_autoptr (McStmt) stmt = NULL;

  if (alias == NULL || strcmp (alias, manifest->repo) == 0)
    return TRUE;
  stmt = mc_db_borrow (db, SQL_ADD_ALIAS, error);
  if (stmt == NULL)
    return FALSE;
  mc_stmt_bind_text (stmt, ":endpoint", manifest->endpoint);
  mc_stmt_bind_text (stmt, ":alias", alias);
  mc_stmt_bind_text (stmt, ":repo", manifest->repo);
  return mc_stmt_run (stmt, error);
}

/* What was scanned under the name that was asked for now has the name that the Hub gives it. */
static gboolean
rename_repo (McDb *db, McManifest *manifest, const char *alias, GError **error)
{
  g_autoptr (McStmt) stmt = NULL;

  if (alias == NULL || strcmp (alias, manifest->repo) == 0)
    return TRUE;
  stmt = mc_db_borrow (db, SQL_RENAME, error);
  if (stmt == NULL)
    return FALSE;
  mc_stmt_bind_text (stmt, ":endpoint", manifest->endpoint);
  mc_stmt_bind_text (stmt, ":alias", alias);
  mc_stmt_bind_text (stmt, ":repo", manifest->repo);
  mc_stmt_bind_text (stmt, ":hub_id", manifest->hub_id);
  return mc_stmt_run (stmt, error);
}

gboolean
mc_catalog_save_repo (McDb *db, McManifest *manifest, const char *alias, gint64 *id, GError **error)
{
  g_auto (McTxn) txn = { NULL };
  g_autofree char *old_commit = NULL;
  gboolean held = FALSE;

  if (!mc_txn_begin (&txn, db, error) || !rename_repo (db, manifest, alias, error)
      || !find_repo (db, manifest, manifest->revision, id, &old_commit, error)
      || !is_held (db, *id, &held, error))
    return FALSE;
  /* There may be holdings of a repo that is not there. */
  if (held && old_commit != NULL && strcmp (old_commit, manifest->commit) != 0
      && !set_aside (db, manifest, id, old_commit, error))
    return FALSE;
  return write_repo (db, manifest, id, error) && mc_db_run (db, SQL_CLEAR_VARIANTS, *id, error)
         && mc_db_run (db, SQL_CLEAR_FILES, *id, error) && write_files (db, manifest, *id, error)
         && write_variants (db, manifest, *id, error) && write_alias (db, manifest, alias, error)
         && mc_txn_commit (&txn, error);
}

/* --- another revision --- */

static gboolean
read_name (McDb *db, gint64 id, McManifest *name, GError **error)
{
  g_autoptr (McStmt) stmt = mc_db_borrow (db, SQL_NAME, error);
  gboolean row;

  if (stmt == NULL)
    return FALSE;
  mc_stmt_bind_int (stmt, ":id", id);
  if (!mc_stmt_step (stmt, &row, error))
    return FALSE;
  if (!row)
    {
      g_set_error_literal (error, MC_ERROR, MC_ERROR_NOT_SCANNED, "The repo is gone");
      return FALSE;
    }
  name->endpoint = g_strdup (mc_stmt_get_name (stmt, 0));
  name->repo = g_strdup (mc_stmt_get_name (stmt, 1));
  return TRUE;
}

/* The one that has the revision: it is named by its commit, or is gone. */
static gboolean
make_way (McDb *db, McManifest *name, gint64 old, const char *commit, GError **error)
{
  gint64 left = old;
  gboolean held = FALSE;

  if (!is_held (db, old, &held, error) || (held && !set_aside (db, name, &left, commit, error)))
    return FALSE;
  /* What is left has nothing any more. */
  return left == 0 || mc_db_run (db, SQL_DELETE, left, error);
}

gboolean
mc_catalog_rename_repo (McDb *db, gint64 id, const char *revision, GError **error)
{
  g_auto (McTxn) txn = { NULL };
  g_autoptr (McManifest) name = mc_manifest_new ();
  g_autofree char *commit = NULL;
  gint64 old;

  if (!mc_txn_begin (&txn, db, error) || !read_name (db, id, name, error)
      || !find_repo (db, name, revision, &old, &commit, error))
    return FALSE;
  if (!mc_db_run (db, SQL_KEEP_PINS, id, error)
      || (old != 0 && old != id && !make_way (db, name, old, commit, error)))
    return FALSE;
  return rename_revision (db, id, revision, error) && mc_txn_commit (&txn, error);
}
