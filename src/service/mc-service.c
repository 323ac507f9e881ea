/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-service-private.h"

#include "mc-dbus-error.h"
#include "mc-dbus-names.h"
#include "mc-task.h"

#include <string.h>

/* What the service owns, how long it lives, and what its methods share. */

G_DEFINE_FINAL_TYPE (McService, mc_service, G_TYPE_OBJECT)

/* How long an idle service goes on for the contents that were verified longest ago: the one that
 * is under way then is brought to its end. */
#define SCRUB_MS 10000

enum
{
  IDLE,
  QUIT,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

static void
clear_source (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
mc_service_dispose (GObject *object)
{
  McService *self = MC_SERVICE (object);

  mc_service_close (self);
  g_clear_object (&self->cancellable);
  G_OBJECT_CLASS (mc_service_parent_class)->dispose (object);
}

static void
mc_service_class_init (McServiceClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = mc_service_dispose;
  signals[IDLE] = g_signal_new ("idle", MC_TYPE_SERVICE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 0);
  signals[QUIT] = g_signal_new ("quit", MC_TYPE_SERVICE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 0);
}

static void
mc_service_init (McService *self)
{
  self->cancellable = g_cancellable_new ();
}

/* --- how long it lives --- */

gboolean
mc_service_is_needed (McService *self)
{
  return self->holds > 0 || mc_leases_count (self->leases) > 0
         || mc_callers_count_peers (self->callers) > 0 || mc_range_pumps_count (self->pumps) > 0
         || mc_downloader_is_busy (self->downloader)
         || mc_downloader_waits_for_space (self->downloader)
         || g_hash_table_size (self->unkept) > 0;
}

static void look_for_work (gpointer user_data);

static gboolean
on_idle (gpointer user_data)
{
  McService *self = user_data;

  clear_source (&self->idle);
  if (mc_service_is_needed (self))
    look_for_work (self);
  /* Before it ends, once: it is here, and nobody wants anything. */
  else if (self->scrubbed || !mc_scrub_start (self->scrub))
    g_signal_emit (self, signals[IDLE], 0);
  return G_SOURCE_REMOVE;
}

static gint64
get_now (gpointer user_data)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

static void
on_scrubbed (gpointer user_data)
{
  McService *self = user_data;

  if (self->quitting)
    return;
  self->scrubbed = TRUE;
  mc_service_show_repos_soon (self);
  if (mc_service_is_needed (self))
    look_for_work (self);
  else
    g_signal_emit (self, signals[IDLE], 0);
}

/* The clock of idleness begins anew. */
static void
look_for_work (gpointer user_data)
{
  McService *self = user_data;

  if (self->quitting || self->leases == NULL)
    return;
  clear_source (&self->idle);
  self->idle = g_timeout_source_new (self->idle_ms);
  g_source_set_callback (self->idle, on_idle, self, NULL);
  g_source_attach (self->idle, g_main_context_get_thread_default ());
}

void
mc_service_hold (McService *self)
{
  self->holds++;
  self->scrubbed = FALSE;
  mc_scrub_stop (self->scrub);
}

void
mc_service_release (McService *self)
{
  g_assert (self->holds > 0);
  self->holds--;
  look_for_work (self);
}

static gboolean
on_quit (McDbusManager *manager, GDBusMethodInvocation *invocation, gpointer user_data)
{
  McService *self = user_data;

  mc_dbus_manager_complete_quit (manager, invocation);
  g_signal_emit (self, signals[QUIT], 0);
  return TRUE;
}

/* --- making and ending it --- */

static void
make_manager (McService *self)
{
  self->manager = mc_dbus_manager_skeleton_new ();
  mc_dbus_manager_set_version (self->manager, mc_get_version ());
  mc_dbus_manager_set_interface_version (self->manager, MC_DBUS_INTERFACE_VERSION);
  mc_dbus_manager_set_endpoint (self->manager, mc_hub_client_get_endpoint (self->hub));
  mc_dbus_manager_set_signed_in (self->manager, mc_hub_client_has_token (self->hub));
  mc_dbus_manager_set_data_folder (self->manager, mc_store_get_folder (self->store));
  mc_service_connect_manager (self);
  mc_service_connect_questions (self);
  mc_service_connect_search (self);
  mc_service_connect_files (self);
  mc_service_connect_ranges (self);
  mc_service_connect_open_variant (self);
  mc_service_connect_checkout (self);
  mc_service_connect_care (self);
  mc_service_connect_import (self);
  mc_service_connect_find (self);
  mc_service_connect_library (self);
  mc_service_connect_parts (self);
  mc_service_connect_updates (self);
  mc_service_connect_login (self);
  mc_service_connect_doctor (self);
  mc_service_connect_programs (self);
  mc_service_connect_settings (self);
  mc_service_connect_access (self);
  mc_service_connect_endpoint (self);
  mc_service_connect_view (self);
  mc_service_connect_queue (self);
  mc_service_connect_space (self);
  mc_service_connect_audit (self);
  g_signal_connect (self->manager, "handle-quit", G_CALLBACK (on_quit), self);
}

static void
guard (gpointer skeleton, gpointer user_data)
{
  mc_service_guard (user_data, skeleton);
}

static gboolean
show_to (McService *self, GDBusConnection *connection, GError **error)
{
  mc_service_guard_properties (self, connection);
  return mc_objects_connect (self->objects, connection, G_DBUS_INTERFACE_SKELETON (self->manager),
                             error);
}

void
mc_service_add_peer (McService *self, GDBusConnection *peer, const char *name)
{
  g_autoptr (GError) error = NULL;

  if (self->quitting)
    return;
  mc_callers_add_peer (self->callers, peer, name);
  if (!show_to (self, peer, &error))
    g_warning ("%s", error->message);
}

void
mc_service_remove_peer (McService *self, GDBusConnection *peer, const char *name)
{
  if (self->manager == NULL)
    return;
  mc_objects_disconnect (self->objects, peer, G_DBUS_INTERFACE_SKELETON (self->manager));
  mc_callers_remove_peer (self->callers, name);
  g_hash_table_remove (self->programs, name);
  look_for_work (self);
}

McService *
mc_service_new (GDBusConnection *bus, const McServiceConfig *config, GError **error)
{
  g_autoptr (McService) self = g_object_new (MC_TYPE_SERVICE, NULL);
  g_autoptr (GError) unreadable = NULL;

  mc_dbus_error_register ();
  self->idle_ms = config->idle_ms;
  self->machine_root = g_strdup (config->machine_root);
  if (!mc_machine_read (self->machine_root, &self->machine, &unreadable))
    g_warning ("%s", unreadable->message);
  self->facts = mc_service_facts_new ();
  self->headers = mc_service_headers_new ();
  self->unkept = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->programs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->hub = mc_hub_client_new_from_environment (error);
  if (self->hub == NULL)
    return NULL;
  self->store = mc_store_open (config->data_folder, error);
  if (self->store == NULL)
    return NULL;
  self->serve_patience_ms = config->serve_patience_ms;
  self->downloader = mc_downloader_new (self->store, self->hub, config->retry_base_ms);
  self->callers = mc_callers_new (bus);
  self->objects = mc_objects_new (guard, self);
  mc_service_make_access (self);
  self->leases = mc_leases_new (self->callers, self->objects, self->store, look_for_work, self);
  self->copies = mc_copies_new (self->store);
  self->checkouts = mc_checkouts_new (self->store, self->copies);
  self->pumps = mc_range_pumps_new (self->store, look_for_work, self);
  self->scrub = mc_scrub_new (self->store, self->downloader, SCRUB_MS, get_now, on_scrubbed, self);
  mc_service_connect_transfers (self);
  mc_service_connect_network (self);
  mc_downloader_start (self->downloader);
  if (config->home != NULL)
    mc_downloader_set_home (self->downloader, config->home);
  mc_service_show_repos (self);
  make_manager (self);
  if (bus != NULL && !show_to (self, bus, error))
    return NULL;
  look_for_work (self);
  return g_steal_pointer (&self);
}

static void
on_downloader_stopped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  McService *self = g_task_get_source_object (task);

  mc_downloader_stop_finish (MC_DOWNLOADER (source), result, NULL);
  /* Calls that wait for a copy fail soon, pipes close soon. */
  while (self->holds > 0 || mc_range_pumps_count (self->pumps) > 0
         || mc_scrub_is_running (self->scrub))
    g_main_context_iteration (g_main_context_get_thread_default (), TRUE);
  g_task_return_boolean (task, TRUE);
}

void
mc_service_stop_async (McService *self, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = mc_task_new (self, NULL, callback, user_data, mc_service_stop_async);

  self->quitting = TRUE;
  clear_source (&self->idle);
  g_cancellable_cancel (self->cancellable);
  mc_access_stop (self->access);
  mc_service_stop_login (self);
  mc_service_stop_endpoint (self);
  mc_service_stop_headers (self);
  mc_copies_stop (self->copies);
  mc_checkouts_stop (self->checkouts);
  mc_service_stop_view (self);
  mc_scrub_stop (self->scrub);
  mc_range_pumps_stop (self->pumps);
  mc_downloader_stop_async (self->downloader, on_downloader_stopped, task);
}

gboolean
mc_service_stop_finish (McService *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
mc_service_close (McService *self)
{
  clear_source (&self->idle);
  clear_source (&self->refresh);
  if (self->manager != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->manager, self);
      mc_objects_disconnect_all (self->objects, G_DBUS_INTERFACE_SKELETON (self->manager));
    }
  if (self->downloader != NULL)
    g_signal_handlers_disconnect_by_data (self->downloader, self);
  mc_service_stop_view (self);
  mc_service_end_properties (self);
  g_clear_pointer (&self->access, mc_access_free);
  g_clear_pointer (&self->leases, mc_leases_free);
  g_clear_pointer (&self->checkouts, mc_checkouts_free);
  g_clear_pointer (&self->copies, mc_copies_free);
  g_clear_pointer (&self->pumps, mc_range_pumps_free);
  g_clear_pointer (&self->scrub, mc_scrub_free);
  if (self->store != NULL)
    g_signal_handlers_disconnect_by_data (self->store, self);
  g_clear_pointer (&self->inhibitor, mc_inhibitor_free);
  g_clear_object (&self->network);
  g_clear_object (&self->power);
  g_clear_object (&self->manager);
  g_clear_pointer (&self->objects, mc_objects_free);
  g_clear_pointer (&self->callers, mc_callers_free);
  g_clear_object (&self->downloader);
  g_clear_object (&self->hub);
  if (self->store != NULL)
    mc_store_close (self->store);
  g_clear_object (&self->store);
  clear_source (&self->lookup_limit);
  g_clear_pointer (&self->unkept, g_hash_table_unref);
  g_clear_pointer (&self->programs, g_hash_table_unref);
  g_clear_pointer (&self->facts, g_hash_table_unref);
  g_clear_pointer (&self->headers, g_ptr_array_unref);
  g_clear_pointer (&self->machine_root, g_free);
}

/* --- what the methods share --- */

void
mc_service_add_value (GVariantBuilder *dict, const char *key, GVariant *value)
{
  g_variant_builder_add (dict, "{sv}", key, value);
}

void
mc_service_add (GVariantBuilder *dict, const char *key, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  mc_service_add_value (dict, key, g_variant_new_va (format, NULL, &arguments));
  va_end (arguments);
}

void
mc_service_add_text (GVariantBuilder *dict, const char *key, const char *text)
{
  if (text != NULL)
    mc_service_add_value (dict, key, g_variant_new_string (text));
}

gboolean
mc_service_get_option (
    GVariant *options, const char *name, const char *type, GVariant **value, GError **error)
{
  g_autoptr (GVariant) found = g_variant_lookup_value (options, name, NULL);

  *value = NULL;
  if (found != NULL && !g_variant_is_of_type (found, G_VARIANT_TYPE (type)))
    {
      g_set_error (error, MC_ERROR, MC_ERROR_INVALID_NAME,
                   "The option “%s” must have the type %s, not %s", name, type,
                   g_variant_get_type_string (found));
      return FALSE;
    }
  *value = g_steal_pointer (&found);
  return TRUE;
}

gboolean
mc_service_get_flag (GVariant *options, const char *name, gboolean *flag, GError **error)
{
  g_autoptr (GVariant) value = NULL;

  if (!mc_service_get_option (options, name, "b", &value, error))
    return FALSE;
  *flag = value != NULL && g_variant_get_boolean (value);
  return TRUE;
}

gboolean
mc_service_get_number (GVariant *options, const char *name, guint64 *number, GError **error)
{
  g_autoptr (GVariant) value = NULL;

  guint32 small;

  *number = 0;
  if (g_variant_lookup (options, name, "u", &small))
    {
      *number = small;
      return TRUE;
    }
  if (!mc_service_get_option (options, name, "t", &value, error))
    return FALSE;
  if (value != NULL)
    *number = g_variant_get_uint64 (value);
  return TRUE;
}

gboolean
mc_service_find_repo (McService *self,
                      const char *text,
                      const char *revision,
                      McRepoRef **ref,
                      McLibraryRepo **repo,
                      GError **error)
{
  g_autoptr (McRepoRef) parsed =
      mc_repo_ref_parse (text, mc_hub_client_get_host (self->hub), error);

  if (parsed == NULL)
    return FALSE;
  if (revision != NULL && !mc_revision_is_valid (revision))
    {
      g_set_error (error, MC_ERROR, MC_ERROR_INVALID_NAME, "“%s” is no revision", revision);
      return FALSE;
    }
  if (revision != NULL)
    {
      g_free (parsed->revision);
      parsed->revision = g_strdup (revision);
    }
  *repo = mc_store_find_repo (self->store, mc_hub_client_get_endpoint (self->hub), parsed->repo,
                              parsed->revision);
  *ref = g_steal_pointer (&parsed);
  return TRUE;
}

McLibraryRepo *
mc_service_find_scanned (McService *self, const char *text, McRepoRef **ref, GError **error)
{
  McLibraryRepo *repo;

  if (!mc_service_find_repo (self, text, NULL, ref, &repo, error))
    return NULL;
  if (repo == NULL)
    g_set_error (error, MC_ERROR, MC_ERROR_NOT_SCANNED, "%s was not scanned yet", (*ref)->repo);
  return repo;
}

McVariant *
mc_service_find_variant (const McRepoRef *ref,
                         McLibraryRepo *repo,
                         const char *name,
                         GError **error)
{
  McVariant *of_file = NULL;

  if (name[0] == '\0' && ref->variant != NULL)
    name = ref->variant;
  if (name[0] == '\0' && ref->path != NULL)
    of_file = mc_manifest_find_variant (repo->manifest, ref->path, NULL);
  return of_file != NULL ? of_file : mc_manifest_find_variant (repo->manifest, name, error);
}

/* What a scan was asked; its task's data. */
typedef struct
{
  char *repo;
  char *revision; /* (nullable) */
} Scan;

static void
scan_free (Scan *scan)
{
  g_free (scan->repo);
  g_free (scan->revision);
  g_free (scan);
}

/* What is in the library was there: it is gone. */
static void
judge_absence (McService *self, const Scan *scan, GError *error)
{
  if (g_error_matches (error, MC_ERROR, MC_ERROR_NOT_FOUND)
      && mc_store_find_repo (self->store, mc_hub_client_get_endpoint (self->hub), scan->repo,
                             scan->revision)
             != NULL)
    error->code = MC_ERROR_GONE;
}

static void
on_repo_saved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  McService *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;
  gint64 id = mc_store_save_repo_finish (MC_STORE (source), result, &error);

  if (error != NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  mc_downloader_adopt (self->downloader, id);
  mc_service_show_repos (self);
  g_task_return_int (task, (gssize) id);
}

static void
on_scanned (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  McService *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (McManifest) manifest = mc_scan_finish (MC_HUB_CLIENT (source), result, &error);
  const Scan *scan = g_task_get_task_data (task);

  if (manifest == NULL)
    {
      judge_absence (self, scan, error);
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  mc_store_save_repo_async (self->store, manifest, scan->repo, on_repo_saved, g_object_ref (task));
}

void
mc_service_scan_async (McService *self,
                       const McRepoRef *ref,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  GTask *task = mc_task_new (self, NULL, callback, user_data, mc_service_scan_async);
  Scan *scan = g_new0 (Scan, 1);

  scan->repo = g_strdup (ref->repo);
  scan->revision = g_strdup (ref->revision);
  g_task_set_task_data (task, scan, (GDestroyNotify) scan_free);
  mc_scan_async (self->hub, ref->repo, ref->revision, self->cancellable, on_scanned, task);
}

gint64
mc_service_scan_finish (McService *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_int (G_TASK (result), error);
}
