/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "service-fixture.h"

#include "mc-dbus-names.h"

#include <gio/gunixfdlist.h>
#include <string.h>
#include <unistd.h>

/* Ranges of a file that is not here yet: fetched once, for whoever reads, as it comes. */

#define SIZE 42000000
#define CHUNK (5 * 1024 * 1024)
#define LAST_CHUNK ((SIZE - 1) / CHUNK * CHUNK)
#define READERS 8
#define STORAGE "storage:" BIG_REPO "/" BIG_FILE

static GVariant *
fetching (gboolean fetch)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&builder, "{sv}", "fetch", g_variant_new_boolean (fetch));
  return g_variant_builder_end (&builder);
}

static GVariant *
arguments (const char *path, guint64 offset, guint64 length, gboolean fetch)
{
  return g_variant_new ("(sstt@a{sv})", BIG_REPO, path, offset, length, fetching (fetch));
}

static ServiceFixture *
make_fixture (guint64 size)
{
  ServiceFixture *fixture = service_fixture_new (NULL);

  service_fixture_add_big (fixture, size);
  return fixture;
}

/* The reading end; the transfer's path if wanted. */
static int
begin (GDBusConnection *connection, guint64 offset, guint64 length, char **transfer)
{
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GVariant) details = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_with_unix_fd_list_sync (
      connection, MC_DBUS_NAME, MC_DBUS_PATH, mc_dbus_manager_interface_info ()->name,
      "ReadRangeWithOptions", arguments (BIG_FILE, offset, length, TRUE), NULL,
      G_DBUS_CALL_FLAGS_NONE, 60000, NULL, &fds, NULL, &error);
  guint64 size;
  int fd;

  g_assert_no_error (error);
  fd = g_unix_fd_list_get (fds, 0, &error);
  g_assert_no_error (error);
  details = g_variant_get_child_value (reply, 1);
  g_assert_true (g_variant_lookup (details, "size", "t", &size));
  if (transfer != NULL && !g_variant_lookup (details, "transfer", "o", transfer))
    *transfer = NULL;
  return fd;
}

static guint64
count_sent (ServiceFixture *fixture)
{
  return mc_test_hub_bytes_sent (fixture->hub, BIG_REPO, BIG_FILE);
}

typedef struct
{
  GDBusConnection *connection; /* (owned) */
  guint64 offset;
  guint64 length;
  gboolean leaves; /* after the first bytes */
} Reader;

static gpointer
run_reader (gpointer data)
{
  Reader *reader = data;
  int fd = begin (reader->connection, reader->offset, reader->length, NULL);
  char byte;

  if (reader->leaves)
    {
      g_assert_cmpint (read (fd, &byte, 1), ==, 1);
      g_dbus_connection_close_sync (reader->connection, NULL, NULL);
    }
  else
    service_assert_generated (fd, BIG_SEED, reader->offset, reader->length);
  close (fd);
  return NULL;
}

/* Of a repo that nobody scanned yet, with one of them dying: the others have what they asked for,
 * and it came once. */
static void
test_eight (void)
{
  g_autoptr (ServiceFixture) fixture = make_fixture (SIZE);
  Reader readers[READERS];
  GThread *threads[READERS];
  g_autofree char *status = NULL;

  for (guint i = 0; i < READERS; i++)
    {
      readers[i].connection = mc_test_bus_connect (fixture->bus);
      readers[i].offset = SIZE / READERS * i;
      readers[i].length = i == READERS - 1 ? SIZE - readers[i].offset : SIZE / READERS + 1000;
      readers[i].leaves = i == 3;
    }
  for (guint i = 0; i < READERS; i++)
    threads[i] = g_thread_new ("reader", run_reader, &readers[i]);
  for (guint i = 0; i < READERS; i++)
    {
      g_thread_join (threads[i]);
      g_object_unref (readers[i].connection);
    }
  status = service_fixture_get_status (fixture, BIG_REPO, "gguf:Q4_0", NULL);
  g_assert_cmpuint (count_sent (fixture), >=, SIZE);
  /* A connection that turns to what is wanted first may have some bytes on their way. */
  g_assert_cmpuint (count_sent (fixture), <, SIZE / 2 * 3);
}

