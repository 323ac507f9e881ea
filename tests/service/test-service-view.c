/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "service-fixture.h"

#include "mc-dbus-names.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <unistd.h>

/* The store as a folder. Where FUSE cannot be had, that it says so is all there is to test. */

#define SIZE 12000000
#define SPLIT_REPO "test/split"
#define PAIR_SIZE 400000

typedef struct
{
  ServiceFixture *service;
  char *folder; /* where the view is */
  gboolean mounted;
} Fixture;

static GVariant *
get_property (ServiceFixture *service, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      service->connection, MC_DBUS_NAME, MC_DBUS_PATH, "org.freedesktop.DBus.Properties", "Get",
      g_variant_new ("(ss)", mc_dbus_manager_interface_info ()->name, name), G_VARIANT_TYPE ("(v)"),
      G_DBUS_CALL_FLAGS_NONE, 60000, NULL, &error);
  GVariant *value;

  g_assert_no_error (error);
  g_variant_get (reply, "(v)", &value);
  return value;
}

static char *
get_text (ServiceFixture *service, const char *name)
{
  g_autoptr (GVariant) value = get_property (service, name);

  return g_variant_dup_string (value, NULL);
}

static void
switch_mount (Fixture *f, gboolean on)
{
  g_autofree char *error_name = NULL;
  g_autoptr (GVariant) value = NULL;
  GVariantBuilder changes;

  g_variant_builder_init (&changes, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&changes, "{sv}", "mount", g_variant_new_boolean (on));
  g_variant_builder_add (&changes, "{sv}", "mount-folder", g_variant_new_string (f->folder));
  value = service_fixture_call (f->service, "Configure",
                                g_variant_new ("(@a{sv})", g_variant_builder_end (&changes)),
                                &error_name);
  g_assert_cmpstr (error_name, ==, "");
}

static gboolean
is_settled (gpointer data)
{
  ServiceFixture *service = data;
  g_autofree char *folder = get_text (service, "MountedFolder");
  g_autofree char *problem = get_text (service, "MountProblem");

  return folder[0] != '\0' || problem[0] != '\0';
}

/* One repo whose file is large, and one with folders, whose two files have the same bytes. */
static void
add_repos (ServiceFixture *service)
{
  static const McTestRepoFacts facts = { .license = "mit" };

  service_fixture_add_big (service, SIZE);
  mc_test_hub_add_repo (service->hub, SPLIT_REPO, &facts);
  mc_test_hub_add_file (service->hub, SPLIT_REPO, "config.json", "{}\n", 3, FALSE);
  mc_test_hub_add_generated (service->hub, SPLIT_REPO, "onnx/model.onnx", PAIR_SIZE, 7);
  mc_test_hub_add_generated (service->hub, SPLIT_REPO, "onnx/model.onnx_data", PAIR_SIZE, 8);
  g_free (service_fixture_download (service, BIG_REPO, "", "done"));
  g_free (service_fixture_download (service, SPLIT_REPO, "", "done"));
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autofree char *problem = NULL;

  f->service = service_fixture_new (NULL);
  f->folder = g_strconcat (f->service->folder, ".view", NULL);
  add_repos (f->service);
  switch_mount (f, TRUE);
  g_assert_true (mc_test_wait_until (is_settled, f->service, 60000));
  problem = get_text (f->service, "MountProblem");
  f->mounted = problem[0] == '\0';
  if (!f->mounted)
    {
      g_test_message ("%s", problem);
      g_test_skip ("FUSE cannot be had here");
    }
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  mc_test_bus_end_service (f->service->bus, SIGTERM);
  if (f->mounted)
    /* It was unmounted, and the folder is gone. */
    g_assert_cmpint (g_access (f->folder, F_OK), !=, 0);
  service_fixture_free (f->service);
  g_free (f->folder);
}

static int
open_in (Fixture *f, const char *path)
{
  g_autofree char *whole = g_build_filename (f->folder, path, NULL);

  return g_open (whole, O_RDONLY | O_CLOEXEC, 0);
}

