/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-store-audit-private.h"

#include "mc-catalog.h"
#include "mc-error.h"
#include "mc-pack.h"
#include "mc-small.h"
#include "mc-store-private.h"
#include "mc-task.h"

/* The catalog and the small contents are checked here, packs in mc-store-audit-pack.c, names in the
 * folder in mc-store-audit-folder.c. The connections are the check's own and only read, so that it
 * can be made beside a store that is in use: a content that seems wrong is looked at again with a
 * fresh view of the catalog, since it may have changed between two looks. */

typedef struct
{
  const char *folder; /* borrowed */
  McAuditFlags flags;
  GCancellable *cancellable; /* borrowed (nullable) */
  McDb *catalog;             /* (owned) */
  McDb *small;               /* (owned) */
  GPtrArray *found;          /* borrowed */
} Check;

typedef struct
{
  const char *sql;
  const char *what; /* what a row of it means; the row's column is a number or a digest */
} Rule;

/* What the tables do not enforce themselves. */
static const Rule rules[] = {
  { "SELECT DISTINCT repo FROM files GROUP BY repo HAVING count (*) <> max (position) + 1",
    "the files of repo %s are not numbered without a gap" },
  { "SELECT DISTINCT repo FROM variants GROUP BY repo HAVING count (*) <> max (position) + 1",
    "the variants of repo %s are not numbered without a gap" },
  { "SELECT DISTINCT v.repo FROM variant_files v LEFT JOIN files f "
    "ON f.repo = v.repo AND f.position = v.file WHERE f.repo IS NULL",
    "a variant of repo %s has a file that is not there" },
  { "SELECT id FROM holdings WHERE (variant = '') = (path = '')",
    "holding %s is neither of a variant nor of a file" },
  { "SELECT DISTINCT hex (digest) FROM holding_contents JOIN contents USING (digest) "
    "WHERE state = 2",
    "content %s is held, but marked as being deleted" },
  { "SELECT DISTINCT hex (h.digest) FROM holding_contents h LEFT JOIN holdings ON holding = id "
    "WHERE id IS NULL",
    "content %s is needed by a holding that is not there" },
  { "SELECT DISTINCT hex (h.digest) FROM holding_contents h LEFT JOIN contents c "
    "ON c.digest = h.digest WHERE c.digest IS NULL",
    "a holding needs content %s, which is not listed" },
};

static const char SQL_INTEGRITY[] = "PRAGMA integrity_check (20)";
static const char SQL_FOREIGN_KEYS[] = "PRAGMA foreign_key_check";
static const char SQL_FIND[] = "SELECT size, state FROM contents WHERE digest = :digest";
static const char SQL_FIND_LOAN[] =
    "SELECT 1 FROM loans WHERE borrower = :borrower AND lender = :lender";
static const char SQL_HOLDERS[] = "SELECT digest, count (*) FROM holding_contents GROUP BY digest";

void
mc_audit_say (GPtrArray *found, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_ptr_array_add (found, g_strdup_vprintf (format, arguments));
  va_end (arguments);
}

/* --- databases --- */

typedef struct
{
  const char *name;
  GPtrArray *found;
} Reading;

static void
take_finding (McStmt *row, gpointer data)
{
  Reading *reading = data;

  if (g_strcmp0 (mc_stmt_get_text (row, 0), "ok") != 0)
    mc_audit_say (reading->found, "%s: %s", reading->name, mc_stmt_get_name (row, 0));
}

gboolean
mc_audit_database (McDb *db, const char *name, GPtrArray *found, GError **error)
{
  Reading reading = { name, found };

  return mc_db_each (db, SQL_INTEGRITY, 0, take_finding, &reading, error);
}

static void
take_foreign_key (McStmt *row, gpointer data)
{
  mc_audit_say (data, "catalog.db: a row of “%s” refers to a row of “%s” that is not there",
                mc_stmt_get_name (row, 0), mc_stmt_get_name (row, 2));
}

static void
take_breach (McStmt *row, gpointer data)
{
  Reading *reading = data;
  g_auto (GStrv) parts = g_strsplit (reading->name, "%s", 2);

  mc_audit_say (reading->found, "catalog.db: %s%s%s", parts[0], mc_stmt_get_name (row, 0),
                parts[1]);
}

