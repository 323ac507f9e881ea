/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-fuzz.h"

#include "mc-hub-parse.h"
#include "mc-json.h"
#include "mc-repo-ref.h"

#include <string.h>

/* GET /api/models/{repo}/tree/{commit}: pages, with a line of one % between them. */

static void
assert_entries (GPtrArray *entries)
{
  const McTreeEntry *last = NULL;
  guint64 total = 0;

  g_assert_cmpuint (entries->len, <=, MC_HUB_MAX_FILES);
  for (guint i = 0; i < entries->len; i++)
    {
      const McTreeEntry *entry = g_ptr_array_index (entries, i);

      g_assert_true (mc_repo_path_is_valid (entry->path));
      g_assert_cmpuint (entry->size, <=, MC_HUB_MAX_SIZE - total);
      if (last != NULL)
        g_assert_cmpint (strcmp (last->path, entry->path), <, 0);
      total += entry->size;
      last = entry;
    }
}

static gboolean
has_entry (GPtrArray *entries, const char *path)
{
  for (guint i = 0; i < entries->len; i++)
    if (strcmp (((const McTreeEntry *) g_ptr_array_index (entries, i))->path, path) == 0)
      return TRUE;
  return FALSE;
}

/* No file is lost: what a page calls a file is in the listing. */
static void
assert_page (GPtrArray *entries, GBytes *page)
{
  gsize size;
  const char *data = g_bytes_get_data (page, &size);
  g_autoptr (JsonNode) node = mc_json_parse (data, (gssize) size, NULL);
  JsonArray *array = mc_json_node_get_array (node);

  g_assert_nonnull (array);
  for (guint i = 0; i < MIN (json_array_get_length (array), 100); i++)
    {
      JsonObject *object = mc_json_node_get_object (json_array_get_element (array, i));
      const char *path = mc_json_get_string (object, "path");

      if (g_strcmp0 (mc_json_get_string (object, "type"), "file") == 0
          && mc_repo_path_is_valid (path))
        g_assert_true (has_entry (entries, path));
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GPtrArray) pages = mc_fuzz_split (data, size, "\n%\n", 8);
  g_autoptr (McHubListing) listing = mc_hub_listing_new (MC_HUB_MAX_FILES, 5);
  g_autoptr (GPtrArray) entries = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < pages->len; i++)
    {
      gsize length;
      const char *page = g_bytes_get_data (g_ptr_array_index (pages, i), &length);
      gboolean taken = mc_hub_listing_add_page (listing, page, length, &error);

      mc_fuzz_assert_outcome (taken, error);
      if (!taken)
        return 0;
    }
  entries = mc_hub_listing_finish (listing, &error);
  mc_fuzz_assert_outcome (entries != NULL, error);
  if (entries == NULL)
    return 0;
  assert_entries (entries);
  for (guint i = 0; i < pages->len; i++)
    assert_page (entries, g_ptr_array_index (pages, i));
  return 0;
}
