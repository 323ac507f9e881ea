/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-native-host.h"

#include "mc-client.h"
#include "mc-dbus-names.h"
#include "mc-error.h"
#include "mc-json.h"
#include "mc-native-request.h"
#include "mc-native-watch.h"
#include "mc-task.h"

#include <gio/gunixfdlist.h>
#include <gio/gunixinputstream.h>
#include <string.h>

#define MANAGER "com.tabagent.ModelCache1.Manager"
#define REPO "com.tabagent.ModelCache1.Repo"
#define TRANSFER "com.tabagent.ModelCache1.Transfer"
#define PROPERTIES "org.freedesktop.DBus.Properties"

#define CALLS 64           /* at once */
#define PIECE (512 * 1024) /* bytes of one answer to "read"; a third more as base64 */
#define VERSION_OF_PROTOCOL 1

struct _McNativeHost
{
  GDBusConnection *bus; /* (owned) (nullable) */
  char *origin;
  McNativeSend send;
  gpointer user_data;
  GCancellable *cancellable; /* (owned): of everything */
  McNativeWatch *watch;      /* (owned) (nullable): of the transfers that were begun here */
  guint n_calls;
};

/* A request under way. */
typedef struct
{
  McNativeHost *host;        /* borrowed: it cancels before it goes */
  GCancellable *cancellable; /* (owned): the host's */
  McNativeRequest *request;  /* (owned) */
} Call;

/* --- answering --- */

static void
send_text (McNativeHost *self, char *text)
{
  self->send (text, self->user_data);
  g_free (text);
}

/* Whether there is nobody any more to be answered, nor a host. That the service cancelled something
 * is an answer like others. */
static gboolean
is_over (Call *call)
{
  return g_cancellable_is_cancelled (call->cancellable);
}

static void
call_free (Call *call)
{
  if (!is_over (call))
    call->host->n_calls--;
  mc_native_request_free (call->request);
  g_object_unref (call->cancellable);
  g_free (call);
}

static void
end_call (Call *call, JsonNode *result)
{
  send_text (call->host, mc_native_answer (call->request->id, result));
  call_free (call);
}

/* Takes the error. */
static void
fail_call (Call *call, GError *error)
{
  if (!is_over (call))
    send_text (call->host, mc_native_failure (call->request->id, error));
  call_free (call);
  g_error_free (error);
}

static void
fail_params (Call *call, const char *message)
{
  fail_call (call, g_error_new_literal (MC_ERROR, MC_ERROR_INVALID_NAME, message));
}

static void
end_with (Call *call, GVariant *dict)
{
  g_autoptr (GVariant) sunk = g_variant_ref_sink (dict);

  end_call (call, json_gvariant_serialize (sunk));
}

/* --- calling --- */

static void
fail_without_bus (Call *call)
{
  fail_call (call,
             g_error_new_literal (MC_ERROR, MC_ERROR_NO_SERVICE, "The service cannot be reached"));
}

static void
ask (Call *call,
     const char *path,
     const char *interface,
     const char *method,
     GVariant *arguments,
     const char *type,
     GAsyncReadyCallback callback)
{
  McNativeHost *self = call->host;

  if (self->bus == NULL)
    {
      g_variant_unref (g_variant_ref_sink (arguments));
      fail_without_bus (call);
      return;
    }
  g_dbus_connection_call (self->bus, MC_DBUS_NAME, path, interface, method, arguments,
                          G_VARIANT_TYPE (type), G_DBUS_CALL_FLAGS_NONE, G_MAXINT,
                          self->cancellable, callback, call);
}

/* NULL: the call is over. */
static GVariant *
take_reply (Call *call, GObject *source, GAsyncResult *result)
{
  GError *error = NULL;
  GVariant *reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (reply == NULL)
    fail_call (call, mc_client_receive_error (error));
  return reply;
}

static GVariant *
make_options (Call *call, const char *flag)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  if (flag != NULL && mc_json_get_boolean (call->request->params, flag, FALSE))
    g_variant_dict_insert (&dict, flag, "b", TRUE);
  return g_variant_dict_end (&dict);
}

