/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-background.h"

#define STATUS_MOST 95 /* characters; the portal refuses 96 */

static void
call_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (reply == NULL)
    g_info ("The portal for background: %s", error->message);
}

static void
call (GDBusConnection *bus, const char *method, GVariant *arguments)
{
  g_dbus_connection_call (bus, "org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop",
                          "org.freedesktop.portal.Background", method, arguments, NULL,
                          G_DBUS_CALL_FLAGS_NONE, -1, NULL, call_cb, NULL);
}

void
mc_background_request (GDBusConnection *bus, const char *reason)
{
  GVariantBuilder options;

  g_variant_builder_init (&options, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&options, "{sv}", "reason", g_variant_new_string (reason));
  g_variant_builder_add (&options, "{sv}", "autostart", g_variant_new_boolean (FALSE));
  call (bus, "RequestBackground", g_variant_new ("(sa{sv})", "", &options));
}

void
mc_background_tell (GDBusConnection *bus, const char *status)
{
  g_autofree char *text =
      g_utf8_substring (status, 0, MIN (g_utf8_strlen (status, -1), STATUS_MOST));
  GVariantBuilder options;

  g_variant_builder_init (&options, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&options, "{sv}", "message", g_variant_new_string (text));
  call (bus, "SetStatus", g_variant_new ("(a{sv})", &options));
}
