/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-inventory-private.h"

#include "mc-dbus-names.h"
#include "mc-error.h"
#include "mc-task.h"

/* Calls go to the service's name, which starts it if it sleeps, and not to the owner that a proxy
 * has seen last. One that met a service on its way out is made once more; those that are made
 * before the bus was found wait until it is. */

#define INTERFACE_PREFIX "com.tabagent.ModelCache1."

typedef struct
{
  char *path;
  char *interface;
  char *method;
  GVariant *arguments;
  char *reply_type;
  gboolean again;
} Call;

static void
call_free (gpointer data)
{
  Call *call = data;

  g_free (call->path);
  g_free (call->interface);
  g_free (call->method);
  g_clear_pointer (&call->arguments, g_variant_unref);
  g_free (call->reply_type);
  g_free (call);
}

static void send_call (GTask *task);

static void
call_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Call *call = g_task_get_task_data (task);
  GError *error = NULL;
  GVariant *reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (reply != NULL)
    {
      g_task_return_pointer (task, reply, (GDestroyNotify) g_variant_unref);
      return;
    }
  error = mc_client_receive_error (error);
  if (g_error_matches (error, MC_ERROR, MC_ERROR_NO_SERVICE) && !call->again)
    {
      call->again = TRUE;
      g_error_free (error);
      send_call (task);
      return;
    }
  g_task_return_error (task, error);
}

static void
send_call (GTask *task)
{
  McInventory *self = g_task_get_source_object (task);
  Call *call = g_task_get_task_data (task);

  g_dbus_connection_call (mc_link_get_bus (self->link), MC_DBUS_NAME, call->path, call->interface,
                          call->method, call->arguments, G_VARIANT_TYPE (call->reply_type),
                          G_DBUS_CALL_FLAGS_NONE, G_MAXINT, g_task_get_cancellable (task), call_cb,
                          g_object_ref (task));
}

static void
begin_call (GTask *task,
            const char *path,
            const char *interface,
            const char *method,
            GVariant *arguments,
            const char *reply_type)
{
  McInventory *self = g_task_get_source_object (task);
  Call *call = g_new0 (Call, 1);

  call->path = g_strdup (path);
  call->interface = g_strconcat (INTERFACE_PREFIX, interface, NULL);
  call->method = g_strdup (method);
  call->arguments = arguments == NULL ? NULL : g_variant_ref_sink (arguments);
  call->reply_type = g_strdup (reply_type);
  g_task_set_task_data (task, call, call_free);
  if (mc_inventory_get_manager (self) != NULL)
    send_call (task);
  else if (self->state == MC_INVENTORY_CONNECTING)
    g_ptr_array_add (self->calls, g_object_ref (task));
  else
    g_task_return_new_error (task, MC_ERROR, MC_ERROR_NO_SERVICE, "The service was not found");
}

void
mc_inventory_send_calls (McInventory *self)
{
  g_autoptr (GPtrArray) calls = g_steal_pointer (&self->calls);

  self->calls = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < calls->len; i++)
    {
      GTask *task = g_ptr_array_index (calls, i);

      if (mc_inventory_get_manager (self) != NULL)
        send_call (task);
      else if (!g_task_return_error_if_cancelled (task))
        g_task_return_new_error (task, MC_ERROR, MC_ERROR_NO_SERVICE, "The service was not found");
    }
}

void
mc_inventory_call_async (McInventory *self,
                         const char *method,
                         GVariant *arguments,
                         const char *reply_type,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr (GTask) task = mc_task_new (self, cancellable != NULL ? cancellable : self->cancellable,
                                        callback, user_data, mc_inventory_call_async);

  begin_call (task, MC_DBUS_PATH, "Manager", method, arguments, reply_type);
}

GVariant *
mc_inventory_call_finish (McInventory *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- scan --- */

static void
scan_repo_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  McInventory *self = g_task_get_source_object (task);
  GError *error = NULL;
  g_autoptr (McDbusRepo) proxy = mc_link_get_repo_finish (MC_LINK (source), result, &error);

  if (proxy == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, g_object_ref (mc_inventory_place_repo (self, proxy)),
                           g_object_unref);
}

