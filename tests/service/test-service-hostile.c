/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "service-fixture.h"

#include "mc-dbus-names.h"

#include <gio/gunixfdlist.h>
#include <gio/gunixsocketaddress.h>
#include <string.h>

/* Callers who know no manners: afterwards it is the same process, it answers, and has nothing left
 * of them. */

#define MANAGER "com.tabagent.ModelCache1.Manager"
#define SIZE (9 * 1000 * 1000)
#define HUGE_TEXT (8 * 1024 * 1024)
#define MANY 10000
#define UNTAKEN 400

typedef struct
{
  ServiceFixture *service;
  GPid pid;
  guint descriptors; /* that the service has when nobody asks */
} Fixture;

static guint
count_descriptors (Fixture *f)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/fd", (int) f->pid);
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  guint n = 0;

  g_assert_nonnull (folder);
  while (g_dir_read_name (folder) != NULL)
    n++;
  return n;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  /* That it ends when it is idle lets go of everything, too. */
  f->service = service_fixture_new ((const char *const[]){ "MC_IDLE_MS=1000000", NULL });
  service_fixture_add_big (f->service, SIZE);
  g_free (service_fixture_download (f->service, BIG_REPO, "", "done"));
  f->pid = mc_test_bus_get_service_pid (f->service->bus);
  f->descriptors = count_descriptors (f);
}

static guint
count_leases (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) objects = g_dbus_connection_call_sync (
      f->service->connection, MC_DBUS_NAME, MC_DBUS_PATH, "org.freedesktop.DBus.ObjectManager",
      "GetManagedObjects", NULL, NULL, G_DBUS_CALL_FLAGS_NONE, 60000, NULL, &error);
  g_autofree char *text = NULL;
  g_auto (GStrv) parts = NULL;

  g_assert_no_error (error);
  text = g_variant_print (objects, FALSE);
  parts = g_strsplit (text, "/lease/", -1);
  return g_strv_length (parts) - 1;
}

/* A plain copy may be kept for a moment, and a connection to the Hub. */
static gboolean
has_let_go (gpointer data)
{
  return count_descriptors (data) <= ((Fixture *) data)->descriptors + 4
         && count_leases (data) == 0;
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_autofree char *error_name = NULL;
  g_autoptr (GVariant) reply = service_fixture_call (
      f->service, "HasFile", g_variant_new ("(ss)", BIG_REPO, BIG_FILE), &error_name);
  gboolean has = FALSE;

  g_assert_cmpstr (error_name, ==, "");
  g_variant_get (reply, "(b)", &has);
  g_assert_true (has);
  g_assert_cmpint (mc_test_bus_get_service_pid (f->service->bus), ==, f->pid);
  g_assert_true (mc_test_wait_until (has_let_go, f, 60000));
  service_fixture_free (f->service);
}

static void
call (Fixture *f, const char *path, const char *interface, const char *method, GVariant *arguments)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply G_GNUC_UNUSED =
      g_dbus_connection_call_sync (f->service->connection, MC_DBUS_NAME, path, interface, method,
                                   arguments, NULL, G_DBUS_CALL_FLAGS_NONE, 60000, NULL, &error);

  /* Whatever it says, it says something. */
  g_assert_false (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT));
  g_assert_false (g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY));
}

/* --- types --- */

/* Of the right type, and nonsense: names of nothing, a descriptor that is not there, options that
 * are known with values of types that they never have. */
