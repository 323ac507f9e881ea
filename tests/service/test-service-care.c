/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "service-fixture.h"

#include "mc-dbus-names.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* Looking after the store, as clients see it: a catalog that was damaged. */

#define SIZE 12000000

/* Its name goes before it has let go of the store. */
static gboolean
is_gone (gpointer data)
{
  ServiceFixture *fixture = data;
  g_autofree char *path = g_build_filename (fixture->folder, "lock", NULL);
  int fd;
  gboolean free_again;

  if (mc_test_bus_get_service_pid (fixture->bus) != 0)
    return FALSE;
  fd = open (path, O_RDWR | O_CLOEXEC);
  free_again = fd < 0 || flock (fd, LOCK_EX | LOCK_NB) == 0;
  if (fd >= 0)
    close (fd);
  return free_again;
}

static void
end_service (ServiceFixture *fixture)
{
  g_autofree char *error_name = NULL;
  g_autoptr (GVariant) reply = service_fixture_call (fixture, "Quit", NULL, &error_name);

  g_assert_cmpstr (error_name, ==, "");
  g_assert_nonnull (reply);
  g_assert_true (mc_test_wait_until (is_gone, fixture, 60000));
}

static ServiceFixture *
fixture_without_catalog (void)
{
  ServiceFixture *fixture = service_fixture_new (NULL);
  g_autofree char *transfer = NULL;
  g_autofree char *catalog = g_build_filename (fixture->folder, "catalog.db", NULL);

  service_fixture_add_big (fixture, SIZE);
  transfer = service_fixture_download (fixture, BIG_REPO, "", "done");
  end_service (fixture);
  g_assert_true (g_file_set_contents (catalog, "this is no catalog of anything", -1, NULL));
  return fixture;
}

static GVariant *
get_usage (ServiceFixture *fixture, gsize *n_unnamed, gsize *n_aside)
{
  g_autofree char *error_name = NULL;
  g_autoptr (GVariant) reply = service_fixture_call (fixture, "Usage", NULL, &error_name);
  g_autoptr (GVariant) unnamed = NULL;
  g_autoptr (GVariant) aside = NULL;
  GVariant *usage;

  g_assert_cmpstr (error_name, ==, "");
  usage = g_variant_get_child_value (reply, 0);
  unnamed = g_variant_lookup_value (usage, "unnamed", G_VARIANT_TYPE ("aa{sv}"));
  aside = g_variant_lookup_value (usage, "set_aside", G_VARIANT_TYPE ("as"));
  *n_unnamed = g_variant_n_children (unnamed);
  *n_aside = g_variant_n_children (aside);
  return usage;
}

static GVariant *
call (ServiceFixture *fixture, const char *method, GVariant *arguments)
{
  g_autofree char *error_name = NULL;
  g_autoptr (GVariant) reply = service_fixture_call (fixture, method, arguments, &error_name);

  g_assert_cmpstr (error_name, ==, "");
  return g_variant_get_child_value (reply, 0);
}

/* A scan brings the names back, and no byte is fetched again. */
static void
test_names_come_back (void)
{
  g_autoptr (ServiceFixture) fixture = fixture_without_catalog ();
  guint64 sent = mc_test_hub_bytes_sent (fixture->hub, BIG_REPO, BIG_FILE);
  g_autoptr (GVariant) before = NULL;
  g_autoptr (GVariant) after = NULL;
  g_autoptr (GVariant) scanned = NULL;
  g_autoptr (GVariant) deleted = NULL;
  g_autofree char *status = NULL;
  guint64 freed;
  gsize n_unnamed;
  gsize n_aside;
  int fd;

  before = get_usage (fixture, &n_unnamed, &n_aside);
  g_assert_cmpuint (n_unnamed, ==, 2);
  g_assert_cmpuint (n_aside, ==, 1);
  scanned = call (fixture, "Scan", g_variant_new ("(s@a{sv})", BIG_REPO, service_options ()));
  status = service_fixture_get_status (fixture, BIG_REPO, "gguf:Q4_0", NULL);
  g_assert_cmpstr (status, ==, "downloaded");
  fd = service_fixture_open (fixture, BIG_REPO, BIG_FILE, NULL);
  service_assert_generated (fd, BIG_SEED, 0, SIZE);
  close (fd);
  g_assert_cmpuint (mc_test_hub_bytes_sent (fixture->hub, BIG_REPO, BIG_FILE), ==, sent);
  after = get_usage (fixture, &n_unnamed, &n_aside);
  g_assert_cmpuint (n_unnamed, ==, 0);
  /* What people have not removed is still there to be seen. */
  g_assert_cmpuint (n_aside, ==, 1);
  end_service (fixture);
  deleted = call (fixture, "Delete",
                  g_variant_new ("(ss@a{sv})", BIG_REPO, "gguf:Q4_0", service_options ()));
  g_assert_true (g_variant_lookup (deleted, "freed", "t", &freed));
  g_assert_cmpuint (freed, >=, SIZE);
}

