/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "service-fixture.h"

#include "mc-dbus-names.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* The files that the service hands out: descriptors, leases, ranges. */

#define SIZE 12000000
#define CHUNK (5 * 1024 * 1024)

static ServiceFixture *
fixture_with_file (void)
{
  ServiceFixture *fixture = service_fixture_new (NULL);
  g_autofree char *path = NULL;

  service_fixture_add_big (fixture, SIZE);
  path = service_fixture_download (fixture, BIG_REPO, "", "done");
  return fixture;
}

static GVariant *
two_and_options (const char *first, const char *second)
{
  return g_variant_new ("(ss@a{sv})", first, second, service_options ());
}

static void
test_large (void)
{
  g_autoptr (ServiceFixture) fixture = fixture_with_file ();
  int fd = service_fixture_open (fixture, BIG_REPO, BIG_FILE, NULL);
  int other = service_fixture_open (fixture, BIG_REPO, BIG_FILE, NULL);
  struct stat info;
  guint8 *bytes;
  guint8 expected[100];

  g_assert_cmpint (fstat (fd, &info), ==, 0);
  g_assert_cmpint (info.st_size, ==, SIZE);
  g_assert_cmpint (info.st_nlink, ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0400);
  g_assert_cmpint (write (fd, "x", 1), ==, -1);
  g_assert_cmpint (errno, ==, EBADF);
  g_assert_true (mmap (NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED);
  bytes = mmap (NULL, SIZE, PROT_READ, MAP_SHARED, fd, 0);
  g_assert_true (bytes != MAP_FAILED);
  mc_test_hub_generate (BIG_SEED, CHUNK - 50, expected, sizeof expected);
  g_assert_cmpmem (bytes + CHUNK - 50, sizeof expected, expected, sizeof expected);
  munmap (bytes, SIZE);

  /* Each has its own position. */
  service_assert_generated (fd, BIG_SEED, 0, SIZE);
  g_assert_cmpint (lseek (other, 0, SEEK_CUR), ==, 0);
  g_assert_cmpint (lseek (other, SIZE - 10, SEEK_SET), ==, SIZE - 10);
  service_assert_generated (other, BIG_SEED, SIZE - 10, 10);
  close (fd);
  close (other);
}

static void
test_small (void)
{
  g_autoptr (ServiceFixture) fixture = fixture_with_file ();
  int fd = service_fixture_open (fixture, BIG_REPO, "config.json", NULL);
  char bytes[8] = { 0 };

  g_assert_cmpint (fcntl (fd, F_GET_SEALS), ==,
                   F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
  g_assert_cmpint (read (fd, bytes, sizeof bytes), ==, 3);
  g_assert_cmpstr (bytes, ==, "{}\n");
  close (fd);
}

static gboolean
can_delete (gpointer data)
{
  g_autofree char *error_name = NULL;
  g_autoptr (GVariant) value =
      service_fixture_call (data, "Delete", two_and_options (BIG_REPO, "gguf:Q4_0"), &error_name);

  return value != NULL;
}

static void
test_lease (void)
{
  g_autoptr (ServiceFixture) fixture = fixture_with_file ();
  g_autoptr (GDBusConnection) guest = mc_test_bus_connect (fixture->bus);
  g_autoptr (McDbusManager) manager = NULL;
  g_autoptr (McDbusLease) stolen = NULL;
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GVariant) handle = NULL;
  g_autoptr (GVariant) details = NULL;
  g_autofree char *lease = NULL;
  g_autofree char *remote = NULL;
  g_autoptr (GError) error = NULL;
  int fd;

  manager = mc_dbus_manager_proxy_new_sync (guest, G_DBUS_PROXY_FLAGS_NONE, MC_DBUS_NAME,
                                            MC_DBUS_PATH, NULL, &error);
  g_assert_no_error (error);
  mc_dbus_manager_call_open_file_sync (manager, BIG_REPO, BIG_FILE, service_options (), NULL,
                                       &handle, &lease, &details, &fds, NULL, &error);
  g_assert_no_error (error);
  fd = g_unix_fd_list_get (fds, 0, &error);
  g_assert_no_error (error);
  service_fixture_expect_error (fixture, "Delete", two_and_options (BIG_REPO, "gguf:Q4_0"),
                                "InUse");
  service_fixture_expect_error (fixture, "Delete", two_and_options (BIG_REPO, ""), "InUse");

  stolen = mc_dbus_lease_proxy_new_sync (fixture->connection, G_DBUS_PROXY_FLAGS_NONE, MC_DBUS_NAME,
                                         lease, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (mc_dbus_lease_get_path (stolen), ==, BIG_FILE);
  g_assert_false (mc_dbus_lease_call_release_sync (stolen, NULL, &error));
  remote = g_dbus_error_get_remote_error (error);
  g_assert_cmpstr (remote, ==, MC_DBUS_ERROR_PREFIX "InUse");

  /* The lease dies with its client; the descriptor does not. */
  g_clear_object (&manager);
  g_dbus_connection_close_sync (guest, NULL, NULL);
  g_assert_true (mc_test_wait_until (can_delete, fixture, 10000));
  service_assert_generated (fd, BIG_SEED, 0, SIZE);
  close (fd);
}

/* A copy is the same bytes for whoever maps it: while it is leased, when the model was deleted, and
 * when the service ended. */
static void
test_outlives (void)
{
  g_autoptr (ServiceFixture) fixture = fixture_with_file ();
  g_autofree char *lease = NULL;
  g_autoptr (GVariant) released = NULL;
  int fd = service_fixture_open (fixture, BIG_REPO, BIG_FILE, &lease);

  service_fixture_expect_error (fixture, "Delete", two_and_options (BIG_REPO, ""), "InUse");
  service_assert_mapped_elsewhere (fd, BIG_SEED, SIZE);
  released = g_dbus_connection_call_sync (fixture->connection, MC_DBUS_NAME, lease,
                                          mc_dbus_lease_interface_info ()->name, "Release", NULL,
                                          NULL, G_DBUS_CALL_FLAGS_NONE, 60000, NULL, NULL);
  g_assert_nonnull (released);
  g_assert_true (can_delete (fixture));
  service_assert_mapped_elsewhere (fd, BIG_SEED, SIZE);
  mc_test_bus_end_service (fixture->bus, SIGKILL);
  service_assert_mapped_elsewhere (fd, BIG_SEED, SIZE);
  close (fd);
}

static GVariant *
fetch_option (void)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&builder, "{sv}", "fetch", g_variant_new_boolean (TRUE));
  return g_variant_builder_end (&builder);
}

