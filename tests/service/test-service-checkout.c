/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "service-fixture.h"

#include "mc-dbus-names.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* Folders with the files of a variant, where there is no folder view and where there is one. */

#define REPO "test/pair"
#define SIZE 6000000
#define SMALL 300000

typedef struct
{
  char *folder;
  char *lease;
  GVariant *details;
} Place;

static void
place_clear (Place *place)
{
  g_clear_pointer (&place->folder, g_free);
  g_clear_pointer (&place->lease, g_free);
  g_clear_pointer (&place->details, g_variant_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Place, place_clear)

static ServiceFixture *
make_fixture (void)
{
  static const McTestRepoFacts facts = { .license = "mit" };
  ServiceFixture *fixture = service_fixture_new (NULL);

  mc_test_hub_add_repo (fixture->hub, REPO, &facts);
  mc_test_hub_add_file (fixture->hub, REPO, "config.json", "{}\n", 3, FALSE);
  mc_test_hub_add_generated (fixture->hub, REPO, "onnx/model.onnx", SMALL, 3);
  mc_test_hub_add_generated (fixture->hub, REPO, "onnx/model.onnx_data", SIZE, 4);
  g_free (service_fixture_download (fixture, REPO, "", "done"));
  return fixture;
}

static GVariant *
arguments (void)
{
  return g_variant_new ("(ss@a{sv})", REPO, "", service_options ());
}

static void
check_out (ServiceFixture *fixture, Place *place)
{
  g_autofree char *error_name = NULL;
  g_autoptr (GVariant) value =
      service_fixture_call (fixture, "Checkout", arguments (), &error_name);

  g_assert_cmpstr (error_name, ==, "");
  g_variant_get (value, "(so@a{sv})", &place->folder, &place->lease, &place->details);
}

static const char *
get_kind (const Place *place)
{
  const char *kind;

  g_assert_true (g_variant_lookup (place->details, "kind", "&s", &kind));
  return kind;
}

static void
assert_file (const Place *place, const char *path, guint32 seed, guint64 size)
{
  g_autofree char *whole = g_build_filename (place->folder, path, NULL);
  int fd = g_open (whole, O_RDONLY | O_CLOEXEC, 0);

  g_assert_cmpint (fd, >=, 0);
  service_assert_generated (fd, seed, 0, size);
  close (fd);
}

static void
assert_all (const Place *place)
{
  g_autofree char *config = g_build_filename (place->folder, "config.json", NULL);
  g_autofree char *text = NULL;

  assert_file (place, "onnx/model.onnx", 3, SMALL);
  assert_file (place, "onnx/model.onnx_data", 4, SIZE);
  g_assert_true (g_file_get_contents (config, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "{}\n");
}

static gboolean
is_gone (gpointer data)
{
  return g_access (data, F_OK) != 0;
}

static void
release (ServiceFixture *fixture, const Place *place)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply G_GNUC_UNUSED = g_dbus_connection_call_sync (
      fixture->connection, MC_DBUS_NAME, place->lease, mc_dbus_lease_interface_info ()->name,
      "Release", NULL, NULL, G_DBUS_CALL_FLAGS_NONE, 60000, NULL, &error);

  g_assert_no_error (error);
}

static void
configure (ServiceFixture *fixture, const char *text)
{
  g_autofree char *error_name = NULL;
  g_autoptr (GVariant) changes =
      g_variant_ref_sink (g_variant_parse (NULL, text, NULL, NULL, NULL));
  g_autoptr (GVariant) value G_GNUC_UNUSED =
      service_fixture_call (fixture, "Configure", g_variant_new ("(@a{sv})", changes), &error_name);

  g_assert_cmpstr (error_name, ==, "");
}

static void
assert_in_order (ServiceFixture *fixture)
{
  g_autofree char *error_name = NULL;
  g_autoptr (GVariant) value = service_fixture_call (
      fixture, "CheckStore", g_variant_new ("(@a{sv})", service_options ()), &error_name);
  g_autoptr (GVariant) findings = g_variant_get_child_value (value, 0);

  g_assert_cmpuint (g_variant_n_children (findings), ==, 0);
}

/* It is there while it is leased, which keeps the files from deletion, too. */
static void
test_lease (void)
{
  g_autoptr (ServiceFixture) fixture = make_fixture ();
  g_auto (Place) place = { NULL };
  struct stat info;
  g_autofree char *path = NULL;

  check_out (fixture, &place);
  g_assert_cmpstr (get_kind (&place), ==, "copy");
  assert_all (&place);
  path = g_build_filename (place.folder, "onnx", "model.onnx_data", NULL);
  g_assert_cmpint (stat (path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0400);
  assert_in_order (fixture);
  service_fixture_expect_error (fixture, "Delete", arguments (), "InUse");
  release (fixture, &place);
  g_assert_true (mc_test_wait_until (is_gone, place.folder, 60000));
}

/* Two have the same bytes once, and neither needs the other afterwards. */
static void
test_twice (void)
{
  g_autoptr (ServiceFixture) fixture = make_fixture ();
  g_auto (Place) first = { NULL };
  g_auto (Place) second = { NULL };
  g_autofree char *path = NULL;
  struct stat info;

  check_out (fixture, &first);
  check_out (fixture, &second);
  g_assert_cmpstr (first.folder, !=, second.folder);
  path = g_build_filename (second.folder, "onnx", "model.onnx_data", NULL);
  g_assert_cmpint (stat (path, &info), ==, 0);
  g_assert_cmpint (info.st_nlink, ==, 2);
  release (fixture, &first);
  g_assert_true (mc_test_wait_until (is_gone, first.folder, 60000));
  assert_all (&second);
}

/* What is open as a copy already is copied from there. */
static void
test_beside_open (void)
{
  g_autoptr (ServiceFixture) fixture = make_fixture ();
  g_auto (Place) place = { NULL };
  int fd = service_fixture_open (fixture, REPO, "onnx/model.onnx_data", NULL);

  check_out (fixture, &place);
  assert_all (&place);
  service_assert_generated (fd, 4, 0, SIZE);
  close (fd);
}

static void
test_client_dies (void)
{
  g_autoptr (ServiceFixture) fixture = make_fixture ();
  g_autoptr (GDBusConnection) guest = mc_test_bus_connect (fixture->bus);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      guest, MC_DBUS_NAME, MC_DBUS_PATH, mc_dbus_manager_interface_info ()->name, "Checkout",
      arguments (), NULL, G_DBUS_CALL_FLAGS_NONE, 60000, NULL, &error);
  g_autofree char *folder = NULL;

  g_assert_no_error (error);
  g_variant_get_child (reply, 0, "s", &folder);
  g_assert_cmpint (g_access (folder, F_OK), ==, 0);
  g_dbus_connection_close_sync (guest, NULL, NULL);
  g_assert_true (mc_test_wait_until (is_gone, folder, 60000));
}

/* The next service removes what is left; an orderly end leaves nothing. */
static void
test_service_ends (gconstpointer data)
{
  int how = GPOINTER_TO_INT (data);
  g_autoptr (ServiceFixture) fixture = make_fixture ();
  g_auto (Place) place = { NULL };

  check_out (fixture, &place);
  mc_test_bus_end_service (fixture->bus, how);
  g_assert_cmpint (g_access (place.folder, F_OK), ==, how == SIGKILL ? 0 : -1);
  assert_in_order (fixture);
  g_assert_true (mc_test_wait_until (is_gone, place.folder, 60000));
}

static void
test_budget (void)
{
  g_autoptr (ServiceFixture) fixture = make_fixture ();
  g_auto (Place) place = { NULL };
  g_auto (Place) again = { NULL };

  configure (fixture, "{'copies-limit': <uint64 6000000>}");
  service_fixture_expect_error (fixture, "Checkout", arguments (), "NoSpace");
  configure (fixture, "{'copies-limit': <uint64 7000000>}");
  check_out (fixture, &place);
  /* A second one takes no space; a copy of its own does. */
  check_out (fixture, &again);
  service_fixture_expect_error (
      fixture, "OpenFile",
      g_variant_new ("(ss@a{sv})", REPO, "onnx/model.onnx_data", service_options ()), "NoSpace");
  release (fixture, &place);
  release (fixture, &again);
  close (service_fixture_open (fixture, REPO, "onnx/model.onnx_data", NULL));
}

/* There is a view, or a reason why not. */
static gboolean
is_shown_or_told (gpointer data)
{
  McDbusManager *manager = data;
  const char *folder = mc_dbus_manager_get_mounted_folder (manager);
  const char *problem = mc_dbus_manager_get_mount_problem (manager);

  return (folder != NULL && folder[0] != '\0') || (problem != NULL && problem[0] != '\0');
}

static void
test_view (void)
{
  g_autoptr (ServiceFixture) fixture = make_fixture ();
  g_autofree char *folder = g_strconcat (fixture->folder, ".view", NULL);
  g_autofree char *settings = g_strdup_printf ("{'mount': <true>, 'mount-folder': <'%s'>}", folder);
  g_autofree char *expected = g_build_filename (folder, REPO, NULL);
  g_autoptr (McDbusManager) manager = NULL;
  g_auto (Place) place = { NULL };

  manager = mc_dbus_manager_proxy_new_sync (fixture->connection, G_DBUS_PROXY_FLAGS_NONE,
                                            MC_DBUS_NAME, MC_DBUS_PATH, NULL, NULL);
  configure (fixture, settings);
  g_assert_true (mc_test_wait_until (is_shown_or_told, manager, 60000));
  if (mc_dbus_manager_get_mounted_folder (manager)[0] == '\0')
    {
      g_test_skip ("FUSE cannot be had here");
      return;
    }
  check_out (fixture, &place);
  g_assert_cmpstr (get_kind (&place), ==, "view");
  g_assert_cmpstr (place.folder, ==, expected);
  assert_all (&place);
  service_fixture_expect_error (fixture, "Delete", arguments (), "InUse");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/service-checkout/lease", test_lease);
  g_test_add_func ("/service-checkout/twice", test_twice);
  g_test_add_func ("/service-checkout/beside-open", test_beside_open);
  g_test_add_func ("/service-checkout/client-dies", test_client_dies);
  g_test_add_data_func ("/service-checkout/ended", GINT_TO_POINTER (SIGTERM), test_service_ends);
  g_test_add_data_func ("/service-checkout/killed", GINT_TO_POINTER (SIGKILL), test_service_ends);
  g_test_add_func ("/service-checkout/budget", test_budget);
  g_test_add_func ("/service-checkout/view", test_view);
  return g_test_run ();
}
