/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "service-fixture.h"

#include "mc-dbus-names.h"

#include <gio/gunixfdlist.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* All files of a variant at once, and callers who do not do their part. */

#define REPO "test/split"
#define SHARDS 14
#define SHARD_SIZE 300000
#define SHARED 3 /* bytes of config.json */
#define PAGE 12
/* A sanitizer finds a leak of each, and takes its time. */
#ifdef __SANITIZE_ADDRESS__
#define CLIENTS 200
#else
#define CLIENTS 1000
#endif

static ServiceFixture *
fixture_with_shards (gboolean downloaded)
{
  static const McTestRepoFacts facts = { .license = "mit" };
  /* One that ended by itself and began anew would have leaked nothing. */
  static const char *const stays[] = { "MC_IDLE_MS=3600000", NULL };
  ServiceFixture *fixture = service_fixture_new (stays);

  mc_test_hub_add_repo (fixture->hub, REPO, &facts);
  mc_test_hub_add_file (fixture->hub, REPO, "config.json", "{}\n", SHARED, FALSE);
  for (guint i = 1; i <= SHARDS; i++)
    {
      g_autofree char *path = g_strdup_printf ("m-Q4_0-%05u-of-%05u.gguf", i, SHARDS);

      mc_test_hub_add_generated (fixture->hub, REPO, path, SHARD_SIZE + i, i);
    }
  if (downloaded)
    g_free (service_fixture_download (fixture, REPO, "", "done"));
  return fixture;
}

static GVariant *
options (gboolean fetch, guint page)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&builder, "{sv}", "fetch", g_variant_new_boolean (fetch));
  g_variant_builder_add (&builder, "{sv}", "page", g_variant_new_uint32 (page));
  return g_variant_builder_end (&builder);
}

typedef struct
{
  GVariant *files; /* (owned) */
  GVariant *details;
  GUnixFDList *fds;
  char *lease;
} Page;

static void
page_clear (Page *page)
{
  g_clear_pointer (&page->files, g_variant_unref);
  g_clear_pointer (&page->details, g_variant_unref);
  g_clear_object (&page->fds);
  g_clear_pointer (&page->lease, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Page, page_clear)

static void
open_page (ServiceFixture *fixture, gboolean fetch, guint number, Page *page)
{
  g_autoptr (GError) error = NULL;

  mc_dbus_manager_call_open_variant_sync (fixture->manager, REPO, "q4_0", options (fetch, number),
                                          NULL, &page->files, &page->lease, &page->details,
                                          &page->fds, NULL, &error);
  g_assert_no_error (error);
}

static guint
get_number (GVariant *details, const char *name)
{
  guint number;

  g_assert_true (g_variant_lookup (details, name, "u", &number));
  return number;
}

/* The bytes of each, and what is told of it. */
static void
check_files (const Page *page, guint expected)
{
  g_autoptr (GVariant) rows = g_variant_lookup_value (page->details, "files", NULL);
  GVariantIter iter;
  const char *path;
  gint32 handle;

  g_assert_cmpuint (g_variant_n_children (page->files), ==, expected);
  g_assert_cmpuint (g_variant_n_children (rows), ==, expected);
  g_assert_cmpint (g_unix_fd_list_get_length (page->fds), ==, expected);
  g_variant_iter_init (&iter, page->files);
  while (g_variant_iter_next (&iter, "{&sh}", &path, &handle))
    {
      int fd = g_unix_fd_list_get (page->fds, handle, NULL);
      guint shard = 0;

      g_assert_cmpint (fd, >=, 0);
      if (sscanf (path, "m-Q4_0-%u-of-", &shard) == 1)
        service_assert_generated (fd, shard, 0, SHARD_SIZE + shard);
      else
        g_assert_cmpint (lseek (fd, 0, SEEK_END), ==, SHARED);
      close (fd);
    }
}

static void
test_pages (void)
{
  g_autoptr (ServiceFixture) fixture = fixture_with_shards (TRUE);
  g_auto (Page) first = { NULL };
  g_auto (Page) second = { NULL };
  guint64 size;

  open_page (fixture, FALSE, 0, &first);
  open_page (fixture, FALSE, 1, &second);
  check_files (&first, PAGE);
  check_files (&second, SHARDS + 1 - PAGE);
  g_assert_cmpuint (get_number (first.details, "pages"), ==, 2);
  g_assert_cmpuint (get_number (second.details, "page"), ==, 1);
  g_assert_cmpuint (get_number (second.details, "count"), ==, SHARDS + 1);
  g_assert_true (g_variant_lookup (second.details, "size", "t", &size));
  g_assert_cmpuint (size, ==, SHARDS * SHARD_SIZE + SHARDS * (SHARDS + 1) / 2 + SHARED);
  g_assert_cmpstr (first.lease, !=, second.lease);
}

static GVariant *
arguments (const char *variant, GVariant *page)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&builder, "{sv}", "page", page);
  return g_variant_new ("(ss@a{sv})", REPO, variant, g_variant_builder_end (&builder));
}

