/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-service-private.h"

#include "mc-dbus-error.h"

#include <string.h>

/* The Manager's methods Search and SearchPage: what the Hub finds, as dictionaries. */

#define USUAL_LIMIT 20
#define MOST_LIMIT 100

typedef struct
{
  McService *service;                /* (owned) */
  GDBusMethodInvocation *invocation; /* (owned), handed over when it is answered */
} Search;

static void
search_free (Search *search)
{
  g_assert (search->invocation == NULL);
  mc_service_release (search->service);
  g_object_unref (search->service);
  g_free (search);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Search, search_free)

static GVariant *
describe_hit (McSearchHit *hit)
{
  g_auto (GVariantBuilder) dict = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  mc_service_add (&dict, "repo", "s", hit->id);
  mc_service_add_text (&dict, "task", hit->task);
  mc_service_add_text (&dict, "library", hit->library);
  mc_service_add_text (&dict, "license", hit->license);
  mc_service_add_text (&dict, "last_modified", hit->last_modified);
  mc_service_add (&dict, "gated", "s", mc_gated_to_string (hit->gated));
  mc_service_add (&dict, "downloads", "t", hit->downloads);
  mc_service_add (&dict, "likes", "t", hit->likes);
  return g_variant_builder_end (&dict);
}

static gboolean
has_pages (GDBusMethodInvocation *invocation)
{
  return strcmp (g_dbus_method_invocation_get_method_name (invocation), "SearchPage") == 0;
}

static void
on_found (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Search) search = user_data;
  GDBusMethodInvocation *invocation = g_steal_pointer (&search->invocation);
  GError *error = NULL;
  g_autofree char *next = NULL;
  g_autoptr (GPtrArray) hits =
      mc_hub_client_search_finish (MC_HUB_CLIENT (source), result, &next, &error);
  g_auto (GVariantBuilder) list = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("aa{sv}"));
  GVariant *answer;

  if (hits == NULL)
    {
      mc_dbus_error_return (invocation, error);
      return;
    }
  for (guint i = 0; i < hits->len; i++)
    g_variant_builder_add_value (&list, describe_hit (g_ptr_array_index (hits, i)));
  if (has_pages (invocation))
    answer = g_variant_new ("(aa{sv}s)", &list, next == NULL ? "" : next);
  else
    answer = g_variant_new ("(aa{sv})", &list);
  g_dbus_method_invocation_return_value (invocation, answer);
}

/* Where the memory is not known, nothing is left out. */
static gboolean
read_fits (McService *self, GVariant *options, McSearchQuery *query, GError **error)
{
  gboolean fits = FALSE;

  if (!mc_service_get_flag (options, "fits", &fits, error))
    return FALSE;
  query->most_parameters = fits ? mc_fit_get_most_parameters (&self->machine) : 0;
  return TRUE;
}

static void
begin (Search *search, const char *text, GVariant *options)
{
  McService *self = search->service;
  McSearchQuery query = { .text = text, .limit = USUAL_LIMIT };
  g_autoptr (GVariant) filters = NULL;
  g_autoptr (GVariant) sort = NULL;
  g_autoptr (GVariant) limit = NULL;
  g_autoptr (GVariant) cursor = NULL;
  g_autofree const char **tags = NULL;
  GError *error = NULL;

  if (!mc_service_get_option (options, "filters", "as", &filters, &error)
      || !mc_service_get_option (options, "sort", "s", &sort, &error)
      || !mc_service_get_option (options, "limit", "u", &limit, &error)
      || !mc_service_get_option (options, "cursor", "s", &cursor, &error)
      || !read_fits (self, options, &query, &error))
    {
      mc_dbus_error_return (g_steal_pointer (&search->invocation), error);
      search_free (search);
      return;
    }
  if (filters != NULL)
    query.filters = (const char *const *) (tags = g_variant_get_strv (filters, NULL));
  if (sort != NULL)
    query.sort = g_variant_get_string (sort, NULL);
  if (limit != NULL)
    query.limit = CLAMP (g_variant_get_uint32 (limit), 1, MOST_LIMIT);
  if (cursor != NULL && g_variant_get_size (cursor) > 1)
    query.cursor = g_variant_get_string (cursor, NULL);
  mc_hub_client_search_async (self->hub, &query, self->cancellable, on_found, search);
}

static gboolean
on_search (McDbusManager *manager,
           GDBusMethodInvocation *invocation,
           const char *text,
           GVariant *options,
           gpointer user_data)
{
  Search *search = g_new0 (Search, 1);

  search->service = g_object_ref (MC_SERVICE (user_data));
  search->invocation = invocation;
  mc_service_hold (search->service);
  begin (search, text, options);
  return TRUE;
}

void
mc_service_connect_search (McService *self)
{
  g_signal_connect (self->manager, "handle-search", G_CALLBACK (on_search), self);
  g_signal_connect (self->manager, "handle-search-page", G_CALLBACK (on_search), self);
}