static void
test_delete_unnamed (void)
{
  g_autoptr (ServiceFixture) fixture = fixture_without_catalog ();
  g_autoptr (GVariant) planned = NULL;
  g_autoptr (GVariant) done = NULL;
  g_autoptr (GVariant) usage = NULL;
  GVariantBuilder options;
  guint64 would_free;
  guint64 freed;
  guint64 stored;
  gsize n_unnamed;
  gsize n_aside;

  g_variant_builder_init (&options, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&options, "{sv}", "dry_run", g_variant_new_boolean (TRUE));
  planned =
      call (fixture, "DeleteUnnamed", g_variant_new ("(@a{sv})", g_variant_builder_end (&options)));
  done = call (fixture, "DeleteUnnamed", g_variant_new ("(@a{sv})", service_options ()));
  g_assert_true (g_variant_lookup (planned, "freed", "t", &would_free));
  g_assert_true (g_variant_lookup (done, "freed", "t", &freed));
  g_assert_cmpuint (freed, >=, SIZE);
  g_assert_cmpuint (freed, ==, would_free);
  usage = get_usage (fixture, &n_unnamed, &n_aside);
  g_assert_true (g_variant_lookup (usage, "stored", "t", &stored));
  g_assert_cmpuint (stored, ==, 0);
  g_assert_cmpuint (n_unnamed, ==, 0);
}

/* A service whose store may be moved, and a folder with room for both places. */
static ServiceFixture *
fixture_with_home (char **parent)
{
  g_autofree char *data_home = NULL;
  g_autofree char *variable = NULL;
  const char *environment[3] = { "MODEL_CACHE_DATA_DIR=", NULL, NULL };

  *parent = g_dir_make_tmp ("mc-care-XXXXXX", NULL);
  data_home = g_build_filename (*parent, "home", NULL);
  variable = g_strconcat ("XDG_DATA_HOME=", data_home, NULL);
  environment[1] = variable;
  return service_fixture_new (environment);
}

static int
remove_entry (const char *path, const struct stat *info, int type, struct FTW *place)
{
  return remove (path);
}

static char *
get_data_folder (ServiceFixture *fixture)
{
  g_autoptr (McDbusManager) fresh = NULL;
  g_autoptr (GError) error = NULL;

  fresh = mc_dbus_manager_proxy_new_sync (fixture->connection, G_DBUS_PROXY_FLAGS_NONE,
                                          MC_DBUS_NAME, MC_DBUS_PATH, NULL, &error);
  g_assert_no_error (error);
  return mc_dbus_manager_dup_data_folder (fresh);
}

static gboolean
works_again (gpointer data)
{
  g_autofree char *error_name = NULL;
  g_autoptr (GVariant) reply = service_fixture_call (data, "Usage", NULL, &error_name);

  return reply != NULL;
}

/* Its proxy calls the owner of the name that it knows of. */
static gboolean
is_known (gpointer data)
{
  ServiceFixture *fixture = data;
  g_autofree char *known = g_dbus_proxy_get_name_owner (G_DBUS_PROXY (fixture->manager));
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      fixture->connection, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
      "GetNameOwner", g_variant_new ("(s)", MC_DBUS_NAME), G_VARIANT_TYPE ("(s)"),
      G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);
  const char *owner = NULL;

  if (reply != NULL)
    g_variant_get (reply, "(&s)", &owner);
  return owner != NULL && g_strcmp0 (known, owner) == 0;
}

/* Moved while a file is open; then its disk is away, and comes back. */
static void
test_move (void)
{
  g_autofree char *parent = NULL;
  g_autoptr (ServiceFixture) fixture = fixture_with_home (&parent);
  g_autofree char *target = g_build_filename (parent, "other disk", NULL);
  g_autofree char *unplugged = g_build_filename (parent, "unplugged", NULL);
  g_autofree char *downloaded = NULL;
  g_autoptr (GVariant) path = NULL;
  g_autoptr (McDbusTransfer) transfer = NULL;
  g_autofree char *folder = NULL;
  int before;
  int after;

  service_fixture_add_big (fixture, SIZE);
  downloaded = service_fixture_download (fixture, BIG_REPO, "", "done");
  before = service_fixture_open (fixture, BIG_REPO, BIG_FILE, NULL);
  path = call (fixture, "Move", g_variant_new ("(s@a{sv})", target, service_options ()));
  transfer = service_fixture_watch (fixture, g_variant_get_string (path, NULL));
  service_wait_for_state (transfer, "done", 60000);
  g_assert_cmpstr (mc_dbus_transfer_get_kind (transfer), ==, "move");
  g_assert_cmpstr (mc_dbus_transfer_get_path (transfer), ==, target);
  folder = get_data_folder (fixture);
  g_assert_cmpstr (folder, ==, target);
  after = service_fixture_open (fixture, BIG_REPO, BIG_FILE, NULL);
  service_assert_generated (before, BIG_SEED, 0, SIZE);
  service_assert_generated (after, BIG_SEED, 0, SIZE);
  close (before);
  close (after);
  end_service (fixture);

  g_assert_cmpint (rename (target, unplugged), ==, 0);
  service_fixture_expect_error (fixture, "Usage", NULL, "StoreAbsent");
  service_fixture_expect_error (fixture, "HasFile", g_variant_new ("(ss)", BIG_REPO, BIG_FILE),
                                "StoreAbsent");
  g_assert_false (g_file_test (target, G_FILE_TEST_EXISTS));
  g_assert_cmpint (rename (unplugged, target), ==, 0);
  g_assert_true (mc_test_wait_until (works_again, fixture, 60000));
  g_assert_true (mc_test_wait_until (is_known, fixture, 60000));
  after = service_fixture_open (fixture, BIG_REPO, BIG_FILE, NULL);
  service_assert_generated (after, BIG_SEED, 0, SIZE);
  close (after);
  end_service (fixture);
  nftw (parent, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/service-care/names-come-back", test_names_come_back);
  g_test_add_func ("/service-care/delete-unnamed", test_delete_unnamed);
  g_test_add_func ("/service-care/move", test_move);
  return g_test_run ();
}