static gboolean
check_catalog (Check *check, GError **error)
{
  if ((check->flags & MC_AUDIT_DEEP)
      && (!mc_audit_database (check->catalog, "catalog.db", check->found, error)
          || !mc_audit_database (check->small, "small.db", check->found, error)))
    return FALSE;
  if (!mc_db_each (check->catalog, SQL_FOREIGN_KEYS, 0, take_foreign_key, check->found, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    {
      Reading reading = { rules[i].what, check->found };

      if (!mc_db_each (check->catalog, rules[i].sql, 0, take_breach, &reading, error))
        return FALSE;
    }
  return TRUE;
}

/* --- contents --- */

/* Looks the content up anew; FALSE in *there if it is gone. */
static gboolean
refresh (Check *check, McContent *content, gboolean *there, GError **error)
{
  g_autoptr (McStmt) stmt = mc_db_borrow (check->catalog, SQL_FIND, error);

  if (stmt == NULL)
    return FALSE;
  mc_stmt_bind_digest (stmt, ":digest", &content->digest);
  if (!mc_stmt_step (stmt, there, error))
    return FALSE;
  if (*there)
    {
      content->size = mc_stmt_get_size (stmt, 0);
      content->state = (McContentState) mc_stmt_get_int (stmt, 1);
    }
  return TRUE;
}

static void
check_small (Check *check, McContent *content, GPtrArray *found)
{
  g_autofree char *hex = mc_digest_to_hex (&content->digest);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = mc_small_get (check->small, &content->digest, &error);

  content->committed = bytes == NULL ? 0 : content->size;
  if (bytes != NULL && g_bytes_get_size (bytes) != content->size)
    mc_audit_say (found,
                  "small.db: %s has %" G_GSIZE_FORMAT " bytes, the catalog says %" G_GUINT64_FORMAT,
                  hex, g_bytes_get_size (bytes), content->size);
  else if (bytes != NULL && content->state != MC_CONTENT_COMPLETE
           && (check->flags & MC_AUDIT_SETTLED))
    mc_audit_say (found, "small.db: %s is here, but the catalog does not say so", hex);
  else if (g_error_matches (error, MC_ERROR, MC_ERROR_NOT_DOWNLOADED))
    {
      if (content->state == MC_CONTENT_COMPLETE)
        mc_audit_say (found, "small.db: %s is not here, but the catalog says so", hex);
    }
  else if (error != NULL)
    mc_audit_say (found, "small.db: %s: %s", hex, error->message);
}

static gboolean
has_loan (Check *check, const McDigest *borrower, const McDigest *lender, GError **error)
{
  g_autoptr (McStmt) stmt = mc_db_borrow (check->catalog, SQL_FIND_LOAN, error);
  gboolean there;

  if (stmt == NULL)
    return FALSE;
  mc_stmt_bind_digest (stmt, ":borrower", borrower);
  mc_stmt_bind_digest (stmt, ":lender", lender);
  return mc_stmt_step (stmt, &there, error) && there;
}

/* Whatever a complete pack refers to, the catalog knows of: else the lender could go. */
static void
check_loans (Check *check, const McContent *content, GPtrArray *found)
{
  g_autofree char *hex = mc_digest_to_hex (&content->digest);
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) rows =
      mc_store_list_rows (check->folder, &content->digest, content->size, TRUE, &error);

  for (guint i = 0; rows != NULL && error == NULL && i < rows->len; i++)
    {
      McPackRow *row = &g_array_index (rows, McPackRow, i);

      if (row->lender.kind == MC_DIGEST_NONE
          || has_loan (check, &content->digest, &row->lender, &error))
        continue;
      if (error == NULL)
        mc_audit_say (found, "catalog.db: %s borrows chunk %u, but there is no such loan", hex,
                      row->position);
      break;
    }
  if (error != NULL)
    mc_audit_say (found, "%s: %s", hex, error->message);
}

static gboolean
look_at (Check *check, McContent *content, GPtrArray *found, GError **error)
{
  if (content->size < MC_SMALL_LIMIT)
    {
      check_small (check, content, found);
      return TRUE;
    }
  if (content->state == MC_CONTENT_COMPLETE)
    check_loans (check, content, found);
  return mc_audit_pack (check->folder, content, check->flags, check->cancellable, found, error);
}

/* What is being deleted may be in any state. */
static gboolean
check_content (Check *check, McContent *content, GError **error)
{
  g_autoptr (GPtrArray) first = g_ptr_array_new_with_free_func (g_free);
  gboolean there;

  if (content->state == MC_CONTENT_DELETING)
    return TRUE;
  if (!look_at (check, content, first, error))
    return FALSE;
  if (first->len == 0)
    return TRUE;
  if (!refresh (check, content, &there, error))
    return FALSE;
  if (!there || content->state == MC_CONTENT_DELETING)
    return TRUE;
  return look_at (check, content, check->found, error);
}

static gboolean
is_known (const McDigest *digest, gpointer data)
{
  Check *check = data;
  McContent content = { .digest = *digest };
  g_autoptr (GError) error = NULL;
  gboolean there = FALSE;

  if (!refresh (check, &content, &there, &error))
    mc_audit_say (check->found, "catalog.db: %s", error->message);
  return there;
}

/* Small contents that the catalog does not know, or that should have a pack. */
static gboolean
check_small_entries (Check *check, GError **error)
{
  g_autoptr (GArray) entries = mc_small_list (check->small, error);

  for (guint i = 0; entries != NULL && i < entries->len; i++)
    {
      McSmallEntry *entry = &g_array_index (entries, McSmallEntry, i);
      g_autofree char *hex = mc_digest_to_hex (&entry->digest);

      if (!is_known (&entry->digest, check))
        mc_audit_say (check->found, "small.db: %s is not in the catalog", hex);
      if (entry->size >= MC_SMALL_LIMIT)
        mc_audit_say (check->found, "small.db: %s is too large to be here", hex);
    }
  return entries != NULL;
}

static void
take_holders (McStmt *row, gpointer data)
{
  McDigest digest = mc_stmt_get_digest (row, 0);

  g_hash_table_insert (data, mc_digest_copy (&digest),
                       GUINT_TO_POINTER ((guint) mc_stmt_get_size (row, 1)));
}

static gboolean
count_holders (Check *check, GArray *contents, GError **error)
{
  g_autoptr (GHashTable) holders =
      g_hash_table_new_full (mc_digest_hash, mc_digest_equal, g_free, NULL);

  if (!mc_db_each (check->catalog, SQL_HOLDERS, 0, take_holders, holders, error))
    return FALSE;
  for (guint i = 0; i < contents->len; i++)
    {
      McContent *content = &g_array_index (contents, McContent, i);

      content->holders = GPOINTER_TO_UINT (g_hash_table_lookup (holders, &content->digest));
    }
  return TRUE;
}

static gboolean
check_contents (Check *check, McAuditProgress *progress, GArray *contents, GError **error)
{
  if (progress != NULL)
    g_atomic_int_set (&progress->total, (int) contents->len);
  for (guint i = 0; i < contents->len; i++)
    {
      if (g_cancellable_set_error_if_cancelled (check->cancellable, error)
          || !check_content (check, &g_array_index (contents, McContent, i), error))
        return FALSE;
      if (progress != NULL)
        g_atomic_int_set (&progress->done, (int) i + 1);
    }
  return TRUE;
}

static gboolean
open_databases (Check *check, GError **error)
{
  g_autofree char *catalog = g_build_filename (check->folder, "catalog.db", NULL);

  check->catalog = mc_db_open (catalog, MC_DB_CATALOG, MC_DB_READ, error);
  if (check->catalog == NULL)
    return FALSE;
  check->small = mc_small_open (check->folder, error);
  return check->small != NULL;
}

GPtrArray *
mc_store_audit (const char *folder,
                McAuditFlags flags,
                McAuditProgress *progress,
                GCancellable *cancellable,
                GArray *contents,
                GError **error)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_free);
  Check check = { folder, flags, cancellable, NULL, NULL, found };
  g_autoptr (GArray) listed = NULL;
  gboolean ok = open_databases (&check, error) && check_catalog (&check, error);

  if (ok)
    listed = mc_catalog_list_contents (check.catalog, error);
  ok = listed != NULL && count_holders (&check, listed, error)
       && check_contents (&check, progress, listed, error) && check_small_entries (&check, error);
  if (ok)
    mc_audit_folder (folder, is_known, &check, found);
  if (ok && contents != NULL)
    g_array_append_vals (contents, listed->data, listed->len);
  g_clear_pointer (&check.catalog, mc_db_close);
  g_clear_pointer (&check.small, mc_db_close);
  return ok ? g_steal_pointer (&found) : NULL;
}