static void
test_fetch_on_miss (void)
{
  g_autoptr (ServiceFixture) fixture = service_fixture_new (NULL);
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GVariant) handle = NULL;
  g_autoptr (GVariant) details = NULL;
  g_autofree char *lease = NULL;
  g_autoptr (GError) error = NULL;
  const char *kind;
  int fd;

  service_fixture_add_big (fixture, SIZE);
  service_fixture_expect_error (fixture, "OpenFile",
                                g_variant_new ("(ss@a{sv})", BIG_REPO, "no-such", fetch_option ()),
                                "UnknownFile");
  mc_dbus_manager_call_open_file_sync (fixture->manager, BIG_REPO, BIG_FILE, fetch_option (), NULL,
                                       &handle, &lease, &details, &fds, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_variant_lookup (details, "kind", "&s", &kind));
  g_assert_cmpstr (kind, ==, "copy");
  fd = g_unix_fd_list_get (fds, 0, &error);
  g_assert_no_error (error);
  service_assert_generated (fd, BIG_SEED, 0, SIZE);
  close (fd);
}

static void
test_fetch_fails (void)
{
  g_autoptr (ServiceFixture) fixture = service_fixture_new (NULL);

  service_fixture_add_big (fixture, SIZE);
  mc_test_hub_script (fixture->hub, "storage:" BIG_REPO "/" BIG_FILE, MC_TEST_FLIP_BYTE, 1, 1);
  service_fixture_expect_error (fixture, "OpenFile",
                                g_variant_new ("(ss@a{sv})", BIG_REPO, BIG_FILE, fetch_option ()),
                                "Corrupt");
}

/* Changes a byte of the big file in its pack. */
static void
damage_big (ServiceFixture *fixture, guint64 offset)
{
  g_autoptr (GError) error = NULL;
  guint8 needle[32];
  g_autofree char *packs = g_build_filename (fixture->folder, "packs", NULL);
  g_autoptr (GDir) folders = g_dir_open (packs, 0, &error);
  const char *name;

  g_assert_no_error (error);
  mc_test_hub_generate (BIG_SEED, offset, needle, sizeof needle);
  while ((name = g_dir_read_name (folders)) != NULL)
    {
      g_autofree char *folder = g_build_filename (packs, name, NULL);
      g_autoptr (GDir) files = g_dir_open (folder, 0, NULL);
      const char *file;

      while ((file = g_dir_read_name (files)) != NULL)
        {
          g_autofree char *path = g_build_filename (folder, file, NULL);
          g_autofree char *bytes = NULL;
          gsize size;
          char *found;

          if (!g_str_has_suffix (file, ".pack"))
            continue;
          g_assert_true (g_file_get_contents (path, &bytes, &size, NULL));
          found = memmem (bytes, size, needle, sizeof needle);
          g_assert_nonnull (found);
          found[0] ^= 0x40;
          g_assert_true (g_file_set_contents (path, bytes, (gssize) size, NULL));
        }
    }
}

