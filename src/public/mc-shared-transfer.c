/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-shared-private.h"

#include "mc-client.h"
#include "mc-dbus-names.h"
#include "mc-error.h"
#include "mc-repo-private.h"

#include <string.h>

/* A transfer of the service's, from when it was asked for to its end. All of it happens in one main
 * context, which may be gone as soon as the request was answered: so nothing is under way then. */

#define LOOK_MS 2000 /* whether the bus is there still: its end tells nobody here */

enum
{
  ON_CHANGED,
  ON_FINISHED,
  ON_OWNER,
  N_SUBSCRIPTIONS
};

typedef struct
{
  McRequest *request;
  GDBusConnection *bus; /* (owned) */
  char *path;
  void (*then) (McRequest *request, GDBusConnection *bus);
  guint subscriptions[N_SUBSCRIPTIONS];
  GSource *cancelled; /* (owned) (nullable) */
  GSource *look;      /* (owned) */
  gboolean reading;   /* a reply will come */
  gboolean over;
  GError *error; /* (owned) (nullable): with which it is over */
  char *reason;  /* (owned) (nullable): the name of an error that is shown of it */
  char *message; /* (owned) (nullable) */
  guint64 verified;
  guint64 total;
} Follow;

static void
destroy_source (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
follow_free (Follow *self)
{
  for (guint i = 0; i < N_SUBSCRIPTIONS; i++)
    g_dbus_connection_signal_unsubscribe (self->bus, self->subscriptions[i]);
  destroy_source (&self->cancelled);
  destroy_source (&self->look);
  g_object_unref (self->bus);
  g_clear_error (&self->error);
  g_free (self->path);
  g_free (self->reason);
  g_free (self->message);
  g_free (self);
}

/* Once it is over and no reply is awaited: answers, or goes on. */
static void
conclude (Follow *self)
{
  McRequest *request = self->request;
  void (*then) (McRequest *, GDBusConnection *) = self->then;
  g_autoptr (GDBusConnection) bus = NULL;
  GError *error;

  if (!self->over || self->reading)
    return;
  bus = g_object_ref (self->bus);
  error = g_steal_pointer (&self->error);
  if (error == NULL && self->total > 0)
    mc_request_tell (request, self->total, self->total);
  follow_free (self);
  if (error != NULL)
    mc_request_return_error (request, error);
  else
    then (request, bus);
}

/* Takes the error. Only the first end counts. */
static void
end (Follow *self, GError *error)
{
  if (self->over)
    g_clear_error (&error);
  else
    {
      self->over = TRUE;
      self->error = error;
    }
  conclude (self);
}

static GError *
make_error (const char *name, const char *message)
{
  McError code = MC_ERROR_FAILED;

  mc_error_from_name (name, &code);
  return g_error_new (MC_ERROR, (int) code, "%s",
                      message == NULL || message[0] == '\0' ? "The download failed" : message);
}

static GError *
make_cancelled (void)
{
  return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "The download was cancelled");
}

static void
take_text (GVariant *properties, const char *key, char **text)
{
  const char *now = mc_dict_get_text (properties, key);

  if (now == NULL)
    return;
  g_free (*text);
  *text = g_strdup (now);
}

/* Properties come one by one or all together. One that waits for space on the disk may do so for
 * ever: its requester is told. */
static void
take_properties (Follow *self, GVariant *properties)
{
  const char *state = mc_dict_get_text (properties, "State");

  take_text (properties, "Error", &self->reason);
  take_text (properties, "Message", &self->message);
  g_variant_lookup (properties, "Verified", "t", &self->verified);
  g_variant_lookup (properties, "Total", "t", &self->total);
  if (self->total > 0 && !self->over)
    mc_request_tell (self->request, self->verified, self->total);
  if (g_strcmp0 (state, "done") == 0)
    end (self, NULL);
  else if (g_strcmp0 (state, "cancelled") == 0)
    end (self, make_cancelled ());
  else if (g_strcmp0 (state, "failed") == 0
           || (g_strcmp0 (state, "paused") == 0 && g_strcmp0 (self->reason, "NoSpace") == 0))
    end (self, make_error (self->reason, self->message));
}

/* --- what the service tells --- */

static void
on_changed (GDBusConnection *bus,
            const char *sender,
            const char *path,
            const char *interface,
            const char *name,
            GVariant *parameters,
            gpointer user_data)
{
  g_autoptr (GVariant) properties = NULL;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(sa{sv}as)")))
    return;
  properties = g_variant_get_child_value (parameters, 1);
  take_properties (user_data, properties);
}

static void
on_finished (GDBusConnection *bus,
             const char *sender,
             const char *path,
             const char *interface,
             const char *name,
             GVariant *parameters,
             gpointer user_data)
{
  guint32 result;
  const char *reason;
  const char *message;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(uss)")))
    return;
  g_variant_get (parameters, "(u&s&s)", &result, &reason, &message);
  if (result == MC_DBUS_RESULT_DONE)
    end (user_data, NULL);
  else if (result == MC_DBUS_RESULT_CANCELLED)
    end (user_data, make_cancelled ());
  else
    end (user_data, make_error (reason, message));
}

static void
on_owner (GDBusConnection *bus,
          const char *sender,
          const char *path,
          const char *interface,
          const char *name,
          GVariant *parameters,
          gpointer user_data)
{
  end (user_data, g_error_new_literal (MC_ERROR, MC_ERROR_NO_SERVICE,
                                       "The service ended before the download did"));
}

