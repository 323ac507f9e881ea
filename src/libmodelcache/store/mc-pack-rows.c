/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-pack-private.h"

#include <string.h>

/* What a pack says of its chunks, without reading them. */

static const char SQL_ROWS[] = "SELECT position, size, hash, length (bytes), "
                               "CASE codec WHEN 9 THEN bytes END FROM chunks "
                               "WHERE checks IS NOT NULL";

typedef struct
{
  McPack *pack; /* borrowed */
  GArray *rows;
} Listing;

/* Rows that make no sense are no chunks. */
static void
take_row (McStmt *stmt, gpointer data)
{
  Listing *listing = data;
  guint64 position = mc_stmt_get_size (stmt, 0);
  McPackRow row = { .position = (guint) position };
  gsize length;
  const void *bytes = mc_stmt_get_blob (stmt, 2, &length);

  if (position >= mc_pack_get_n_chunks (listing->pack) || bytes == NULL
      || length != MC_CHUNK_HASH_SIZE)
    return;
  memcpy (row.hash, bytes, length);
  row.size = mc_pack_get_chunk_size (listing->pack->size, row.position);
  row.stored = mc_stmt_get_size (stmt, 3);
  bytes = mc_stmt_get_blob (stmt, 4, &length);
  if (mc_stmt_get_size (stmt, 1) != row.size)
    return;
  if (bytes != NULL && !mc_chunk_parse_reference (bytes, length, &row.lender, &row.lender_position))
    return;
  g_array_append_val (listing->rows, row);
}

GArray *
mc_pack_list_rows (McPack *self, GError **error)
{
  g_autoptr (GArray) rows = g_array_new (FALSE, TRUE, sizeof (McPackRow));
  Listing listing = { self, rows };

  if (mc_db_get_version (self->db) > 1
      && !mc_db_each (self->db, SQL_ROWS, 0, take_row, &listing, error))
    return NULL;
  return g_steal_pointer (&rows);
}