/* --- beside an open store --- */

typedef struct
{
  char *folder; /* (owned) */
  McAuditFlags flags;
  McAuditProgress *progress; /* borrowed (nullable) */
  GCancellable *cancellable; /* (owned) (nullable) */
  McWorker *worker;          /* (owned): ends with the job, which is let go at home */
  GPtrArray *found;          /* (owned) (nullable) */
  GHashTable *before;        /* (owned): McDigest in McContent => McContent, as the store had it */
  GArray *contents;          /* (owned): McContent, as it is on disk */
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  mc_worker_join (job->worker);
  g_clear_pointer (&job->found, g_ptr_array_unref);
  g_clear_object (&job->cancellable);
  g_free (job->folder);
  g_hash_table_unref (job->before);
  g_array_unref (job->contents);
  g_free (job);
}

static gboolean
run_check (gpointer data, GError **error)
{
  Job *job = data;

  job->found = mc_store_audit (job->folder, job->flags, job->progress, job->cancellable,
                               job->contents, error);
  return job->found != NULL;
}

void
mc_store_audit_async (McStore *self,
                      McAuditFlags flags,
                      McAuditProgress *progress,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  g_autoptr (GTask) task =
      mc_task_new (self, cancellable, callback, user_data, mc_store_audit_async);
  Job *job = g_new0 (Job, 1);
  GHashTableIter iter;
  gpointer value;

  job->folder = g_strdup (self->folder);
  job->flags = flags;
  job->progress = progress;
  g_set_object (&job->cancellable, cancellable);
  job->worker = mc_worker_new ("mc-check");
  job->contents = g_array_new (FALSE, FALSE, sizeof (McContent));
  job->before = g_hash_table_new_full (mc_digest_hash, mc_digest_equal, NULL, g_free);
  g_hash_table_iter_init (&iter, self->contents);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      McContent *copy = g_memdup2 (value, sizeof (McContent));

      g_hash_table_insert (job->before, &copy->digest, copy);
    }
  g_task_set_task_data (task, job, job_free);
  mc_worker_run (job->worker, task, run_check);
}

