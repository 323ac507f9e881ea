/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "service-fixture.h"

#include <gio/gunixfdlist.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* How much memory the service takes while it downloads a large file, while it hands the file out in
 * both ways and downloads another, and while it downloads as many at once as it ever does. */

#define SIZE (G_GUINT64_CONSTANT (4) * 1000 * 1000 * 1000)
#define SECOND_SIZE (G_GUINT64_CONSTANT (1) * 1000 * 1000 * 1000)
#define SECOND_FILE "second-Q4_0.gguf"
#define SECOND_SEED 2
#define ROOM (G_GUINT64_CONSTANT (11) * 1000 * 1000 * 1000)
#define LIMIT_KIB (64 * 1024)
#define MANY 8
#define MANY_SEED 100
#define END_MS 600000
#define MANY_SIZE (G_GUINT64_CONSTANT (150) * 1000 * 1000)

static guint64
read_status (GPid pid, const char *field)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/status", (int) pid);
  g_autofree char *text = NULL;
  const char *line;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  line = strstr (text, field);
  g_assert_nonnull (line);
  return g_ascii_strtoull (line + strlen (field), NULL, 10);
}

static gpointer
read_range (gpointer data)
{
  ServiceFixture *fixture = data;
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GVariant) handle = NULL;
  g_autoptr (GError) error = NULL;
  int fd;

  mc_dbus_manager_call_read_range_sync (fixture->manager, BIG_REPO, BIG_FILE, 0, 0, NULL, &handle,
                                        &fds, NULL, &error);
  g_assert_no_error (error);
  fd = g_unix_fd_list_get (fds, g_variant_get_handle (handle), &error);
  g_assert_no_error (error);
  service_assert_generated (fd, BIG_SEED, 0, SIZE);
  close (fd);
  return NULL;
}

static void
test_memory (void)
{
  g_autoptr (ServiceFixture) fixture = service_fixture_new (NULL);
  g_autofree char *error_name = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autoptr (GVariant) value = NULL;
  struct statvfs info;
  GThread *reader;
  guint64 start;
  guint64 after_download;
  guint64 peak;
  GPid pid;
  int fd;

  g_assert_cmpint (statvfs (fixture->folder, &info), ==, 0);
  if ((guint64) info.f_bavail * info.f_frsize < ROOM)
    {
      g_test_skip ("11 GB of disk space are needed");
      return;
    }
  service_fixture_add_big (fixture, SIZE);
  mc_test_hub_hash_generated (SECOND_SIZE, SECOND_SEED);
  mc_test_hub_add_repo (fixture->hub, "test/second", &(McTestRepoFacts){ .task = NULL });
  mc_test_hub_add_generated (fixture->hub, "test/second", SECOND_FILE, SECOND_SIZE, SECOND_SEED);
  value = service_fixture_call (fixture, "Usage", NULL, &error_name);
  g_assert_cmpstr (error_name, ==, "");
  pid = mc_test_bus_get_service_pid (fixture->bus);
  start = read_status (pid, "VmRSS:");

  first = service_fixture_download (fixture, BIG_REPO, "", "done");
  after_download = read_status (pid, "VmHWM:");

  reader = g_thread_new ("reader", read_range, fixture);
  second = service_fixture_download (fixture, "test/second", "", "done");
  fd = service_fixture_open (fixture, BIG_REPO, BIG_FILE, NULL);
  service_assert_generated (fd, BIG_SEED, 0, SIZE);
  close (fd);
  g_thread_join (reader);
  peak = read_status (pid, "VmHWM:");
  g_assert_cmpint (mc_test_bus_get_service_pid (fixture->bus), ==, pid);

  g_test_message ("resident at the start %.1f MiB; highest beyond it: %.1f MiB while it downloaded "
                  "4 GB, %.1f MiB while it handed them out twice and downloaded 1 GB",
                  (double) start / 1024, (double) (after_download - start) / 1024,
                  (double) (peak - start) / 1024);
  g_assert_cmpuint (peak - start, <, LIMIT_KIB);
}

static GVariant *
call (ServiceFixture *fixture, const char *method, GVariant *arguments)
{
  g_autofree char *error_name = NULL;
  GVariant *value = service_fixture_call (fixture, method, arguments, &error_name);

  g_assert_cmpstr (error_name, ==, "");
  return value;
}

static McDbusTransfer *
begin_one (ServiceFixture *fixture, guint i)
{
  static const McTestRepoFacts facts = { .license = "mit" };
  g_autofree char *repo = g_strdup_printf ("test/one-of-many-%u", i);
  g_autoptr (GVariant) value = NULL;
  const char *path;

  mc_test_hub_hash_generated (MANY_SIZE, MANY_SEED + i);
  mc_test_hub_add_repo (fixture->hub, repo, &facts);
  mc_test_hub_add_generated (fixture->hub, repo, "model-Q4_0.gguf", MANY_SIZE, MANY_SEED + i);
  value = call (fixture, "Download", g_variant_new ("(ss@a{sv})", repo, "", service_options ()));
  g_variant_get (value, "(&o)", &path);
  return service_fixture_watch (fixture, path);
}

static void
test_many (void)
{
  g_autoptr (ServiceFixture) fixture = service_fixture_new (NULL);
  g_autofree char *settings = g_strdup_printf ("({'active-transfers': <uint32 %u>},)", MANY);
  g_autoptr (GVariant) value G_GNUC_UNUSED =
      call (fixture, "Configure", g_variant_new_parsed (settings));
  GPid pid = mc_test_bus_get_service_pid (fixture->bus);
  guint64 start = read_status (pid, "VmRSS:");
  McDbusTransfer *transfers[MANY];
  guint64 peak;

  for (guint i = 0; i < MANY; i++)
    transfers[i] = begin_one (fixture, i);
  for (guint i = 0; i < MANY; i++)
    {
      service_wait_for_state (transfers[i], "done", END_MS);
      g_object_unref (transfers[i]);
    }
  peak = read_status (pid, "VmHWM:");
  g_test_message ("highest beyond the start while it downloaded %u files at once: %.1f MiB", MANY,
                  (double) (peak - start) / 1024);
  g_assert_cmpuint (peak - start, <, LIMIT_KIB);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/service/memory/large", test_memory);
  g_test_add_func ("/service/memory/many", test_many);
  return g_test_run ();
}