static gboolean
has_status (ServiceFixture *fixture, const char *expected)
{
  g_autofree char *status = service_fixture_get_status (fixture, BIG_REPO, "gguf:Q4_0", NULL);

  return strcmp (status, expected) == 0;
}

static gboolean
is_downloaded (gpointer data)
{
  return has_status (data, "downloaded");
}

static gboolean
is_being_repaired (gpointer data)
{
  return has_status (data, "repairing");
}

static gboolean
has_big (ServiceFixture *fixture)
{
  gboolean has = FALSE;

  g_assert_true (
      mc_dbus_manager_call_has_file_sync (fixture->manager, BIG_REPO, BIG_FILE, &has, NULL, NULL));
  return has;
}

/* A program that opens it is told, nobody gets it from then on, and it is mended by itself: by the
 * one chunk, and only that. */
static void
test_damage_on_open (void)
{
  g_autoptr (ServiceFixture) fixture = fixture_with_file ();
  g_autofree char *range = NULL;
  int fd;

  damage_big (fixture, CHUNK + 100000);
  mc_test_hub_set_rate (fixture->hub, 50 * 1000);
  service_fixture_expect_error (fixture, "OpenFile", two_and_options (BIG_REPO, BIG_FILE),
                                "Corrupt");
  g_assert_false (has_big (fixture));
  service_fixture_expect_error (fixture, "OpenFile", two_and_options (BIG_REPO, BIG_FILE),
                                "Corrupt");
  service_fixture_expect_error (
      fixture, "ReadRange", g_variant_new ("(sstt)", BIG_REPO, BIG_FILE, (guint64) 0, (guint64) 10),
      "Corrupt");
  g_assert_true (mc_test_wait_until (is_being_repaired, fixture, 60000));
  mc_test_hub_set_rate (fixture->hub, 0);
  g_assert_true (mc_test_wait_until (is_downloaded, fixture, 60000));
  range = mc_test_hub_seen (fixture->hub, "storage:" BIG_REPO "/" BIG_FILE, 1, "Range");
  g_assert_cmpstr (range, ==, "bytes=5242880-10485759");
  fd = service_fixture_open (fixture, BIG_REPO, BIG_FILE, NULL);
  service_assert_generated (fd, BIG_SEED, 0, SIZE);
  close (fd);
}

static void
test_has_file (void)
{
  g_autoptr (ServiceFixture) fixture = fixture_with_file ();
  static const struct
  {
    const char *repo;
    const char *path;
    gboolean has;
  } rows[] = {
    { BIG_REPO, BIG_FILE, TRUE },         { "TEST/Big", "config.json", TRUE },
    { BIG_REPO "@main", BIG_FILE, TRUE }, { BIG_REPO, "config.JSON", FALSE },
    { BIG_REPO, "../" BIG_FILE, FALSE },  { BIG_REPO, "", FALSE },
    { "test/other", BIG_FILE, FALSE },    { BIG_REPO "@other", BIG_FILE, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      gboolean has;

      mc_dbus_manager_call_has_file_sync (fixture->manager, rows[i].repo, rows[i].path, &has, NULL,
                                          &error);
      g_assert_no_error (error);
      g_test_message ("%s %s", rows[i].repo, rows[i].path);
      g_assert_cmpint (has, ==, rows[i].has);
    }
}

static int
read_range (ServiceFixture *fixture, guint64 offset, guint64 length)
{
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GVariant) handle = NULL;
  g_autoptr (GError) error = NULL;
  int fd;

  mc_dbus_manager_call_read_range_sync (fixture->manager, BIG_REPO, BIG_FILE, offset, length, NULL,
                                        &handle, &fds, NULL, &error);
  g_assert_no_error (error);
  fd = g_unix_fd_list_get (fds, 0, &error);
  g_assert_no_error (error);
  return fd;
}

