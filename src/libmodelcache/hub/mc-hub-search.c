/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-error.h"
#include "mc-hub-call.h"
#include "mc-hub-client-private.h"
#include "mc-hub-parse.h"
#include "mc-task.h"

#include <string.h>

/* A page of what the Hub finds. Of the address of the next one only the cursor is kept, and put
 * into an address of our own: it passes through the hands of clients. */

#define MAX_TEXT 1000
#define MAX_CURSOR 4000
#define MAX_FILTERS 20
#define MAX_HITS 100
#define BILLION G_GUINT64_CONSTANT (1000000000)
#define MILLION G_GUINT64_CONSTANT (1000000)

typedef struct
{
  GPtrArray *hits; /* (owned) */
  char *next;      /* (owned) (nullable) */
} Page;

static void
page_free (Page *page)
{
  g_clear_pointer (&page->hits, g_ptr_array_unref);
  g_free (page->next);
  g_free (page);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Page, page_free)

static char *
dup_cursor (GUri *uri)
{
  const char *query = g_uri_get_query (uri);
  GUriParamsIter iter;
  g_autofree char *name = NULL;
  g_autofree char *value = NULL;

  g_uri_params_iter_init (&iter, query == NULL ? "" : query, -1, "&", G_URI_PARAMS_NONE);
  while (g_uri_params_iter_next (&iter, &name, &value, NULL))
    {
      if (strcmp (name, "cursor") == 0 && strlen (value) <= MAX_CURSOR)
        return g_steal_pointer (&value);
      g_clear_pointer (&name, g_free);
      g_clear_pointer (&value, g_free);
    }
  return NULL;
}

static void
search_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (McHubAnswer) answer = mc_hub_call_receive (task, result);
  g_autoptr (Page) page = g_new0 (Page, 1);
  g_autoptr (GUri) next = NULL;
  GError *error = NULL;
  const char *data;
  gsize length;

  if (answer == NULL)
    return;
  data = g_bytes_get_data (answer->body, &length);
  page->hits = mc_hub_parse_search (data, length, &error);
  if (page->hits != NULL)
    next = mc_hub_call_next_page (g_task_get_task_data (task), answer, &error);
  if (next != NULL)
    page->next = dup_cursor (next);
  if (error != NULL)
    mc_hub_call_return_bad (task, error);
  else
    g_task_return_pointer (task, g_steal_pointer (&page), (GDestroyNotify) page_free);
}

static void
append_parameter (GString *query, const char *name, const char *value)
{
  if (query->str[query->len - 1] != '?')
    g_string_append_c (query, '&');
  g_string_append (query, name);
  g_string_append_c (query, '=');
  g_string_append_uri_escaped (query, value, NULL, FALSE);
}

/* The Hub wants them as people write them: "max:13B". */
static void
append_most_parameters (GString *query, guint64 most)
{
  g_autofree char *text =
      most >= BILLION ? g_strdup_printf ("max:%" G_GUINT64_FORMAT "B", most / BILLION)
                      : g_strdup_printf ("max:%" G_GUINT64_FORMAT "M", MAX (most / MILLION, 1));

  append_parameter (query, "num_parameters", text);
}

static gboolean
is_text (const char *text, gsize most)
{
  return strlen (text) <= most && g_utf8_validate (text, -1, NULL);
}

static gboolean
check (const McSearchQuery *query, GError **error)
{
  static const char *const sorts[] = { "downloads",     "likes",     "lastModified",
                                       "trendingScore", "createdAt", NULL };
  gboolean valid = query->text != NULL && is_text (query->text, MAX_TEXT)
                   && (query->cursor == NULL || is_text (query->cursor, MAX_CURSOR));

  for (guint i = 0; valid && query->filters != NULL && query->filters[i] != NULL; i++)
    valid = i < MAX_FILTERS && is_text (query->filters[i], MAX_TEXT);
  if (!valid)
    {
      g_set_error_literal (error, MC_ERROR, MC_ERROR_INVALID_NAME,
                           "That is nothing one can search for: give a few words");
      return FALSE;
    }
  if (query->sort != NULL && !g_strv_contains (sorts, query->sort))
    {
      g_autofree char *known = g_strjoinv (", ", (char **) sorts);

      g_set_error (error, MC_ERROR, MC_ERROR_INVALID_NAME,
                   "The Hub cannot sort by that; it can by: %s", known);
      return FALSE;
    }
  return TRUE;
}

static char *
make_path (const McSearchQuery *query)
{
  /* Without asking, neither dates nor gates would be told. */
  static const char *const fields[] = { "downloads", "gated",        "lastModified", "library_name",
                                        "likes",     "pipeline_tag", "tags" };
  g_autoptr (GString) path = g_string_new ("/api/models?");
  g_autofree char *count = g_strdup_printf ("%u", CLAMP (query->limit, 1, MAX_HITS));

  append_parameter (path, "search", query->text);
  for (guint i = 0; query->filters != NULL && query->filters[i] != NULL; i++)
    append_parameter (path, "filter", query->filters[i]);
  if (query->most_parameters > 0)
    append_most_parameters (path, query->most_parameters);
  append_parameter (path, "sort", query->sort != NULL ? query->sort : "downloads");
  append_parameter (path, "limit", count);
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    append_parameter (path, "expand", fields[i]);
  if (query->cursor != NULL)
    append_parameter (path, "cursor", query->cursor);
  return g_string_free (g_steal_pointer (&path), FALSE);
}

void
mc_hub_client_search_async (McHubClient *self,
                            const McSearchQuery *query,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_autoptr (GTask) task =
      mc_task_new (self, cancellable, callback, user_data, mc_hub_client_search_async);
  g_autofree char *path = NULL;
  GError *error = NULL;

  if (!check (query, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  path = make_path (query);
  mc_hub_call_new (task, MC_HUB_ASK_SEARCH, NULL, NULL);
  mc_hub_call_begin (task, path, search_cb);
}

GPtrArray *
mc_hub_client_search_finish (McHubClient *self, GAsyncResult *result, char **next, GError **error)
{
  g_autoptr (Page) page = g_task_propagate_pointer (G_TASK (result), error);

  if (next != NULL)
    *next = page == NULL ? NULL : g_steal_pointer (&page->next);
  return page == NULL ? NULL : g_steal_pointer (&page->hits);
}