/* The first bytes are there long before the last ones come, also from its middle. */
static void
test_early (gconstpointer data)
{
  guint64 offset = GPOINTER_TO_SIZE (data);
  g_autoptr (ServiceFixture) fixture = make_fixture (SIZE);
  g_autoptr (McDbusTransfer) transfer = NULL;
  g_autofree char *path = NULL;
  g_autofree guint8 *expected = g_malloc (100000);
  g_autofree guint8 *found = g_malloc (100000);
  gsize filled = 0;
  int fd;

  mc_test_hub_set_rate (fixture->hub, 3 * 1000 * 1000);
  fd = begin (fixture->connection, offset, 0, &path);
  g_assert_nonnull (path);
  while (filled < 100000)
    {
      gssize n = read (fd, found + filled, 100000 - filled);

      g_assert_cmpint (n, >, 0);
      filled += (gsize) n;
    }
  mc_test_hub_generate (BIG_SEED, offset, expected, 100000);
  g_assert_cmpmem (found, filled, expected, 100000);
  g_assert_cmpuint (count_sent (fixture), <, SIZE);
  transfer = service_fixture_watch (fixture, path);
  g_assert_cmpstr (mc_dbus_transfer_get_state (transfer), ==, "active");
  mc_test_hub_set_rate (fixture->hub, 0);
  service_assert_generated (fd, BIG_SEED, offset + 100000, SIZE - offset - 100000);
  close (fd);
}

/* Of what turns out to be wrong the last chunk is never given away, not even to one who asked for
 * that alone, or for that and the one before it, and would have had both long before the others. */
static void
test_wrong_bytes (gconstpointer data)
{
  guint64 offset = GPOINTER_TO_SIZE (data);
  g_autoptr (ServiceFixture) fixture = make_fixture (SIZE);
  g_autofree char *buffer = g_malloc (1024 * 1024);
  guint64 got = 0;
  gssize n;
  int fd;

  mc_test_hub_set_rate (fixture->hub, 5 * 1000 * 1000);
  mc_test_hub_script_at (fixture->hub, STORAGE, MC_TEST_FLIP_BYTE, 100, 0, 100);
  fd = begin (fixture->connection, offset, 0, NULL);
  while ((n = read (fd, buffer, 1024 * 1024)) > 0)
    got += (guint64) n;
  g_assert_cmpuint (offset + got, <=, LAST_CHUNK);
  close (fd);
}

static void
test_errors (void)
{
  g_autoptr (ServiceFixture) fixture = make_fixture (SIZE);

  service_fixture_expect_error (fixture, "ReadRangeWithOptions", arguments (BIG_FILE, 0, 0, FALSE),
                                "NotScanned");
  service_fixture_expect_error (fixture, "ReadRangeWithOptions", arguments ("none", 0, 0, TRUE),
                                "UnknownFile");
  service_fixture_expect_error (fixture, "ReadRangeWithOptions",
                                arguments (BIG_FILE, SIZE + 1, 0, TRUE), "InvalidName");
  service_fixture_expect_error (fixture, "ReadRangeWithOptions", arguments (BIG_FILE, 0, 0, FALSE),
                                "NotDownloaded");
  service_fixture_expect_error (
      fixture, "ReadRangeWithOptions",
      g_variant_new_parsed ("(%s, %s, uint64 0, uint64 0, {'fetch': <1>})", BIG_REPO, BIG_FILE),
      "InvalidName");
}

static gboolean
has_room (gpointer data)
{
  g_autofree char *error_name = NULL;
  g_autoptr (GVariant) value = service_fixture_call (data, "ReadRangeWithOptions",
                                                     arguments (BIG_FILE, 0, 1, TRUE), &error_name);

  return value != NULL;
}

/* Those who wait for bytes that do not come, and leave, make room for others. */
static void
test_waiting_readers_leave (void)
{
  g_autoptr (ServiceFixture) fixture = make_fixture (SIZE);
  int pipes[16];

  mc_test_hub_script (fixture->hub, STORAGE, MC_TEST_STALL_AFTER, 1000, 0);
  for (guint i = 0; i < G_N_ELEMENTS (pipes); i++)
    pipes[i] = begin (fixture->connection, 0, 0, NULL);
  service_fixture_expect_error (fixture, "ReadRangeWithOptions", arguments (BIG_FILE, 0, 0, TRUE),
                                "Busy");
  for (guint i = 0; i < G_N_ELEMENTS (pipes); i++)
    close (pipes[i]);
  g_assert_true (mc_test_wait_until (has_room, fixture, 60000));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/service-range/eight", test_eight);
  g_test_add_data_func ("/service-range/early", GSIZE_TO_POINTER (0), test_early);
  g_test_add_data_func ("/service-range/early-in-the-middle", GSIZE_TO_POINTER (SIZE / 2),
                        test_early);
  g_test_add_data_func ("/service-range/wrong-bytes", GSIZE_TO_POINTER (LAST_CHUNK - CHUNK),
                        test_wrong_bytes);
  g_test_add_data_func ("/service-range/wrong-bytes-at-the-end", GSIZE_TO_POINTER (LAST_CHUNK),
                        test_wrong_bytes);
  g_test_add_func ("/service-range/errors", test_errors);
  g_test_add_func ("/service-range/waiting-readers-leave", test_waiting_readers_leave);
  return g_test_run ();
}