/* After a failure the store may know of less than there is, never of more. */
static gboolean
agrees (Job *job, const McContent *now, const McContent *on_disk)
{
  if (now == NULL || now->size != on_disk->size || now->holders != on_disk->holders)
    return FALSE;
  if (job->flags & MC_AUDIT_SETTLED)
    return now->state == on_disk->state && now->committed == on_disk->committed;
  return now->state == MC_CONTENT_PARTIAL ? now->committed <= on_disk->committed
                                          : now->state == on_disk->state;
}

static gboolean
is_same (const McContent *one, const McContent *other)
{
  return one != NULL && other != NULL && one->size == other->size && one->state == other->state
         && one->committed == other->committed && one->holders == other->holders;
}

/* Only contents that nobody worked on meanwhile can be compared. */
static void
compare_content (McStore *self, Job *job, const McContent *on_disk, GPtrArray *found)
{
  const McContent *now = mc_store_get_content (self, &on_disk->digest);
  const McContent *before = g_hash_table_lookup (job->before, &on_disk->digest);
  g_autofree char *hex = NULL;

  if (on_disk->state == MC_CONTENT_DELETING || on_disk->committed == MC_AUDIT_UNKNOWN
      || mc_store_is_pinned (self, &on_disk->digest) || agrees (job, now, on_disk)
      || (now == NULL) != (before == NULL) || (now != NULL && !is_same (now, before)))
    return;
  hex = mc_digest_to_hex (&on_disk->digest);
  if (now == NULL)
    mc_audit_say (found, "memory: content %s is not known, but it is on the disk", hex);
  else
    mc_audit_say (found,
                  "memory: content %s has state %d, %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
                  " bytes, %u holders; on the disk %d, %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
                  ", %u",
                  hex, (int) now->state, now->committed, now->size, now->holders,
                  (int) on_disk->state, on_disk->committed, on_disk->size, on_disk->holders);
}

static void
compare_absent (McStore *self, Job *job, GPtrArray *found)
{
  GHashTableIter iter;
  gpointer value;

  for (guint i = 0; i < job->contents->len; i++)
    g_hash_table_remove (job->before, &g_array_index (job->contents, McContent, i).digest);
  g_hash_table_iter_init (&iter, job->before);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const McContent *before = value;
      g_autofree char *hex = mc_digest_to_hex (&before->digest);

      if (before->state != MC_CONTENT_DELETING && !mc_store_is_pinned (self, &before->digest)
          && is_same (mc_store_get_content (self, &before->digest), before))
        mc_audit_say (found, "memory: content %s is known, but not to the catalog", hex);
    }
}

GPtrArray *
mc_store_audit_finish (McStore *self, GAsyncResult *result, GError **error)
{
  Job *job = g_task_get_task_data (G_TASK (result));
  GPtrArray *found;

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return NULL;
  found = g_steal_pointer (&job->found);
  for (guint i = 0; i < job->contents->len; i++)
    compare_content (self, job, &g_array_index (job->contents, McContent, i), found);
  compare_absent (self, job, found);
  return found;
}