static void
test_ranges (void)
{
  g_autoptr (ServiceFixture) fixture = fixture_with_file ();
  static const struct
  {
    guint64 offset;
    guint64 length;
    guint64 expected;
  } rows[] = {
    { 0, 0, SIZE },
    { 0, 1, 1 },
    { CHUNK - 1, 2, 2 },
    { CHUNK, CHUNK, CHUNK },
    { SIZE - 1, 1, 1 },
    { SIZE - 5, 1000, 5 },
    { 3, G_MAXUINT64, SIZE - 3 },
    { SIZE, 0, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      int fd = read_range (fixture, rows[i].offset, rows[i].length);

      service_assert_generated (fd, BIG_SEED, rows[i].offset, rows[i].expected);
      close (fd);
    }
  service_fixture_expect_error (
      fixture, "ReadRange",
      g_variant_new ("(sstt)", BIG_REPO, BIG_FILE, (guint64) SIZE + 1, (guint64) 1), "InvalidName");
}

static void
test_readers_leave (void)
{
  g_autoptr (ServiceFixture) fixture = fixture_with_file ();
  int pipes[16];

  /* All that may be open at once, each full. */
  for (guint i = 0; i < G_N_ELEMENTS (pipes); i++)
    pipes[i] = read_range (fixture, 0, 0);
  service_fixture_expect_error (
      fixture, "ReadRange", g_variant_new ("(sstt)", BIG_REPO, BIG_FILE, (guint64) 0, (guint64) 0),
      "Busy");
  for (guint i = 0; i < G_N_ELEMENTS (pipes); i++)
    close (pipes[i]);
  /* They are noticed, and make room. */
  {
    gboolean free_again = FALSE;

    for (guint tries = 0; tries < 1000 && !free_again; tries++)
      {
        g_autofree char *error_name = NULL;
        g_autoptr (GVariant) value = service_fixture_call (
            fixture, "ReadRange",
            g_variant_new ("(sstt)", BIG_REPO, BIG_FILE, (guint64) 0, (guint64) 1), &error_name);

        free_again = value != NULL;
      }
    g_assert_true (free_again);
  }
}

/* The one program that the service knows of, this test; how often it got something of the repo. */
static guint64
get_uses (ServiceFixture *fixture)
{
  g_autofree char *error_name = NULL;
  g_autoptr (GVariant) value = service_fixture_call (
      fixture, "ListPrograms", g_variant_new ("(@a{sv})", service_options ()), &error_name);
  g_autoptr (GVariant) list = g_variant_get_child_value (value, 0);
  g_autoptr (GVariant) use = NULL;
  const char *program, *repo;
  guint64 uses;

  g_assert_cmpuint (g_variant_n_children (list), <=, 1);
  if (g_variant_n_children (list) == 0)
    return 0;
  use = g_variant_get_child_value (list, 0);
  g_assert_true (g_variant_lookup (use, "program", "&s", &program));
  g_assert_true (g_variant_lookup (use, "repo", "&s", &repo));
  g_assert_true (g_variant_lookup (use, "uses", "t", &uses));
  g_assert_true (g_str_has_suffix (program, "/test-service-files"));
  g_assert_cmpstr (repo, ==, BIG_REPO);
  return uses;
}

static gboolean
has_three_uses (gpointer data)
{
  return get_uses (data) == 3;
}

/* Who got bytes is noted, and known after a restart. */
static void
test_programs (void)
{
  g_autoptr (ServiceFixture) fixture = fixture_with_file ();
  g_autofree char *error_name = NULL;
  g_autoptr (GVariant) pipe = NULL;

  g_assert_cmpuint (get_uses (fixture), ==, 0);
  close (service_fixture_open (fixture, BIG_REPO, BIG_FILE, NULL));
  close (service_fixture_open (fixture, BIG_REPO, "config.json", NULL));
  pipe = service_fixture_call (
      fixture, "ReadRange",
      g_variant_new ("(sstt)", BIG_REPO, BIG_FILE, G_GUINT64_CONSTANT (0), G_GUINT64_CONSTANT (10)),
      &error_name);
  g_assert_cmpstr (error_name, ==, "");
  g_assert_true (mc_test_wait_until (has_three_uses, fixture, 60000));
  mc_test_bus_end_service (fixture->bus, SIGTERM);
  g_assert_cmpuint (get_uses (fixture), ==, 3);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/service-files/large", test_large);
  g_test_add_func ("/service-files/small", test_small);
  g_test_add_func ("/service-files/lease", test_lease);
  g_test_add_func ("/service-files/outlives", test_outlives);
  g_test_add_func ("/service-files/fetch-on-miss", test_fetch_on_miss);
  g_test_add_func ("/service-files/fetch-fails", test_fetch_fails);
  g_test_add_func ("/service-files/has-file", test_has_file);
  g_test_add_func ("/service-files/damage-on-open", test_damage_on_open);
  g_test_add_func ("/service-files/programs", test_programs);
  g_test_add_func ("/service-files/ranges", test_ranges);
  g_test_add_func ("/service-files/readers-leave", test_readers_leave);
  return g_test_run ();
}
