/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-dbus-error.h"

#include "mc-dbus-names.h"
#include "mc-error.h"

#define CANCELLED_NAME MC_DBUS_ERROR_PREFIX "Cancelled"

void
mc_dbus_error_register (void)
{
  static gsize once = 0;

  if (!g_once_init_enter (&once))
    return;
  for (int code = 0; code < MC_N_ERRORS; code++)
    {
      GError error = { .domain = MC_ERROR, .code = code };
      g_autofree char *name = g_strconcat (MC_DBUS_ERROR_PREFIX, mc_error_get_name (&error), NULL);

      g_dbus_error_register_error (MC_ERROR, code, name);
    }
  g_once_init_leave (&once, 1);
}

void
mc_dbus_error_return (GDBusMethodInvocation *invocation, GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_dbus_method_invocation_return_dbus_error (invocation, CANCELLED_NAME, error->message);
  else if (error->domain == MC_ERROR)
    g_dbus_method_invocation_return_gerror (invocation, error);
  else
    g_dbus_method_invocation_return_error_literal (invocation, MC_ERROR, MC_ERROR_FAILED,
                                                   error->message);
  g_error_free (error);
}

GError *
mc_dbus_error_receive (GError *error)
{
  g_autofree char *remote = g_dbus_error_get_remote_error (error);

  g_dbus_error_strip_remote_error (error);
  if (g_strcmp0 (remote, CANCELLED_NAME) == 0)
    {
      error->domain = G_IO_ERROR;
      error->code = G_IO_ERROR_CANCELLED;
    }
  else if (error->domain == G_DBUS_ERROR
           && (error->code == G_DBUS_ERROR_SERVICE_UNKNOWN
               || error->code == G_DBUS_ERROR_NAME_HAS_NO_OWNER
               || error->code == G_DBUS_ERROR_NO_REPLY || error->code == G_DBUS_ERROR_DISCONNECTED
               || error->code == G_DBUS_ERROR_SPAWN_FAILED
               || error->code == G_DBUS_ERROR_SPAWN_CHILD_EXITED
               || error->code == G_DBUS_ERROR_SPAWN_EXEC_FAILED))
    {
      error->domain = MC_ERROR;
      error->code = MC_ERROR_NO_SERVICE;
    }
  return error;
}
