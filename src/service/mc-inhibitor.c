/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-inhibitor.h"

#include <gio/gunixfdlist.h>
#include <unistd.h>

/* logind gives a descriptor, and suspends nothing for as long as it is open. Where it cannot be
 * reached, as in a Flatpak, the portal for inhibition gives an object that is closed instead. */

#define CALL_MS 10000

#define PORTAL "org.freedesktop.portal.Desktop"
#define PORTAL_SUSPEND_AND_IDLE (4u | 8u) /* of its Inhibit() */

/* The portal is being asked. It keeps what it gives until that is closed or its caller has left, so
 * the answer is waited for, whoever still wants it. */
typedef struct
{
  McInhibitor *owner; /* borrowed (nullable): it does not want it any more */
} Asking;

struct _McInhibitor
{
  gboolean wanted;
  int fd;                /* -1: none */
  GDBusConnection *bus;  /* (owned) (nullable): the session's, of the portal */
  char *request;         /* (owned) (nullable): the object that the portal gave */
  GCancellable *calling; /* (owned) (nullable): of the call under way */
  Asking *asking;        /* borrowed (nullable): the call itself */
};

McInhibitor *
mc_inhibitor_new (void)
{
  McInhibitor *self = g_new0 (McInhibitor, 1);

  self->fd = -1;
  return self;
}

static void
close_request (GDBusConnection *bus, const char *request)
{
  g_dbus_connection_call (bus, PORTAL, request, "org.freedesktop.portal.Request", "Close", NULL,
                          NULL, G_DBUS_CALL_FLAGS_NO_AUTO_START, CALL_MS, NULL, NULL, NULL);
}

static void
let_go (McInhibitor *self)
{
  if (self->calling != NULL)
    g_cancellable_cancel (self->calling);
  g_clear_object (&self->calling);
  if (self->asking != NULL)
    self->asking->owner = NULL;
  self->asking = NULL;
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
  if (self->request != NULL)
    close_request (self->bus, self->request);
  g_clear_pointer (&self->request, g_free);
  g_clear_object (&self->bus);
}

void
mc_inhibitor_free (McInhibitor *self)
{
  let_go (self);
  g_free (self);
}

/* The first descriptor of the answer; what else there is is closed. */
static int
take_descriptor (GUnixFDList *fds)
{
  g_autofree int *all = NULL;
  int n = 0;

  if (fds == NULL)
    return -1;
  all = g_unix_fd_list_steal_fds (fds, &n);
  for (int i = 1; i < n; i++)
    close (all[i]);
  return n > 0 ? all[0] : -1;
}

/* --- the portal --- */

static void
give_up (McInhibitor *self, const GError *error)
{
  g_clear_object (&self->calling);
  g_info ("Suspending is not inhibited: %s", error->message);
}

static void
on_portal_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Asking *asking = user_data;
  g_autoptr (GError) error = NULL;
  GDBusConnection *bus = G_DBUS_CONNECTION (source);
  g_autoptr (GVariant) value = g_dbus_connection_call_finish (bus, result, &error);
  g_autofree char *request = NULL;
  McInhibitor *self = asking->owner;

  if (value != NULL)
    g_variant_get (value, "(o)", &request);
  if (self == NULL && request != NULL)
    close_request (bus, request);
  if (self == NULL)
    return;
  self->asking = NULL;
  if (request == NULL)
    {
      give_up (self, error);
      return;
    }
  g_clear_object (&self->calling);
  g_set_object (&self->bus, bus);
  self->request = g_steal_pointer (&request);
}

static void
on_session_bus (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) bus = g_bus_get_finish (result, &error);
  McInhibitor *self = user_data;
  GVariantBuilder options;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (bus == NULL)
    {
      give_up (self, error);
      return;
    }
  g_variant_builder_init (&options, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&options, "{sv}", "reason",
                         g_variant_new_string ("Models are being downloaded"));
  self->asking = g_new0 (Asking, 1);
  self->asking->owner = self;
  g_dbus_connection_call (
      bus, PORTAL, "/org/freedesktop/portal/desktop", "org.freedesktop.portal.Inhibit", "Inhibit",
      g_variant_new ("(sua{sv})", "", PORTAL_SUSPEND_AND_IDLE, &options), G_VARIANT_TYPE ("(o)"),
      G_DBUS_CALL_FLAGS_NONE, CALL_MS, NULL, on_portal_answer, self->asking);
}

static void
ask_portal (McInhibitor *self, const GError *error)
{
  g_info ("logind does not inhibit: %s", error->message);
  g_bus_get (G_BUS_TYPE_SESSION, self->calling, on_session_bus, self);
}

/* --- logind --- */

static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) value = g_dbus_connection_call_with_unix_fd_list_finish (
      G_DBUS_CONNECTION (source), &fds, result, &error);
  McInhibitor *self = user_data;

  /* Cancelled: it may be gone. An answer that was on its way closes with its list. */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (value == NULL)
    {
      ask_portal (self, error);
      return;
    }
  g_clear_object (&self->calling);
  self->fd = take_descriptor (fds);
}

static void
on_bus (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) bus = g_bus_get_finish (result, &error);
  McInhibitor *self = user_data;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (bus == NULL)
    {
      ask_portal (self, error);
      return;
    }
  g_dbus_connection_call_with_unix_fd_list (
      bus, "org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager",
      "Inhibit",
      g_variant_new ("(ssss)", "sleep:idle", "Model Cache", "Models are being downloaded", "block"),
      G_VARIANT_TYPE ("(h)"), G_DBUS_CALL_FLAGS_NO_AUTO_START, CALL_MS, NULL, self->calling,
      on_answer, self);
}

static void
ask (McInhibitor *self)
{
  self->calling = g_cancellable_new ();
  g_bus_get (G_BUS_TYPE_SYSTEM, self->calling, on_bus, self);
}

void
mc_inhibitor_set (McInhibitor *self, gboolean wanted)
{
  if (self->wanted == wanted)
    return;
  self->wanted = wanted;
  if (wanted)
    ask (self);
  else
    let_go (self);
}
