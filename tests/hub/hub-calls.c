/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "hub-calls.h"

#include "mc-test-wait.h"

static McHubClient *
new_client (const McHubConfig *config)
{
  g_autoptr (GError) error = NULL;
  McHubClient *client = mc_hub_client_new (config, &error);

  g_assert_no_error (error);
  return client;
}

McHubClient *
make_client (const char *endpoint, const char *token)
{
  McHubConfig config = { .endpoint = endpoint, .token = token };

  return new_client (&config);
}

McHubClient *
make_hasty_client (const char *endpoint, guint connect_ms, guint read_ms, guint total_ms)
{
  McHubConfig config = {
    .endpoint = endpoint,
    .connect_timeout_ms = connect_ms,
    .read_timeout_ms = read_ms,
    .total_timeout_ms = total_ms,
  };

  return new_client (&config);
}

McModelInfo *
call_info (McHubClient *client, const char *repo, const char *revision, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  mc_hub_client_info_async (client, repo, revision, NULL, mc_test_store_result, &result);
  return mc_hub_client_info_finish (client, mc_test_await (&result), error);
}

GPtrArray *
call_tree (McHubClient *client, const char *repo, const char *commit, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  mc_hub_client_tree_async (client, repo, commit, NULL, mc_test_store_result, &result);
  return mc_hub_client_tree_finish (client, mc_test_await (&result), error);
}

GPtrArray *
call_search (McHubClient *client,
             const char *text,
             const char *const *filters,
             const char *sort,
             GError **error)
{
  const McSearchQuery query = { .text = text, .filters = filters, .sort = sort, .limit = 20 };
  g_autofree char *next = NULL;

  return call_search_page (client, &query, &next, error);
}

GPtrArray *
call_search_page (McHubClient *client, const McSearchQuery *query, char **next, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  mc_hub_client_search_async (client, query, NULL, mc_test_store_result, &result);
  return mc_hub_client_search_finish (client, mc_test_await (&result), next, error);
}

char *
call_whoami (McHubClient *client, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  mc_hub_client_whoami_async (client, NULL, mc_test_store_result, &result);
  return mc_hub_client_whoami_finish (client, mc_test_await (&result), error);
}

McResolved *
call_resolve (McHubClient *client, const char *repo, const char *path, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  mc_hub_client_resolve_async (client, repo, "main", path, NULL, mc_test_store_result, &result);
  return mc_hub_client_resolve_finish (client, mc_test_await (&result), error);
}

GInputStream *
call_open (McHubClient *client,
           const McResolved *resolved,
           guint64 offset,
           guint64 length,
           guint64 size,
           GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  mc_hub_client_open_range_async (client, resolved, offset, length, size, MC_HUB_ANY, NULL,
                                  mc_test_store_result, &result);
  return mc_hub_client_open_range_finish (client, mc_test_await (&result), error);
}

GBytes *
read_all (GInputStream *stream, gsize step, gsize *got, GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autofree guint8 *piece = g_malloc (step);
  gssize count;

  do
    {
      g_autoptr (GAsyncResult) result = NULL;

      g_input_stream_read_async (stream, piece, step, G_PRIORITY_DEFAULT, NULL,
                                 mc_test_store_result, &result);
      count = g_input_stream_read_finish (stream, mc_test_await (&result), error);
      if (count > 0)
        g_byte_array_append (bytes, piece, (guint) count);
    }
  while (count > 0);
  if (got != NULL)
    *got = bytes->len;
  return count < 0 ? NULL : g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
}

void
finalize_client (McHubClient **client)
{
  g_assert_cmpuint (G_OBJECT (*client)->ref_count, ==, 1);
  g_assert_finalize_object (g_steal_pointer (client));
}