static void
test_wrong (void)
{
  g_autoptr (ServiceFixture) fixture = fixture_with_shards (TRUE);
  g_autofree char *long_name = g_strnfill (1000000, 'x');

  service_fixture_expect_error (fixture, "OpenVariant",
                                arguments ("q4_0", g_variant_new_uint32 (2)), "InvalidName");
  service_fixture_expect_error (fixture, "OpenVariant",
                                arguments ("q4_0", g_variant_new_uint32 (G_MAXUINT32)),
                                "InvalidName");
  service_fixture_expect_error (fixture, "OpenVariant",
                                arguments ("q4_0", g_variant_new_uint64 (G_MAXUINT64)),
                                "InvalidName");
  service_fixture_expect_error (fixture, "OpenVariant",
                                arguments ("q4_0", g_variant_new_int32 (-1)), "InvalidName");
  service_fixture_expect_error (fixture, "OpenVariant",
                                arguments ("q4_0", g_variant_new_string ("0")), "InvalidName");
  service_fixture_expect_error (fixture, "OpenVariant",
                                arguments (long_name, g_variant_new_uint32 (0)), "UnknownVariant");
  service_fixture_expect_error (fixture, "OpenVariant",
                                g_variant_new ("(ss@a{sv})", "other/repo", "", service_options ()),
                                "NotScanned");
}

static void
test_fetch (void)
{
  g_autoptr (ServiceFixture) fixture = fixture_with_shards (FALSE);
  g_auto (Page) page = { NULL };

  open_page (fixture, TRUE, 1, &page);
  check_files (&page, SHARDS + 1 - PAGE);
}

static gboolean
can_delete (gpointer data)
{
  g_autofree char *error_name = NULL;
  g_autoptr (GVariant) value = service_fixture_call (
      data, "Delete", g_variant_new ("(ss@a{sv})", REPO, "q4_0", service_options ()), &error_name);

  return value != NULL;
}

