/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-catalog.h"

#include <string.h>

/* Headers of weight files. */

/* Some hundred bytes each, in memory too. */
#define MOST_HEADERS "4096"

static const char SQL_KEEP[] =
    "INSERT OR REPLACE INTO headers (digest, format, architecture, encoding, parameters, "
    "context_length, cache_known, cache_size, cache_sliding_size, cache_window) "
    "VALUES (:digest, :format, :architecture, :encoding, :parameters, :context_length, "
    ":cache_known, :cache_size, :cache_sliding_size, :cache_window)";
/* A row that is written gets the highest number. */
static const char SQL_LIMIT[] =
    "DELETE FROM headers WHERE rowid NOT IN "
    "(SELECT rowid FROM headers ORDER BY rowid DESC LIMIT " MOST_HEADERS ")";
static const char SQL_LIST[] =
    "SELECT digest, format, architecture, encoding, parameters, context_length, cache_known, "
    "cache_size, cache_sliding_size, cache_window FROM headers ORDER BY rowid DESC "
    "LIMIT " MOST_HEADERS;

gboolean
mc_catalog_keep_header (McDb *db, const McModelHeader *header, GError **error)
{
  g_auto (McTxn) txn = { NULL };
  g_autoptr (McStmt) stmt = mc_db_borrow (db, SQL_KEEP, error);

  if (stmt == NULL)
    return FALSE;
  mc_stmt_bind_digest (stmt, ":digest", &header->digest);
  mc_stmt_bind_int (stmt, ":format", header->format);
  mc_stmt_bind_text (stmt, ":architecture", header->architecture);
  mc_stmt_bind_text (stmt, ":encoding", header->encoding);
  mc_stmt_bind_size (stmt, ":parameters", header->parameters);
  mc_stmt_bind_size (stmt, ":context_length", header->context_length);
  mc_stmt_bind_int (stmt, ":cache_known", header->kv_cache.is_known);
  mc_stmt_bind_size (stmt, ":cache_size", header->kv_cache.bytes);
  mc_stmt_bind_size (stmt, ":cache_sliding_size", header->kv_cache.sliding_bytes);
  mc_stmt_bind_size (stmt, ":cache_window", header->kv_cache.window);
  return mc_txn_begin (&txn, db, error) && mc_stmt_run (stmt, error)
         && mc_db_run (db, SQL_LIMIT, 0, error) && mc_txn_commit (&txn, error);
}

/* One that does not fit is left out: who wants it reads it again. */
static void
take_header (McStmt *row, gpointer data)
{
  const char *architecture = mc_stmt_get_name (row, 2);
  const char *encoding = mc_stmt_get_name (row, 3);
  McModelHeader header = {
    .digest = mc_stmt_get_digest (row, 0),
    .format = (McHeaderFormat) mc_stmt_get_int (row, 1),
    .parameters = mc_stmt_get_size (row, 4),
    .context_length = mc_stmt_get_size (row, 5),
    .kv_cache = { .is_known = mc_stmt_get_int (row, 6) != 0,
                  .bytes = mc_stmt_get_size (row, 7),
                  .sliding_bytes = mc_stmt_get_size (row, 8),
                  .window = mc_stmt_get_size (row, 9) },
  };

  if (g_strlcpy (header.architecture, architecture, sizeof header.architecture)
          < sizeof header.architecture
      && g_strlcpy (header.encoding, encoding, sizeof header.encoding) < sizeof header.encoding
      && mc_model_header_is_sane (&header))
    g_array_append_val ((GArray *) data, header);
}

GArray *
mc_catalog_list_headers (McDb *db, GError **error)
{
  g_autoptr (GArray) headers = g_array_new (FALSE, FALSE, sizeof (McModelHeader));

  return mc_db_each (db, SQL_LIST, 0, take_header, headers, error) ? g_steal_pointer (&headers)
                                                                   : NULL;
}