static GVariant *
make_nonsense (const char *type)
{
  static const char options[] =
      "{'revision': <1.5>, 'fetch': <'yes'>, 'variant': <true>, 'path': <[1]>, 'limit': <'many'>,"
      " 'sort': <2>, 'filters': <3>, 'dry_run': <'x'>, 'context': <-1.0>, 'endpoint': <4>,"
      " 'offset': <'x'>, 'length': <'x'>, 'deep': <5>, 'all': <6>, 'discard': <7>,"
      " 'size-limit': <'huge'>, 'offline': <8>, 'endpoints': <9>, 'serve': <'on'>}";

  if (strcmp (type, "a{sv}") == 0)
    return g_variant_new_parsed (options);
  if (strcmp (type, "s") == 0)
    return g_variant_new_string ("no/such");
  if (strcmp (type, "h") == 0)
    return g_variant_new_handle (7);
  if (strcmp (type, "b") == 0)
    return g_variant_new_boolean (TRUE);
  if (strcmp (type, "t") == 0)
    return g_variant_new_uint64 (G_MAXUINT64);
  if (strcmp (type, "u") == 0)
    return g_variant_new_uint32 (G_MAXUINT32);
  if (strcmp (type, "o") == 0)
    return g_variant_new_object_path ("/no/such");
  g_assert_cmpint (type[0], ==, 'a');
  return g_variant_new_array (G_VARIANT_TYPE (type + 1), NULL, 0);
}

static GVariant *
make_arguments (const GDBusMethodInfo *method)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_TUPLE);
  for (guint i = 0; method->in_args != NULL && method->in_args[i] != NULL; i++)
    g_variant_builder_add_value (&builder, make_nonsense (method->in_args[i]->signature));
  return g_variant_builder_end (&builder);
}

/* Each method with arguments that no method has, and with nonsense of the right types. */
static void
test_types (Fixture *f, gconstpointer data)
{
  GDBusInterfaceInfo *manager = mc_dbus_manager_interface_info ();

  for (guint i = 0; manager->methods[i] != NULL; i++)
    {
      const char *name = manager->methods[i]->name;

      call (f, MC_DBUS_PATH, MANAGER, name, g_variant_new ("(dyb)", 1.0, 2, TRUE));
      if (strcmp (name, "Quit") != 0 && strcmp (name, "DeleteUnnamed") != 0)
        call (f, MC_DBUS_PATH, MANAGER, name, make_arguments (manager->methods[i]));
    }
  for (guint i = 0; manager->properties[i] != NULL; i++)
    call (f, MC_DBUS_PATH, "org.freedesktop.DBus.Properties", "Set",
          g_variant_new ("(ssv)", MANAGER, manager->properties[i]->name,
                         g_variant_new_parsed ("[(1, 'x', <@a{sv} {}>)]")));
}

/* --- strings --- */

static void
test_strings (Fixture *f, gconstpointer data)
{
  g_autofree char *plain = g_strnfill (HUGE_TEXT, 'a');
  g_autofree char *slashes = g_strnfill (HUGE_TEXT, '/');
  g_autofree char *named = g_strconcat ("owner/", plain, NULL);
  const char *const texts[] = {
    plain, slashes, named, "", "\n", "../..", "owner/name@../../x", "\xc3\xa4/\xe2\x80\xae"
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      GVariant *none = service_options ();

      call (f, MC_DBUS_PATH, MANAGER, "HasFile", g_variant_new ("(ss)", texts[i], texts[i]));
      call (f, MC_DBUS_PATH, MANAGER, "HasFile", g_variant_new ("(ss)", BIG_REPO, texts[i]));
      call (f, MC_DBUS_PATH, MANAGER, "Plan",
            g_variant_new ("(ss@a{sv})", BIG_REPO, texts[i], none));
      call (f, MC_DBUS_PATH, MANAGER, "Scan",
            g_variant_new ("(s@a{sv})", texts[i], service_options ()));
    }
}

/* --- many at once --- */

typedef struct
{
  guint answered;
  guint refused;
} Count;

static void
count_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Count *count = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  count->answered++;
  count->refused += reply == NULL;
  g_assert_false (g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY));
}

/* Objects that there are not, each asked for its properties. */
static void
test_many (Fixture *f, gconstpointer data)
{
  Count count = { 0 };

  for (guint i = 0; i < MANY; i++)
    {
      g_autofree char *path =
          g_strdup_printf (MC_DBUS_PATH "/%s/%u", i % 2 == 0 ? "transfer" : "lease", 1000000 + i);

      g_dbus_connection_call (f->service->connection, MC_DBUS_NAME, path,
                              "org.freedesktop.DBus.Properties", "GetAll",
                              g_variant_new ("(s)", "com.tabagent.ModelCache1.Transfer"), NULL,
                              G_DBUS_CALL_FLAGS_NONE, G_MAXINT, NULL, count_cb, &count);
    }
  while (count.answered < MANY)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (count.refused, ==, MANY);
}