static guint64
get_from (Call *call)
{
  guint64 from;

  mc_json_get_size (call->request->params, "from", &from);
  return from;
}

/* NULL: it is missing, and the call is over. */
static const char *
need (Call *call, const char *name)
{
  const char *text = mc_json_get_string (call->request->params, name);
  g_autofree char *message = NULL;

  if (text == NULL)
    {
      message = g_strdup_printf ("“%s” is missing", name);
      fail_params (call, message);
    }
  return text;
}

/* --- what there is --- */

static void
run_hello (Call *call)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "name", "s", "Model Cache");
  g_variant_dict_insert (&dict, "version", "s", MC_VERSION);
  g_variant_dict_insert (&dict, "protocol", "u", VERSION_OF_PROTOCOL);
  g_variant_dict_insert (&dict, "origin", "s", call->host->origin);
  end_with (call, g_variant_dict_end (&dict));
}

static void
end_with_page (Call *call, const char *name, GVariant *list)
{
  g_autoptr (JsonNode) node = json_gvariant_serialize (list);

  end_call (call, mc_native_page (name, json_node_get_array (node), get_from (call)));
}

static void
listed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Call *call = user_data;
  g_autoptr (GVariant) reply = take_reply (call, source, result);
  g_autoptr (GVariant) repos = NULL;

  if (reply == NULL)
    return;
  repos = g_variant_get_child_value (reply, 0);
  end_with_page (call, "repos", repos);
}

static void
run_list (Call *call)
{
  ask (call, MC_DBUS_PATH, MANAGER, "ListRepos", g_variant_new ("(a{sv})", NULL), "(aa{sv})",
       listed_cb);
}

static void
described_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Call *call = user_data;
  g_autoptr (GVariant) reply = take_reply (call, source, result);
  g_autoptr (GVariant) properties = NULL;
  g_autoptr (GVariant) variants = NULL;

  if (reply == NULL)
    return;
  properties = g_variant_get_child_value (reply, 0);
  variants = g_variant_lookup_value (properties, "Variants", G_VARIANT_TYPE ("aa{sv}"));
  if (variants == NULL)
    fail_call (call, g_error_new_literal (MC_ERROR, MC_ERROR_FAILED, "The repo has no variants"));
  else
    end_with_page (call, "variants", variants);
}

static void
scanned_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Call *call = user_data;
  g_autoptr (GVariant) reply = take_reply (call, source, result);
  const char *path;

  if (reply == NULL)
    return;
  g_variant_get (reply, "(&o)", &path);
  ask (call, path, PROPERTIES, "GetAll", g_variant_new ("(s)", REPO), "(a{sv})", described_cb);
}

static void
run_scan (Call *call)
{
  const char *repo = need (call, "repo");

  if (repo != NULL)
    ask (call, MC_DBUS_PATH, MANAGER, "Scan",
         g_variant_new ("(s@a{sv})", repo, make_options (call, "refresh")), "(o)", scanned_cb);
}

static void
looked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Call *call = user_data;
  g_autoptr (GVariant) reply = take_reply (call, source, result);
  GVariantDict dict;
  gboolean has;

  if (reply == NULL)
    return;
  g_variant_get (reply, "(b)", &has);
  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "has", "b", has);
  end_with (call, g_variant_dict_end (&dict));
}

static void
run_has (Call *call)
{
  const char *repo = need (call, "repo");
  const char *path = repo == NULL ? NULL : need (call, "path");

  if (path != NULL)
    ask (call, MC_DBUS_PATH, MANAGER, "HasFile", g_variant_new ("(ss)", repo, path), "(b)",
         looked_cb);
}

/* --- transfers --- */

static void
begun_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Call *call = user_data;
  McNativeHost *self = call->host;
  g_autoptr (GVariant) reply = take_reply (call, source, result);
  GVariantDict dict;
  const char *path;

  if (reply == NULL)
    return;
  g_variant_get (reply, "(&o)", &path);
  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "transfer", "t", mc_client_object_number (path));
  end_with (call, g_variant_dict_end (&dict));
  mc_native_watch_add (self->watch, path);
}

