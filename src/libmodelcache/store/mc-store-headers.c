/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-store-private.h"

#include "mc-catalog.h"

/* What is kept of the headers of weight files: in the catalog, and all of it in memory. */

typedef struct
{
  McStore *store; /* borrowed: the task holds it */
  McModelHeader header;
  GArray *headers; /* (owned) (nullable): McModelHeader, as they are afterwards */
} Keep;

static void
keep_free (gpointer data)
{
  Keep *keep = data;

  g_clear_pointer (&keep->headers, g_array_unref);
  g_free (keep);
}

/* The newest of a digest. */
static void
adopt (McStore *self, GArray *headers)
{
  g_hash_table_remove_all (self->headers);
  for (guint i = 0; i < headers->len; i++)
    {
      McModelHeader *header =
          g_memdup2 (&g_array_index (headers, McModelHeader, i), sizeof (McModelHeader));

      g_hash_table_replace (self->headers, &header->digest, header);
    }
}

gboolean
mc_store_load_headers (McStore *self, GError **error)
{
  g_autoptr (GArray) headers = mc_catalog_list_headers (self->catalog, error);

  if (headers == NULL)
    return FALSE;
  adopt (self, headers);
  return TRUE;
}

const McModelHeader *
mc_store_get_header (McStore *self, const McDigest *digest)
{
  return g_hash_table_lookup (self->headers, digest);
}

static gboolean
keep_header (gpointer data, GError **error)
{
  Keep *keep = data;
  McDb *db = keep->store->catalog;

  if (!mc_catalog_keep_header (db, &keep->header, error))
    return FALSE;
  keep->headers = mc_catalog_list_headers (db, error);
  return keep->headers != NULL;
}

void
mc_store_keep_header_async (McStore *self,
                            const McModelHeader *header,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  Keep *keep = g_new0 (Keep, 1);
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);

  keep->store = self;
  keep->header = *header;
  g_task_set_source_tag (task, mc_store_keep_header_async);
  g_task_set_task_data (task, keep, keep_free);
  mc_worker_run (self->worker, task, keep_header);
}

gboolean
mc_store_keep_header_finish (McStore *self, GAsyncResult *result, GError **error)
{
  Keep *keep = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;
  adopt (self, keep->headers);
  return TRUE;
}
