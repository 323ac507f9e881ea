/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-store-audit-private.h"

#include "mc-error.h"
#include "mc-hasher.h"
#include "mc-pack.h"

#include <glib/gstdio.h>
#include <string.h>

/* One pack against what the catalog says of its content. */

#define PAGE_SIZE 65536 /* bytes, of a pack */

static const char SQL_COMPLETE[] = "SELECT complete FROM content";
static const char SQL_STRAY[] = "SELECT position FROM chunks WHERE position < 0 OR position >= :id";

typedef struct
{
  const char *folder; /* borrowed */
  const char *name;   /* borrowed: the pack's path below the folder */
  McContent *content; /* borrowed */
  McAuditFlags flags;
  GCancellable *cancellable; /* borrowed (nullable) */
  GPtrArray *found;          /* borrowed */
} Look;

static gint64
measure (const char *path, const char *suffix)
{
  g_autofree char *name = g_strconcat (path, suffix, NULL);
  GStatBuf info;

  return g_stat (name, &info) == 0 ? (gint64) info.st_size : -1;
}

static void
take_mark (McStmt *row, gpointer data)
{
  *(gboolean *) data = mc_stmt_get_int (row, 0) != 0;
}

static void
take_stray (McStmt *row, gpointer data)
{
  Look *look = data;

  mc_audit_say (look->found, "%s: it has a chunk %" G_GINT64_FORMAT ", behind its end", look->name,
                mc_stmt_get_int (row, 0));
}

/* What McPack does not tell. */
static gboolean
check_rows (Look *look, gboolean sealed, gboolean *marked, GError **error)
{
  g_autofree char *path = mc_pack_make_path (look->folder, &look->content->digest);
  McDb *db = mc_db_open (path, MC_DB_PACK, sealed ? MC_DB_IMMUTABLE : MC_DB_READ, error);
  gint64 n_chunks = mc_pack_count_chunks (look->content->size);
  gboolean ok;

  if (db == NULL)
    return FALSE;
  ok =
      mc_db_each (db, SQL_COMPLETE, 0, take_mark, marked, error)
      && mc_db_each (db, SQL_STRAY, n_chunks, take_stray, look, error)
      && (!(look->flags & MC_AUDIT_DEEP) || mc_audit_database (db, look->name, look->found, error));
  mc_db_close (db);
  return ok;
}

static gboolean
check_bytes (Look *look, McPack *pack, const guint8 *present, GError **error)
{
  g_autoptr (McHasher) hasher = mc_hasher_new (look->content->digest.kind, look->content->size);
  gboolean all = TRUE;
  McDigest digest;

  for (guint i = 0; i < mc_pack_get_n_chunks (pack); i++)
    {
      g_autoptr (GError) local = NULL;
      g_autoptr (GBytes) bytes = NULL;

      if (g_cancellable_set_error_if_cancelled (look->cancellable, error))
        return FALSE;
      if (present[i])
        bytes = mc_pack_read_chunk (pack, i, &local);
      if (bytes != NULL)
        mc_hasher_update (hasher, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
      else
        all = FALSE;
      if (local != NULL)
        mc_audit_say (look->found, "%s: chunk %u: %s", look->name, i, local->message);
    }
  digest = mc_hasher_finish (hasher);
  if (all && !mc_digest_equal (&digest, &look->content->digest))
    mc_audit_say (look->found, "%s: all chunks are in order, but the whole has another digest",
                  look->name);
  return TRUE;
}

static guint64
count_bytes (McPack *pack, const guint8 *present)
{
  guint64 committed = 0;

  for (guint i = 0; i < mc_pack_get_n_chunks (pack); i++)
    if (present[i])
      committed += mc_pack_get_chunk_size (mc_pack_get_size (pack), i);
  return committed;
}

/* FALSE only if it was cancelled: what SQLite says of a pack is a finding. */
static gboolean
look_inside (Look *look, gboolean sealed, GError **error)
{
  McContent *content = look->content;
  g_autoptr (GError) local = NULL;
  g_autoptr (McPack) pack = mc_pack_open (look->folder, &content->digest, content->size,
                                          sealed ? MC_PACK_READ : MC_PACK_LOOK, &local);
  g_autofree guint8 *present = pack == NULL ? NULL : mc_pack_list_chunks (pack, &local);
  gboolean marked = FALSE;

  if (present == NULL || !check_rows (look, sealed, &marked, &local))
    {
      mc_audit_say (look->found, "%s: %s", look->name, local->message);
      return TRUE;
    }
  content->committed = count_bytes (pack, present);
  if (marked && content->committed != content->size)
    mc_audit_say (look->found, "%s: it is marked complete, but chunks are missing", look->name);
  if (marked != (content->state == MC_CONTENT_COMPLETE)
      && (!marked || (look->flags & MC_AUDIT_SETTLED)))
    mc_audit_say (look->found, "%s: it is %s, but the catalog says otherwise", look->name,
                  marked ? "complete" : "not complete");
  /* The other way round is no harm: not every file system keeps permissions. */
  if (sealed && !marked)
    mc_audit_say (look->found, "%s: it is not complete, but its file is read-only", look->name);
  return !(look->flags & MC_AUDIT_DEEP) || check_bytes (look, pack, present, error);
}

gboolean
mc_audit_pack (const char *folder,
               McContent *content,
               McAuditFlags flags,
               GCancellable *cancellable,
               GPtrArray *found,
               GError **error)
{
  g_autofree char *path = mc_pack_make_path (folder, &content->digest);
  Look look = { folder, path + strlen (folder) + 1, content, flags, cancellable, found };
  gboolean sealed = mc_pack_is_sealed (folder, &content->digest);

  content->committed = 0;
  /* One page holds no tables yet: it was only just made. */
  if (measure (path, "") <= PAGE_SIZE && content->state != MC_CONTENT_COMPLETE)
    return TRUE;
  /* It was interrupted, or is being written: only who may write can say what it holds. */
  if (!sealed && measure (path, "-journal") > 0
      && (content->state != MC_CONTENT_COMPLETE || !(flags & MC_AUDIT_SETTLED)))
    {
      content->committed = MC_AUDIT_UNKNOWN;
      return TRUE;
    }
  if (measure (path, "") < 0)
    {
      mc_audit_say (found, "%s: it is not there, but the catalog says so", look.name);
      return TRUE;
    }
  if (sealed && measure (path, "-journal") > 0)
    mc_audit_say (found, "%s: it is read-only, but has a journal", look.name);
  if (content->state == MC_CONTENT_COMPLETE && measure (path, ".damaged") >= 0)
    mc_audit_say (found, "%s: it is complete, but a damaged one lies beside it", look.name);
  return look_inside (&look, sealed, error);
}