static void
run_download (Call *call)
{
  const char *repo = need (call, "repo");
  const char *path = repo == NULL ? NULL : mc_json_get_string (call->request->params, "path");
  const char *variant = repo == NULL ? NULL : mc_json_get_string (call->request->params, "variant");

  if (path != NULL)
    ask (call, MC_DBUS_PATH, MANAGER, "DownloadFile", g_variant_new ("(ssa{sv})", repo, path, NULL),
         "(o)", begun_cb);
  else if (repo != NULL)
    ask (call, MC_DBUS_PATH, MANAGER, "Download",
         g_variant_new ("(ssa{sv})", repo, variant == NULL ? "" : variant, NULL), "(o)", begun_cb);
}

static void
steered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Call *call = user_data;
  g_autoptr (GVariant) reply = take_reply (call, source, result);

  if (reply != NULL)
    end_with (call, g_variant_new ("a{sv}", NULL));
}

static void
steer (Call *call, const char *method)
{
  g_autofree char *path = NULL;
  guint64 number;

  if (!mc_json_get_size (call->request->params, "transfer", &number) || number == 0)
    {
      fail_params (call, "“transfer” is missing");
      return;
    }
  path = g_strdup_printf (MC_DBUS_PATH "/transfer/%" G_GUINT64_FORMAT, number);
  ask (call, path, TRANSFER, method,
       strcmp (method, "Cancel") == 0 ? g_variant_new ("(a{sv})", NULL) : g_variant_new ("()"),
       "()", steered_cb);
}

static void
run_pause (Call *call)
{
  steer (call, "Pause");
}

static void
run_resume (Call *call)
{
  steer (call, "Resume");
}

static void
run_retry (Call *call)
{
  steer (call, "Retry");
}

static void
run_cancel (Call *call)
{
  steer (call, "Cancel");
}

/* --- bytes --- */

static void
addressed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Call *call = user_data;
  g_autoptr (GVariant) reply = take_reply (call, source, result);
  GVariantDict dict;
  const char *address;

  if (reply == NULL)
    return;
  g_variant_get (reply, "(&s)", &address);
  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "address", "s", address);
  end_with (call, g_variant_dict_end (&dict));
}

static void
run_address (Call *call)
{
  ask (call, MC_DBUS_PATH, MANAGER, "GetServingAddress", g_variant_new ("(s)", call->host->origin),
       "(s)", addressed_cb);
}

static void
read_piece (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_autoptr (GByteArray) bytes = g_byte_array_sized_new (PIECE);
  GError *error = NULL;
  gssize n = 1;

  while (n > 0 && bytes->len < PIECE)
    {
      guint before = bytes->len;

      g_byte_array_set_size (bytes, PIECE);
      n = g_input_stream_read (source, bytes->data + before, PIECE - before, cancellable, &error);
      g_byte_array_set_size (bytes, before + (guint) MAX (n, 0));
    }
  if (n < 0)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, g_byte_array_free_to_bytes (g_steal_pointer (&bytes)),
                           (GDestroyNotify) g_bytes_unref);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Call *call = user_data;
  GError *error = NULL;
  g_autoptr (GBytes) bytes = g_task_propagate_pointer (G_TASK (result), &error);
  g_autofree char *data = NULL;
  JsonObject *object;
  JsonNode *node;

  if (bytes == NULL)
    {
      fail_call (call, error);
      return;
    }
  data = g_base64_encode (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  node = json_node_new (JSON_NODE_OBJECT);
  object = json_object_new ();
  json_object_set_string_member (object, "data", data);
  json_object_set_int_member (object, "length", (gint64) g_bytes_get_size (bytes));
  json_node_take_object (node, object);
  end_call (call, node);
}