/* --- descriptors that nobody takes --- */

static void
write_line (GOutputStream *out, GInputStream *in, const char *line, const char *expected)
{
  char reply[200] = "";

  g_assert_true (g_output_stream_write_all (out, line, strlen (line), NULL, NULL, NULL));
  if (expected == NULL)
    return;
  g_assert_cmpint (g_input_stream_read (in, reply, sizeof reply - 1, NULL, NULL), >, 0);
  g_assert_true (g_str_has_prefix (reply, expected));
}

static void
write_call (GOutputStream *out, guint serial, GDBusMessage *message)
{
  g_autoptr (GError) error = NULL;
  gsize size = 0;
  g_autofree guchar *blob = NULL;

  g_dbus_message_set_serial (message, serial);
  blob = g_dbus_message_to_blob (message, &size, G_DBUS_CAPABILITY_FLAGS_UNIX_FD_PASSING, &error);
  g_assert_no_error (error);
  g_assert_true (g_output_stream_write_all (out, blob, size, NULL, NULL, NULL));
}

static gboolean
has_opened (gpointer data)
{
  return count_leases (data) == UNTAKEN;
}

/* A client that speaks to the bus by hand, asks to open a file hundreds of times, and never reads
 * what comes. */
static void
test_untaken (Fixture *f, gconstpointer data)
{
  g_autofree char *address = g_strdup (mc_test_bus_get_address (f->service->bus));
  char *path = strstr (address, "path=") + strlen ("path=");
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketAddress) place = NULL;
  g_autoptr (GSocketConnection) stream = NULL;
  g_autoptr (GDBusMessage) hello = g_dbus_message_new_method_call (
      "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "Hello");
  GOutputStream *out;
  GInputStream *in;

  path[strcspn (path, ",;")] = '\0';
  place = g_unix_socket_address_new (path);
  stream = g_socket_client_connect (client, G_SOCKET_CONNECTABLE (place), NULL, NULL);
  g_assert_nonnull (stream);
  out = g_io_stream_get_output_stream (G_IO_STREAM (stream));
  in = g_io_stream_get_input_stream (G_IO_STREAM (stream));
  g_assert_true (g_output_stream_write_all (out, "\0", 1, NULL, NULL, NULL));
  write_line (out, in, "AUTH EXTERNAL\r\n", "DATA");
  write_line (out, in, "DATA\r\n", "OK");
  write_line (out, in, "NEGOTIATE_UNIX_FD\r\n", "AGREE_UNIX_FD");
  write_line (out, in, "BEGIN\r\n", NULL);
  write_call (out, 1, hello);
  for (guint i = 0; i < UNTAKEN; i++)
    {
      g_autoptr (GDBusMessage) open =
          g_dbus_message_new_method_call (MC_DBUS_NAME, MC_DBUS_PATH, MANAGER, "OpenFile");

      g_dbus_message_set_body (
          open, g_variant_new ("(ss@a{sv})", BIG_REPO, BIG_FILE, service_options ()));
      write_call (out, i + 2, open);
    }
  g_assert_true (mc_test_wait_until (has_opened, f, 60000));
  /* Others are answered meanwhile, and tear_down() sees that all of it is let go of. */
  call (f, MC_DBUS_PATH, MANAGER, "HasFile", g_variant_new ("(ss)", BIG_REPO, BIG_FILE));
  g_assert_true (g_io_stream_close (G_IO_STREAM (stream), NULL, NULL));
}

#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/service-hostile/types", test_types);
  ADD ("/service-hostile/strings", test_strings);
  ADD ("/service-hostile/many", test_many);
  ADD ("/service-hostile/untaken", test_untaken);
  return g_test_run ();
}
