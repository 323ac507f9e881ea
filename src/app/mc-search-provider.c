/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-search-provider.h"

#include "mc-overview.h"
#include "mc-shell-search-generated.h"

/* The shell starts the program for a search, without a window, and asks again with each letter. */

#define LINGER_S 10

struct _McSearchProvider
{
  GObject parent_instance;
  GApplication *application;        /* borrowed */
  McInventory *inventory;           /* (owned) (nullable) */
  McShellSearchProvider2 *skeleton; /* (owned) */
  GQueue waiting;                   /* of Search (owned), until it is known what is there */
  guint lingering;                  /* source: the program is held until then */
};

typedef struct
{
  GDBusMethodInvocation *invocation; /* (owned) */
  char **words;                      /* (owned) */
} Search;

G_DEFINE_FINAL_TYPE (McSearchProvider, mc_search_provider, G_TYPE_OBJECT)

static gboolean
leave_cb (gpointer user_data)
{
  McSearchProvider *self = user_data;

  self->lingering = 0;
  g_application_release (self->application);
  return G_SOURCE_REMOVE;
}

static void
linger (McSearchProvider *self)
{
  if (self->lingering == 0)
    g_application_hold (self->application);
  else
    g_source_remove (self->lingering);
  self->lingering = g_timeout_add_seconds (LINGER_S, leave_cb, self);
}

/* --- searching --- */

static void
answer (McSearchProvider *self, Search *search)
{
  g_auto (GStrv) results = mc_overview_find (mc_inventory_get_repos (self->inventory),
                                             (const char *const *) search->words);

  g_dbus_method_invocation_return_value (search->invocation, g_variant_new ("(^as)", results));
  g_strfreev (search->words);
  g_free (search);
}

/* Without the service there is nothing of the library, but still the rest. */
static void
answer_all (McSearchProvider *self)
{
  if (self->inventory == NULL
      || mc_inventory_get_state (self->inventory) == MC_INVENTORY_CONNECTING)
    return;
  while (!g_queue_is_empty (&self->waiting))
    answer (self, g_queue_pop_head (&self->waiting));
}

static void
begin (McSearchProvider *self, GDBusMethodInvocation *invocation, const char *const *words)
{
  Search *search = g_new0 (Search, 1);

  linger (self);
  search->invocation = invocation;
  search->words = g_strdupv ((char **) words);
  g_queue_push_tail (&self->waiting, search);
  answer_all (self);
}

static gboolean
on_search (McSearchProvider *self, GDBusMethodInvocation *invocation, const char *const *words)
{
  begin (self, invocation, words);
  return TRUE;
}

static gboolean
on_subsearch (McSearchProvider *self,
              GDBusMethodInvocation *invocation,
              const char *const *previous,
              const char *const *words)
{
  begin (self, invocation, words);
  return TRUE;
}

/* --- showing --- */

static gboolean
on_metas (McSearchProvider *self, GDBusMethodInvocation *invocation, const char *const *results)
{
  GListModel *repos = self->inventory == NULL ? NULL : mc_inventory_get_repos (self->inventory);
  GVariantBuilder metas;

  g_variant_builder_init (&metas, G_VARIANT_TYPE ("aa{sv}"));
  for (; *results != NULL && repos != NULL; results++)
    {
      g_autofree char *name = NULL;
      g_autofree char *details = NULL;

      if (!mc_overview_describe (repos, *results, &name, &details))
        continue;
      g_variant_builder_open (&metas, G_VARIANT_TYPE_VARDICT);
      g_variant_builder_add (&metas, "{sv}", "id", g_variant_new_string (*results));
      g_variant_builder_add (&metas, "{sv}", "name", g_variant_new_string (name));
      g_variant_builder_add (&metas, "{sv}", "description", g_variant_new_string (details));
      g_variant_builder_add (&metas, "{sv}", "gicon", g_variant_new_string (MC_APP_ID));
      g_variant_builder_close (&metas);
    }
  mc_shell_search_provider2_complete_get_result_metas (self->skeleton, invocation,
                                                       g_variant_builder_end (&metas));
  return TRUE;
}