static void
piped_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Call *call = user_data;
  g_autoptr (GUnixFDList) descriptors = NULL;
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GInputStream) stream = NULL;
  g_autoptr (GTask) task = NULL;
  GError *error = NULL;
  int descriptor;

  reply = g_dbus_connection_call_with_unix_fd_list_finish (G_DBUS_CONNECTION (source), &descriptors,
                                                           result, &error);
  if (reply == NULL)
    error = mc_client_receive_error (error);
  else if (reply != NULL && descriptors == NULL)
    error = g_error_new_literal (MC_ERROR, MC_ERROR_FAILED, "The service gave no bytes");
  descriptor = error != NULL ? -1 : g_unix_fd_list_get (descriptors, 0, &error);
  if (descriptor < 0)
    {
      fail_call (call, error);
      return;
    }
  stream = g_unix_input_stream_new (descriptor, TRUE);
  task = mc_task_new (stream, call->host->cancellable, read_cb, call, piped_cb);
  g_task_run_in_thread (task, read_piece);
}

static void
run_read (Call *call)
{
  const char *repo = need (call, "repo");
  const char *path = repo == NULL ? NULL : need (call, "path");
  guint64 offset, length;

  if (path == NULL)
    return;
  mc_json_get_size (call->request->params, "offset", &offset);
  if (!mc_json_get_size (call->request->params, "length", &length))
    length = PIECE;
  if (length == 0)
    {
      fail_params (call, "“length” is nothing");
      return;
    }
  if (call->host->bus == NULL)
    {
      fail_without_bus (call);
      return;
    }
  g_dbus_connection_call_with_unix_fd_list (
      call->host->bus, MC_DBUS_NAME, MC_DBUS_PATH, MANAGER, "ReadRange",
      g_variant_new ("(sstt)", repo, path, offset, MIN (length, PIECE)), G_VARIANT_TYPE ("(h)"),
      G_DBUS_CALL_FLAGS_NONE, G_MAXINT, NULL, call->host->cancellable, piped_cb, call);
}

/* --- requests --- */

static const struct
{
  const char *name;
  void (*run) (Call *call);
} methods[] = {
  { "hello", run_hello },     { "list", run_list },         { "scan", run_scan },
  { "has", run_has },         { "download", run_download }, { "pause", run_pause },
  { "resume", run_resume },   { "retry", run_retry },       { "cancel", run_cancel },
  { "address", run_address }, { "read", run_read },
};

static void
run (Call *call)
{
  g_autofree char *message = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (methods); i++)
    if (strcmp (methods[i].name, call->request->method) == 0)
      {
        methods[i].run (call);
        return;
      }
  message = g_strdup_printf ("There is no method “%.100s”", call->request->method);
  fail_params (call, message);
}

void
mc_native_host_take (McNativeHost *self, GBytes *message)
{
  Call *call = g_new0 (Call, 1);
  GError *error = NULL;

  call->host = self;
  call->cancellable = g_object_ref (self->cancellable);
  call->request = mc_native_request_new (message, &error);
  self->n_calls++;
  if (error != NULL)
    fail_call (call, error);
  else if (self->n_calls > CALLS)
    fail_call (call, g_error_new (MC_ERROR, MC_ERROR_BUSY,
                                  "More than %d requests at once: wait for answers", CALLS));
  else
    run (call);
}

void
mc_native_host_take_too_long (McNativeHost *self)
{
  g_autoptr (GError) error =
      g_error_new_literal (MC_ERROR, MC_ERROR_INVALID_NAME, "The message is longer than 1 MiB");

  send_text (self, mc_native_failure (NULL, error));
}

/* --- its life --- */

McNativeHost *
mc_native_host_new (GDBusConnection *bus, const char *origin, McNativeSend send, gpointer user_data)
{
  McNativeHost *self = g_new0 (McNativeHost, 1);

  self->origin = g_strdup (origin);
  self->send = send;
  self->user_data = user_data;
  self->cancellable = g_cancellable_new ();
  if (bus == NULL)
    return self;
  self->bus = g_object_ref (bus);
  self->watch = mc_native_watch_new (bus, send, user_data);
  return self;
}

void
mc_native_host_free (McNativeHost *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_pointer (&self->watch, mc_native_watch_free);
  g_clear_object (&self->bus);
  g_clear_object (&self->cancellable);
  g_free (self->origin);
  g_free (self);
}