static void
assert_file (Fixture *f, const char *path, guint32 seed, guint64 size)
{
  int fd = open_in (f, path);

  g_test_message ("%s", path);
  g_assert_cmpint (fd, >=, 0);
  service_assert_generated (fd, seed, 0, size);
  close (fd);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static char *
list (Fixture *f, const char *path)
{
  g_autofree char *whole = g_build_filename (f->folder, path, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = g_dir_open (whole, 0, &error);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  g_assert_no_error (error);
  while ((name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  g_ptr_array_add (names, NULL);
  return g_strjoinv (" ", (char **) names->pdata);
}

static void
test_names (Fixture *f, gconstpointer data)
{
  g_autofree char *top = NULL;
  g_autofree char *split = NULL;
  struct stat info;
  g_autofree char *path = g_build_filename (f->folder, BIG_REPO, BIG_FILE, NULL);

  if (!f->mounted)
    return;
  top = list (f, "");
  split = list (f, SPLIT_REPO "/onnx");
  g_assert_cmpstr (top, ==, "models--test--big models--test--split test");
  g_assert_cmpstr (split, ==, "model.onnx model.onnx_data");
  assert_file (f, BIG_REPO "/" BIG_FILE, BIG_SEED, SIZE);
  assert_file (f, SPLIT_REPO "/onnx/model.onnx", 7, PAIR_SIZE);
  g_assert_cmpint (stat (path, &info), ==, 0);
  g_assert_cmpint (info.st_size, ==, SIZE);
  g_assert_cmpint (info.st_mode, ==, S_IFREG | 0444);
}

static void
test_read_only (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->folder, BIG_REPO, BIG_FILE, NULL);
  g_autofree char *beside = g_build_filename (f->folder, BIG_REPO, "new", NULL);
  g_autofree char *again = NULL;
  int fd;

  if (!f->mounted)
    return;
  g_assert_cmpint (g_open (path, O_RDWR, 0), ==, -1);
  g_assert_cmpint (errno, ==, EROFS);
  g_assert_cmpint (g_open (beside, O_WRONLY | O_CREAT, 0600), ==, -1);
  g_assert_cmpint (errno, ==, EROFS);
  g_assert_cmpint (g_unlink (path), ==, -1);
  g_assert_cmpint (g_chmod (path, 0600), ==, -1);
  fd = open_in (f, BIG_REPO "/" BIG_FILE);
  again = g_strdup_printf ("/proc/self/fd/%d", fd);
  g_assert_cmpint (g_open (again, O_RDWR, 0), ==, -1);
  close (fd);
}

/* As huggingface_hub finds a file without asking the Hub: the commit of the revision, the file in
 * its snapshot, which leads to a blob of its hash. */
static void
test_hub_cache (Fixture *f, gconstpointer data)
{
  g_autofree char *cache = g_build_filename (f->folder, "models--test--split", NULL);
  g_autofree char *ref = g_build_filename (cache, "refs", "main", NULL);
  g_autofree char *commit = NULL;
  g_autofree char *link = NULL;
  g_autofree char *target = NULL;
  g_autofree char *snapshot = NULL;
  g_autofree char *blobs = NULL;
  g_autoptr (GError) error = NULL;

  if (!f->mounted)
    return;
  g_file_get_contents (ref, &commit, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (strlen (commit), ==, 40);
  snapshot = g_strconcat ("models--test--split/snapshots/", commit, "/onnx/model.onnx", NULL);
  link = g_build_filename (f->folder, snapshot, NULL);
  target = g_file_read_link (link, &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (target, "../../../blobs/"));
  g_assert_cmpuint (strlen (target), ==, strlen ("../../../blobs/") + 64);
  assert_file (f, snapshot, 7, PAIR_SIZE);
  blobs = list (f, "models--test--split/blobs");
  g_assert_nonnull (strstr (blobs, target + strlen ("../../../blobs/")));
}

static char *
try_delete (Fixture *f)
{
  char *error_name = NULL;
  g_autoptr (GVariant) value G_GNUC_UNUSED = service_fixture_call (
      f->service, "Delete", g_variant_new ("(ss@a{sv})", BIG_REPO, "", service_options ()),
      &error_name);

  return error_name;
}

static gboolean
can_delete (gpointer data)
{
  g_autofree char *error_name = try_delete (data);

  return error_name[0] == '\0';
}

/* What is open, or mapped, is not deleted; what was deleted is not shown. */
static void
test_deletion (Fixture *f, gconstpointer data)
{
  g_autofree char *error_name = NULL;
  g_autofree char *path = g_build_filename (f->folder, BIG_REPO, BIG_FILE, NULL);
  guint8 expected[64];
  guint8 *bytes;
  int fd;

  if (!f->mounted)
    return;
  fd = open_in (f, BIG_REPO "/" BIG_FILE);
  bytes = mmap (NULL, SIZE, PROT_READ, MAP_SHARED, fd, 0);
  g_assert_true (bytes != MAP_FAILED);
  close (fd);
  error_name = try_delete (f);
  g_assert_cmpstr (error_name, ==, "InUse");
  fd = open_in (f, BIG_REPO "/" BIG_FILE);
  service_assert_mapped_elsewhere (fd, BIG_SEED, SIZE);
  close (fd);
  for (guint i = 0; i < 200; i++)
    {
      guint64 offset = (guint64) g_test_rand_int_range (0, SIZE - (int) sizeof expected);

      mc_test_hub_generate (BIG_SEED, offset, expected, sizeof expected);
      g_assert_cmpmem (bytes + offset, sizeof expected, expected, sizeof expected);
    }
  munmap (bytes, SIZE);
  g_assert_true (mc_test_wait_until (can_delete, f, 60000));
  fd = g_open (path, O_RDONLY, 0);
  g_assert_cmpint (fd, ==, -1);
  g_assert_cmpint (errno, ==, ENOENT);
}

/* By the name: the proxy may still talk to a service that is gone. */
static int
open_over_bus (Fixture *f, char **kind)
{
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GVariant) details = NULL;
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GError) error = NULL;
  int fd;

  reply = g_dbus_connection_call_with_unix_fd_list_sync (
      f->service->connection, MC_DBUS_NAME, MC_DBUS_PATH, mc_dbus_manager_interface_info ()->name,
      "OpenFile", g_variant_new ("(ss@a{sv})", BIG_REPO, BIG_FILE, service_options ()), NULL,
      G_DBUS_CALL_FLAGS_NONE, 60000, NULL, &fds, NULL, &error);
  g_assert_no_error (error);
  details = g_variant_get_child_value (reply, 2);
  g_assert_true (g_variant_lookup (details, "kind", "s", kind));
  fd = g_unix_fd_list_get (fds, 0, &error);
  g_assert_no_error (error);
  return fd;
}

/* OpenFile gives a file of the view, which can be opened anew by its path in /proc, and by another
 * process. */
static void
test_open (Fixture *f, gconstpointer data)
{
  g_autofree char *kind = NULL;
  g_autofree char *path = NULL;
  int fd;
  int again;

  if (!f->mounted)
    return;
  fd = open_over_bus (f, &kind);
  g_assert_cmpstr (kind, ==, "view");
  g_assert_cmpint (fcntl (fd, F_GETFD) & FD_CLOEXEC, ==, FD_CLOEXEC);
  service_assert_generated (fd, BIG_SEED, 0, SIZE);
  path = g_strdup_printf ("/proc/self/fd/%d", fd);
  again = g_open (path, O_RDONLY | O_CLOEXEC, 0);
  g_assert_cmpint (again, >=, 0);
  close (fd);
  service_assert_generated (again, BIG_SEED, 0, SIZE);
  close (again);
}

/* A service that ends takes what is open with it: a clear error, and right bytes from the next. */
static void
test_restart (Fixture *f, gconstpointer data)
{
  g_autofree char *kind = NULL;
  g_autofree char *problem = NULL;
  char byte;
  int fd;

  if (!f->mounted)
    return;
  fd = open_over_bus (f, &kind);
  service_assert_mapped_elsewhere (fd, BIG_SEED, SIZE);
  /* What the kernel has it still gives. */
  g_assert_cmpint (posix_fadvise (fd, 0, 0, POSIX_FADV_DONTNEED), ==, 0);
  mc_test_bus_end_service (f->service->bus, GPOINTER_TO_INT (data));
  g_assert_cmpint (pread (fd, &byte, 1, SIZE / 2 + 12345), ==, -1);
  g_assert_cmpint (errno, ==, ENOTCONN);
  close (fd);
  /* The next call starts it again, and it mends what the other left. */
  g_clear_pointer (&kind, g_free);
  fd = open_over_bus (f, &kind);
  problem = get_text (f->service, "MountProblem");
  g_assert_cmpstr (problem, ==, "");
  g_assert_cmpstr (kind, ==, "view");
  service_assert_mapped_elsewhere (fd, BIG_SEED, SIZE);
  close (fd);
  assert_file (f, BIG_REPO "/" BIG_FILE, BIG_SEED, SIZE);
}

static gboolean
is_unmounted (gpointer data)
{
  g_autofree char *problem = get_text (data, "MountProblem");

  return problem[0] != '\0';
}

/* Whoever unmounts it is noticed; OpenFile then gives copies; it can be switched on again. */
static void
test_unmounted (Fixture *f, gconstpointer data)
{
  g_autofree char *kind = NULL;
  g_autofree char *folder = NULL;

  if (!f->mounted)
    return;
  if (umount2 (f->folder, 0) != 0)
    {
      g_test_skip ("Only root may unmount it by itself");
      return;
    }
  g_assert_true (mc_test_wait_until (is_unmounted, f->service, 60000));
  close (open_over_bus (f, &kind));
  g_assert_cmpstr (kind, ==, "copy");
  switch_mount (f, FALSE);
  switch_mount (f, TRUE);
  folder = get_text (f->service, "MountedFolder");
  g_assert_cmpstr (folder, ==, f->folder);
  assert_file (f, BIG_REPO "/" BIG_FILE, BIG_SEED, SIZE);
}

/* What comes while it is mounted is there when its transfer says that it is done. */
static void
test_later (Fixture *f, gconstpointer data)
{
  static const McTestRepoFacts facts = { .license = "mit" };

  if (!f->mounted)
    return;
  mc_test_hub_add_repo (f->service->hub, "test/later", &facts);
  mc_test_hub_add_generated (f->service->hub, "test/later", "later-Q8_0.gguf", PAIR_SIZE, 9);
  g_assert_cmpint (open_in (f, "test/later/later-Q8_0.gguf"), ==, -1);
  g_free (service_fixture_download (f->service, "test/later", "", "done"));
  assert_file (f, "test/later/later-Q8_0.gguf", 9, PAIR_SIZE);
}

static gpointer
read_again_and_again (gpointer data)
{
  Fixture *f = data;

  for (guint i = 0; i < 5; i++)
    assert_file (f, i % 2 == 0 ? BIG_REPO "/" BIG_FILE : SPLIT_REPO "/onnx/model.onnx_data",
                 i % 2 == 0 ? BIG_SEED : 8, i % 2 == 0 ? SIZE : PAIR_SIZE);
  return NULL;
}

static void
test_many (Fixture *f, gconstpointer data)
{
  GThread *threads[8];

  if (!f->mounted)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("reader", read_again_and_again, f);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

static void
expect_refused (Fixture *f, const char *folder)
{
  GVariantBuilder changes;

  g_variant_builder_init (&changes, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&changes, "{sv}", "mount-folder", g_variant_new_string (folder));
  service_fixture_expect_error (f->service, "Configure",
                                g_variant_new ("(@a{sv})", g_variant_builder_end (&changes)),
                                "InvalidName");
}

static void
test_wrong_folders (Fixture *f, gconstpointer data)
{
  g_autofree char *within = g_build_filename (f->service->folder, "view", NULL);
  g_autofree char *above = g_path_get_dirname (f->service->folder);
  g_autofree char *full = g_strconcat (f->service->folder, ".full", NULL);
  g_autofree char *file = g_build_filename (full, "file", NULL);
  g_autofree char *problem = NULL;

  expect_refused (f, "view");
  expect_refused (f, within);
  expect_refused (f, above);
  expect_refused (f, f->service->folder);
  if (!f->mounted)
    return;
  /* Nothing is mounted over what is there. */
  g_assert_cmpint (g_mkdir (full, 0700), ==, 0);
  g_assert_true (g_file_set_contents (file, "", 0, NULL));
  {
    g_autofree char *usual = g_steal_pointer (&f->folder);

    f->folder = g_strdup (full);
    switch_mount (f, TRUE);
    problem = get_text (f->service, "MountProblem");
    g_assert_nonnull (strstr (problem, "not empty"));
    g_free (f->folder);
    f->folder = g_steal_pointer (&usual);
  }
  g_unlink (file);
  g_rmdir (full);
}

#define ADD(path, data, function) g_test_add (path, Fixture, data, set_up, function, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/service-view/names", NULL, test_names);
  ADD ("/service-view/read-only", NULL, test_read_only);
  ADD ("/service-view/hub-cache", NULL, test_hub_cache);
  ADD ("/service-view/deletion", NULL, test_deletion);
  ADD ("/service-view/open-file", NULL, test_open);
  ADD ("/service-view/restart", GINT_TO_POINTER (SIGTERM), test_restart);
  ADD ("/service-view/killed", GINT_TO_POINTER (SIGKILL), test_restart);
  ADD ("/service-view/unmounted", NULL, test_unmounted);
  ADD ("/service-view/later", NULL, test_later);
  ADD ("/service-view/many", NULL, test_many);
  ADD ("/service-view/wrong-folders", NULL, test_wrong_folders);
  return g_test_run ();
}