/* --- choosing --- */

static void
look_for (McSearchProvider *self, const char *text)
{
  g_action_group_activate_action (G_ACTION_GROUP (self->application), "look-for",
                                  g_variant_new_string (text));
}

static gboolean
on_activate (McSearchProvider *self,
             GDBusMethodInvocation *invocation,
             const char *result,
             const char *const *words,
             guint time)
{
  const char *rest;

  if ((rest = mc_overview_get (result, "repo")) != NULL)
    g_action_group_activate_action (G_ACTION_GROUP (self->application), "show-repo",
                                    g_variant_new_string (rest));
  else if ((rest = mc_overview_get (result, "start")) != NULL)
    {
      g_autofree char *address = g_strconcat ("modelcache:", rest, NULL);
      g_autoptr (GFile) file = g_file_new_for_uri (address);

      g_application_open (self->application, &file, 1, "");
    }
  else if ((rest = mc_overview_get (result, "hub")) != NULL)
    look_for (self, rest);
  mc_shell_search_provider2_complete_activate_result (self->skeleton, invocation);
  return TRUE;
}

static gboolean
on_launch (McSearchProvider *self,
           GDBusMethodInvocation *invocation,
           const char *const *words,
           guint time)
{
  g_autofree char *text = g_strjoinv (" ", (char **) words);

  look_for (self, text);
  mc_shell_search_provider2_complete_launch_search (self->skeleton, invocation);
  return TRUE;
}

/* --- its life --- */

void
mc_search_provider_set_inventory (McSearchProvider *self, McInventory *inventory)
{
  g_set_object (&self->inventory, inventory);
  g_signal_connect_object (inventory, "notify::state", G_CALLBACK (answer_all), self,
                           G_CONNECT_SWAPPED);
  answer_all (self);
}

static void
mc_search_provider_dispose (GObject *object)
{
  McSearchProvider *self = MC_SEARCH_PROVIDER (object);
  Search *search;

  g_clear_handle_id (&self->lingering, g_source_remove);
  if (self->skeleton != NULL)
    g_dbus_interface_skeleton_unexport (G_DBUS_INTERFACE_SKELETON (self->skeleton));
  while ((search = g_queue_pop_head (&self->waiting)) != NULL)
    {
      g_dbus_method_invocation_return_value (search->invocation, g_variant_new ("(as)", NULL));
      g_strfreev (search->words);
      g_free (search);
    }
  g_clear_object (&self->skeleton);
  g_clear_object (&self->inventory);
  G_OBJECT_CLASS (mc_search_provider_parent_class)->dispose (object);
}

static void
mc_search_provider_class_init (McSearchProviderClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = mc_search_provider_dispose;
}

static void
mc_search_provider_init (McSearchProvider *self)
{
  self->skeleton = mc_shell_search_provider2_skeleton_new ();
  g_signal_connect_object (self->skeleton, "handle-get-initial-result-set", G_CALLBACK (on_search),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->skeleton, "handle-get-subsearch-result-set",
                           G_CALLBACK (on_subsearch), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->skeleton, "handle-get-result-metas", G_CALLBACK (on_metas), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->skeleton, "handle-activate-result", G_CALLBACK (on_activate), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->skeleton, "handle-launch-search", G_CALLBACK (on_launch), self,
                           G_CONNECT_SWAPPED);
}

McSearchProvider *
mc_search_provider_new (GApplication *application,
                        GDBusConnection *bus,
                        const char *path,
                        GError **error)
{
  g_autoptr (McSearchProvider) self = g_object_new (MC_TYPE_SEARCH_PROVIDER, NULL);
  g_autofree char *own = g_strconcat (path, "/SearchProvider", NULL);

  self->application = application;
  if (!g_dbus_interface_skeleton_export (G_DBUS_INTERFACE_SKELETON (self->skeleton), bus, own,
                                         error))
    return NULL;
  return g_steal_pointer (&self);
}