static void
scan_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  McInventory *self = MC_INVENTORY (source);
  GError *error = NULL;
  g_autoptr (GVariant) reply = mc_inventory_call_finish (self, result, &error);
  const char *path;

  if (reply == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  g_variant_get (reply, "(&o)", &path);
  mc_link_get_repo_async (self->link, mc_client_object_number (path), g_task_get_cancellable (task),
                          scan_repo_cb, g_object_ref (task));
}

void
mc_inventory_scan_async (McInventory *self,
                         const char *repo,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr (GTask) task =
      mc_task_new (self, cancellable, callback, user_data, mc_inventory_scan_async);

  mc_inventory_call_async (self, "Scan", g_variant_new ("(sa{sv})", repo, NULL), "(o)", cancellable,
                           scan_cb, g_object_ref (task));
}

McRepoItem *
mc_inventory_scan_finish (McInventory *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- calls that report through “failed” --- */

static void
report_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  McInventory *self = MC_INVENTORY (source);
  g_autofree char *repo = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = mc_inventory_call_finish (self, result, &error);

  mc_inventory_reckon_soon (self);
  if (reply == NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    mc_inventory_emit_failed (self, error, repo);
}

void
mc_inventory_import (McInventory *self, const char *path)
{
  mc_inventory_call_async (self, "Import", g_variant_new ("(ssa{sv})", path, "", NULL), "(o)", NULL,
                           report_cb, NULL);
}

void
mc_inventory_update (McInventory *self, const char *repo)
{
  mc_inventory_call_async (self, "Update", g_variant_new ("(ssa{sv})", repo, "", NULL), "(o)", NULL,
                           report_cb, g_strdup (repo));
}

static void
call_transfer (McInventory *self, McTransferItem *transfer, const char *method, GVariant *arguments)
{
  g_autoptr (GTask) task =
      mc_task_new (self, self->cancellable, report_cb,
                   g_strdup (mc_transfer_item_get_repo (transfer)), call_transfer);
  g_autofree char *path = g_strdup_printf (MC_DBUS_PATH "/transfer/%" G_GUINT64_FORMAT,
                                           mc_transfer_item_get_number (transfer));

  begin_call (task, path, "Transfer", method, arguments, "()");
}

void
mc_inventory_steer (McInventory *self, McTransferItem *transfer, const char *method)
{
  gboolean has_options = g_str_equal (method, "Cancel");

  call_transfer (self, transfer, method, has_options ? g_variant_new ("(a{sv})", NULL) : NULL);
}

void
mc_inventory_steer_number (McInventory *self, guint64 number, const char *method)
{
  McTransferItem *item = g_hash_table_lookup (self->transfer_index, &number);

  if (item != NULL)
    mc_inventory_steer (self, item, method);
}

void
mc_inventory_move_to (McInventory *self, McTransferItem *transfer, guint position)
{
  call_transfer (self, transfer, "MoveTo", g_variant_new ("(u)", position));
}

void
mc_inventory_steer_all (McInventory *self, const char *method)
{
  gboolean counts = g_str_has_suffix (method, "All");

  mc_inventory_call_async (self, method, g_variant_new ("(a{sv})", NULL), counts ? "(u)" : "()",
                           NULL, report_cb, NULL);
}

void
mc_inventory_begin (McInventory *self, const char *method, GVariant *arguments)
{
  mc_inventory_call_async (self, method, arguments, "(o)", NULL, report_cb, NULL);
}

void
mc_inventory_configure (McInventory *self, const char *setting, GVariant *value)
{
  GVariantBuilder changes;

  g_variant_builder_init (&changes, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&changes, "{sv}", setting, value);
  mc_inventory_call_async (self, "Configure", g_variant_new ("(a{sv})", &changes), "()", NULL,
                           report_cb, NULL);
}
