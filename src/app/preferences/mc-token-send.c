/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-token-send.h"

#include "mc-client.h"
#include "mc-error.h"
#include "mc-task.h"

#include <errno.h>
#include <gio/gunixfdlist.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* A memory file with the token; -1 with an error. */
static int
pack (const char *token, GError **error)
{
  gsize length = strlen (token);
  int fd = memfd_create ("token", MFD_CLOEXEC);

  if (fd >= 0 && write (fd, token, length) == (ssize_t) length)
    return fd;
  g_set_error (error, MC_ERROR, MC_ERROR_FAILED, "%s", g_strerror (errno));
  if (fd >= 0)
    close (fd);
  return -1;
}

static void
sign_in_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  GVariant *dict = NULL;

  if (mc_dbus_manager_call_sign_in_finish (MC_DBUS_MANAGER (source), &dict, NULL, result, &error))
    g_task_return_pointer (task, dict, (GDestroyNotify) g_variant_unref);
  else
    g_task_return_error (task, mc_client_receive_error (error));
}

void
mc_token_send_async (McDbusManager *manager,
                     const char *endpoint,
                     const char *token,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data)
{
  g_autoptr (GTask) task =
      mc_task_new (manager, cancellable, callback, user_data, mc_token_send_async);
  g_autoptr (GUnixFDList) list = g_unix_fd_list_new ();
  GVariantDict options;
  GError *error = NULL;
  int fd = pack (token, &error);
  int handle = fd < 0 ? -1 : g_unix_fd_list_append (list, fd, &error);

  if (fd >= 0)
    close (fd);
  if (handle < 0)
    {
      g_task_return_error (task, error);
      return;
    }
  g_variant_dict_init (&options, NULL);
  g_variant_dict_insert (&options, "endpoint", "s", endpoint);
  mc_dbus_manager_call_sign_in (manager, g_variant_new_handle (handle),
                                g_variant_dict_end (&options), list, cancellable, sign_in_cb,
                                g_object_ref (task));
}

GVariant *
mc_token_send_finish (McDbusManager *manager, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, manager), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}