static gboolean
on_look (gpointer user_data)
{
  Follow *self = user_data;

  if (g_dbus_connection_is_closed (self->bus))
    {
      end (self, g_error_new_literal (MC_ERROR, MC_ERROR_NO_SERVICE, "The session bus has gone"));
      return G_SOURCE_REMOVE;
    }
  return G_SOURCE_CONTINUE;
}

/* What others want of it goes on. */
static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  Follow *self = user_data;

  g_dbus_connection_call (self->bus, MC_DBUS_NAME, self->path, MC_SHARED_TRANSFER, "Cancel",
                          g_variant_new ("(a{sv})", NULL), NULL, G_DBUS_CALL_FLAGS_NO_AUTO_START,
                          -1, NULL, NULL, NULL);
  end (self, make_cancelled ());
  return G_SOURCE_REMOVE;
}

/* One that is not there any more was cancelled by somebody. */
static gboolean
is_absence (const GError *error)
{
  return g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD)
         || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_INTERFACE)
         || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_OBJECT);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Follow *self = user_data;
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GVariant) properties = NULL;
  GError *error = NULL;

  reply = g_dbus_connection_call_finish (self->bus, result, &error);
  self->reading = FALSE;
  if (reply != NULL)
    {
      properties = g_variant_get_child_value (reply, 0);
      if (self->over)
        conclude (self);
      else
        take_properties (self, properties);
    }
  else if (is_absence (error))
    {
      g_error_free (error);
      end (self, make_cancelled ());
    }
  else
    end (self, mc_client_receive_error (error));
}

static void
subscribe (Follow *self)
{
  self->subscriptions[ON_CHANGED] = g_dbus_connection_signal_subscribe (
      self->bus, MC_DBUS_NAME, "org.freedesktop.DBus.Properties", "PropertiesChanged", self->path,
      MC_SHARED_TRANSFER, G_DBUS_SIGNAL_FLAGS_NONE, on_changed, self, NULL);
  self->subscriptions[ON_FINISHED] = g_dbus_connection_signal_subscribe (
      self->bus, MC_DBUS_NAME, MC_SHARED_TRANSFER, "Finished", self->path, NULL,
      G_DBUS_SIGNAL_FLAGS_NONE, on_finished, self, NULL);
  self->subscriptions[ON_OWNER] = g_dbus_connection_signal_subscribe (
      self->bus, "org.freedesktop.DBus", "org.freedesktop.DBus", "NameOwnerChanged",
      "/org/freedesktop/DBus", MC_DBUS_NAME, G_DBUS_SIGNAL_FLAGS_NONE, on_owner, self, NULL);
}

static void
watch (Follow *self)
{
  GMainContext *context = g_main_context_get_thread_default ();
  GCancellable *cancellable = mc_request_get_cancellable (self->request);

  self->look = g_timeout_source_new (LOOK_MS);
  g_source_set_callback (self->look, on_look, self, NULL);
  g_source_attach (self->look, context);
  if (cancellable == NULL)
    return;
  self->cancelled = g_cancellable_source_new (cancellable);
  g_source_set_callback (self->cancelled, G_SOURCE_FUNC (on_cancelled), self, NULL);
  g_source_attach (self->cancelled, context);
}

void
mc_shared_follow (McRequest *request,
                  GDBusConnection *bus,
                  const char *path,
                  void (*then) (McRequest *request, GDBusConnection *bus))
{
  Follow *self = g_new0 (Follow, 1);

  self->request = request;
  self->bus = g_object_ref (bus);
  self->path = g_strdup (path);
  self->then = then;
  self->reading = TRUE;
  subscribe (self);
  watch (self);
  g_dbus_connection_call (bus, MC_DBUS_NAME, path, "org.freedesktop.DBus.Properties", "GetAll",
                          g_variant_new ("(s)", MC_SHARED_TRANSFER), G_VARIANT_TYPE ("(a{sv})"),
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, G_MAXINT, NULL, read_cb, self);
}

/* --- asking for it --- */

typedef struct
{
  McRequest *request;
  void (*then) (McRequest *request, GDBusConnection *bus);
} Begin;

static void
begun_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Begin *begin = user_data;
  GError *error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  const char *path;

  if (reply == NULL)
    {
      mc_shared_fail (begin->request, error);
      return;
    }
  g_variant_get (reply, "(&o)", &path);
  mc_shared_follow (begin->request, G_DBUS_CONNECTION (source), path, begin->then);
}

void
mc_shared_download (McRequest *request,
                    GDBusConnection *bus,
                    void (*then) (McRequest *request, GDBusConnection *bus))
{
  gboolean of_variant =
      request->kind == MC_REQUEST_DOWNLOAD || request->kind == MC_REQUEST_CHECKOUT;
  Begin *begin = g_new0 (Begin, 1);

  begin->request = request;
  begin->then = then;
  g_dbus_connection_call (
      bus, MC_DBUS_NAME, MC_DBUS_PATH, MC_SHARED_MANAGER, of_variant ? "Download" : "DownloadFile",
      g_variant_new ("(ssa{sv})", request->repo, request->name == NULL ? "" : request->name, NULL),
      G_VARIANT_TYPE ("(o)"), G_DBUS_CALL_FLAGS_NONE, G_MAXINT,
      mc_request_get_cancellable (request), begun_cb, begin);
}