/* One lease for a page: it keeps each file of it. */
static void
test_lease (void)
{
  g_autoptr (ServiceFixture) fixture = fixture_with_shards (TRUE);
  g_auto (Page) page = { NULL };
  g_autoptr (McDbusLease) lease = NULL;
  g_autoptr (GError) error = NULL;

  open_page (fixture, FALSE, 1, &page);
  service_fixture_expect_error (
      fixture, "Delete", g_variant_new ("(ss@a{sv})", REPO, "q4_0", service_options ()), "InUse");
  lease = mc_dbus_lease_proxy_new_sync (fixture->connection, G_DBUS_PROXY_FLAGS_NONE, MC_DBUS_NAME,
                                        page.lease, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (mc_dbus_lease_get_repo (lease), ==, REPO);
  g_assert_cmpstr (mc_dbus_lease_get_variant (lease), ==, "gguf:Q4_0");
  g_assert_cmpstr (mc_dbus_lease_get_path (lease), ==, "");
  mc_dbus_lease_call_release_sync (lease, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (can_delete (fixture));
  /* What was opened is still good. */
  check_files (&page, SHARDS + 1 - PAGE);
}

/* --- callers who do not do their part --- */

static guint
count_descriptors (ServiceFixture *fixture)
{
  g_autofree char *path =
      g_strdup_printf ("/proc/%d/fd", mc_test_bus_get_service_pid (fixture->bus));
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  guint n = 0;

  g_assert_nonnull (dir);
  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

/* Bytes that the service has in memory, files that it maps not counted. */
static guint64
get_memory (ServiceFixture *fixture)
{
  g_autofree char *path =
      g_strdup_printf ("/proc/%d/status", mc_test_bus_get_service_pid (fixture->bus));
  g_autofree char *text = NULL;
  const char *line;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  line = strstr (text, "RssAnon:");
  g_assert_nonnull (line);
  return g_ascii_strtoull (line + strlen ("RssAnon:"), NULL, 10) * 1024;
}

/* Anew, so that nothing of the download is open any more. */
static void
restart (ServiceFixture *fixture)
{
  g_autofree char *status = NULL;

  mc_test_bus_end_service (fixture->bus, SIGTERM);
  status = service_fixture_get_status (fixture, REPO, "gguf:Q4_0", NULL);
  g_assert_cmpstr (status, ==, "downloaded");
}

static guint
count_leases (ServiceFixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      fixture->connection, MC_DBUS_NAME, MC_DBUS_PATH, "org.freedesktop.DBus.ObjectManager",
      "GetManagedObjects", NULL, NULL, G_DBUS_CALL_FLAGS_NONE, 60000, NULL, &error);
  g_autoptr (GVariantIter) iter = NULL;
  GVariant *interfaces;
  const char *path;
  guint n = 0;

  g_assert_no_error (error);
  g_variant_get (reply, "(a{oa{sa{sv}}})", &iter);
  while (g_variant_iter_loop (iter, "{&o@a{sa{sv}}}", &path, &interfaces))
    n += strstr (path, "/lease/") != NULL;
  return n;
}

typedef struct
{
  ServiceFixture *fixture;
  guint descriptors;
} Before;

/* As it was before all these callers; one or two may be just on their way. */
static gboolean
is_as_before (gpointer data)
{
  Before *before = data;

  return count_leases (before->fixture) == 0
         && count_descriptors (before->fixture) <= before->descriptors + 2;
}

static GDBusMessage *
make_call (const char *method, GVariant *body)
{
  GDBusMessage *message = g_dbus_message_new_method_call (
      MC_DBUS_NAME, MC_DBUS_PATH, mc_dbus_manager_interface_info ()->name, method);

  g_dbus_message_set_body (message, body);
  return message;
}

/* step 0: it leaves when it has asked; 1: with the answer, whose descriptors it never took. */
static void
ask_and_leave (ServiceFixture *fixture, guint step)
{
  g_autoptr (GDBusConnection) guest = mc_test_bus_connect (fixture->bus);
  g_autoptr (GDBusMessage) message = NULL;
  g_autoptr (GDBusMessage) reply = NULL;
  g_autoptr (GError) error = NULL;

  if (step / 2 % 2 == 0)
    message =
        make_call ("OpenVariant", g_variant_new ("(ss@a{sv})", REPO, "q4_0", options (FALSE, 1)));
  else
    message = make_call ("OpenFile",
                         g_variant_new ("(ss@a{sv})", REPO, "config.json", service_options ()));
  if (step % 2 == 0)
    {
      g_dbus_connection_send_message (guest, message, G_DBUS_SEND_MESSAGE_FLAGS_NONE, NULL, &error);
      g_dbus_connection_flush_sync (guest, NULL, NULL);
    }
  else
    reply = g_dbus_connection_send_message_with_reply_sync (
        guest, message, G_DBUS_SEND_MESSAGE_FLAGS_NONE, 60000, NULL, NULL, &error);
  g_assert_no_error (error);
  if (reply != NULL)
    g_assert_cmpint (g_dbus_message_get_message_type (reply), ==,
                     G_DBUS_MESSAGE_TYPE_METHOD_RETURN);
  g_dbus_connection_close_sync (guest, NULL, NULL);
}

static void
test_clients_die (void)
{
  g_autoptr (ServiceFixture) fixture = fixture_with_shards (TRUE);
  Before before = { fixture, 0 };
  guint64 memory;

  restart (fixture);
  before.descriptors = count_descriptors (fixture);
  /* What is made once is made. */
  for (guint i = 0; i < 100; i++)
    ask_and_leave (fixture, i);
  g_assert_cmpuint (count_leases (fixture), <=, 4);
  memory = get_memory (fixture);
  for (guint i = 0; i < CLIENTS; i++)
    ask_and_leave (fixture, i);
  g_assert_true (mc_test_wait_until (is_as_before, &before, 60000));
  g_test_message ("%" G_GUINT64_FORMAT " bytes more", get_memory (fixture) - memory);
#ifndef __SANITIZE_ADDRESS__
  /* Less than a kilobyte or two for each of them would be a leak already. */
  g_assert_cmpuint (get_memory (fixture), <, memory + CLIENTS * 2048);
#endif
  g_assert_true (can_delete (fixture));
}

/* A client that stays and asks again and again has what it asked for, up to a limit. */
static void
test_greedy (void)
{
  g_autoptr (ServiceFixture) fixture = fixture_with_shards (TRUE);
  g_autoptr (GDBusConnection) guest = mc_test_bus_connect (fixture->bus);
  Before before = { fixture, count_descriptors (fixture) };

  for (guint i = 0; i < 1100; i++)
    {
      g_autoptr (GDBusMessage) message = make_call (
          "OpenFile", g_variant_new ("(ss@a{sv})", REPO, "config.json", service_options ()));
      g_autoptr (GDBusMessage) reply = g_dbus_connection_send_message_with_reply_sync (
          guest, message, G_DBUS_SEND_MESSAGE_FLAGS_NONE, 60000, NULL, NULL, NULL);

      g_assert_nonnull (reply);
      if (i >= 1000)
        g_assert_cmpstr (g_dbus_message_get_error_name (reply), ==, MC_DBUS_ERROR_PREFIX "Busy");
      else
        g_assert_null (g_dbus_message_get_error_name (reply));
    }
  g_dbus_connection_close_sync (guest, NULL, NULL);
  g_assert_true (mc_test_wait_until (is_as_before, &before, 60000));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/service-variant/pages", test_pages);
  g_test_add_func ("/service-variant/wrong", test_wrong);
  g_test_add_func ("/service-variant/fetch", test_fetch);
  g_test_add_func ("/service-variant/lease", test_lease);
  g_test_add_func ("/service-variant/clients-die", test_clients_die);
  g_test_add_func ("/service-variant/greedy", test_greedy);
  return g_test_run ();
}
