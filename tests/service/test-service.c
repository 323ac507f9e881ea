/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "service-fixture.h"

#include "mc-dbus-names.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

/* Repos, transfers and the life of the service, over the bus. */

#define ONNX "sample/tiny-chat-onnx"
#define GGUF "sample/tiny-chat-GGUF"
#define STORAGE_OF_BIG "storage:" BIG_REPO "/" BIG_FILE

static GVariant *
text_and_options (const char *text)
{
  return g_variant_new ("(s@a{sv})", text, service_options ());
}

static GVariant *
two_and_options (const char *first, const char *second)
{
  return g_variant_new ("(ss@a{sv})", first, second, service_options ());
}

static void
test_names_of_errors (void)
{
  g_autoptr (ServiceFixture) fixture = service_fixture_new (NULL);
  g_autofree char *long_name = g_strnfill (5000, 'a');
  static const char *const bad_names[] = {
    "", "/", "a/b/c/d", "../../etc/passwd", "datasets/a/b", "a\nb/c", "https://evil.test/a/b"
  };

  mc_test_hub_add_samples (fixture->hub);
  for (guint i = 0; i < G_N_ELEMENTS (bad_names); i++)
    {
      g_test_message ("%s", bad_names[i]);
      service_fixture_expect_error (fixture, "Scan", text_and_options (bad_names[i]),
                                    "InvalidName");
    }
  service_fixture_expect_error (fixture, "Scan", text_and_options (long_name), "InvalidName");
  service_fixture_expect_error (fixture, "Scan", text_and_options ("nobody/nothing"), "NotFound");
  service_fixture_expect_error (fixture, "Download", two_and_options ("nobody/nothing", ""),
                                "NotFound");
  service_fixture_expect_error (fixture, "GetManifest", g_variant_new ("(s)", ONNX), "NotScanned");
  service_fixture_expect_error (fixture, "Plan", two_and_options (ONNX, ""), "NotScanned");
  service_fixture_expect_error (fixture, "OpenFile", two_and_options (ONNX, "config.json"),
                                "NotScanned");
  service_fixture_expect_error (fixture, "Download", two_and_options (ONNX, "no-such"),
                                "UnknownVariant");
  /* The failed download scanned it. */
  service_fixture_expect_error (fixture, "Plan", two_and_options (ONNX, "16"), "UnknownVariant");
  service_fixture_expect_error (fixture, "Plan", two_and_options (ONNX, "Q4F16:"),
                                "UnknownVariant");
  service_fixture_expect_error (fixture, "OpenFile", two_and_options (ONNX, "config.json"),
                                "NotDownloaded");
  service_fixture_expect_error (fixture, "OpenFile", two_and_options (ONNX, "../../etc/passwd"),
                                "UnknownFile");
  service_fixture_expect_error (fixture, "DownloadFile", two_and_options (ONNX, ""), "UnknownFile");
  service_fixture_expect_error (fixture, "DownloadFile", two_and_options (ONNX, "/etc/passwd"),
                                "UnknownFile");
  service_fixture_expect_error (fixture, "Verify", two_and_options (ONNX, ""), "NotDownloaded");
  service_fixture_expect_error (fixture, "Delete", two_and_options (ONNX, "q4"), "NotDownloaded");
  service_fixture_expect_error (fixture, "Download", two_and_options ("sample/gated-chat", ""),
                                "Gated");
}

static void
test_options (void)
{
  g_autoptr (ServiceFixture) fixture = service_fixture_new (NULL);
  g_autofree char *error_name = NULL;
  g_autoptr (GVariant) value = NULL;
  GVariantBuilder unknown;
  GVariantBuilder wrong;

  mc_test_hub_add_samples (fixture->hub);
  g_variant_builder_init (&unknown, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&unknown, "{sv}", "no-such-option", g_variant_new_string ("x"));
  value = service_fixture_call (fixture, "Scan", g_variant_new ("(sa{sv})", ONNX, &unknown),
                                &error_name);
  g_assert_cmpstr (error_name, ==, "");
  g_variant_builder_init (&wrong, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&wrong, "{sv}", "revision", g_variant_new_uint32 (1));
  service_fixture_expect_error (fixture, "Scan", g_variant_new ("(sa{sv})", ONNX, &wrong),
                                "InvalidName");
}

static void
test_no_network (void)
{
  static const char *const environment[] = { "HF_ENDPOINT=http://127.0.0.1:1", NULL };
  g_autoptr (ServiceFixture) fixture = service_fixture_new (environment);

  service_fixture_expect_error (fixture, "Scan", text_and_options ("a/b"), "Network");
  service_fixture_expect_error (fixture, "Search", text_and_options ("a"), "Network");
  service_fixture_expect_error (fixture, "Download", two_and_options ("a/b", ""), "Network");
}

static void
test_bad_endpoint (void)
{
  static const char *const environment[] = { "HF_ENDPOINT=ftp://example.test", NULL };
  g_autoptr (ServiceFixture) fixture = service_fixture_new (environment);
  g_autofree char *error_name = NULL;
  g_autoptr (GVariant) value = service_fixture_call (fixture, "Usage", NULL, &error_name);

  /* It cannot start, and the bus says so at once. */
  g_assert_null (value);
}

/* --- repos as objects --- */

static void
test_objects (void)
{
  g_autoptr (ServiceFixture) fixture = service_fixture_new (NULL);
  g_autoptr (GDBusObjectManager) objects = NULL;
  g_autoptr (McDbusRepo) repo = NULL;
  g_autoptr (GDBusInterface) found = NULL;
  g_autofree char *error_name = NULL;
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GError) error = NULL;
  const char *path;

  mc_test_hub_add_samples (fixture->hub);
  value = service_fixture_call (fixture, "Scan", text_and_options ("hf.co/" ONNX ":q4f16"),
                                &error_name);
  g_assert_cmpstr (error_name, ==, "");
  g_variant_get (value, "(&o)", &path);
  objects = mc_dbus_object_manager_client_new_sync (fixture->connection,
                                                    G_DBUS_OBJECT_MANAGER_CLIENT_FLAGS_NONE,
                                                    MC_DBUS_NAME, MC_DBUS_PATH, NULL, &error);
  g_assert_no_error (error);
  found = g_dbus_object_manager_get_interface (objects, path, "com.tabagent.ModelCache1.Repo");
  g_assert_nonnull (found);
  repo = MC_DBUS_REPO (g_steal_pointer (&found));
  g_assert_cmpstr (mc_dbus_repo_get_id (repo), ==, ONNX);
  g_assert_cmpstr (mc_dbus_repo_get_revision (repo), ==, "main");
  g_assert_cmpuint (strlen (mc_dbus_repo_get_commit (repo)), ==, 40);
  g_assert_cmpstr (mc_dbus_repo_get_default_variant (repo), ==, "onnx:q8");
  g_assert_cmpuint (g_variant_n_children (mc_dbus_repo_get_variants (repo)), ==, 6);
}

/* --- repos in short --- */

typedef struct
{
  GVariant *repo; /* (owned) (nullable): what was told last */
  gboolean removed;
} News;

static void
on_repo_changed (McDbusManager *manager, const char *path, GVariant *repo, gpointer data)
{
  News *news = data;

  g_clear_pointer (&news->repo, g_variant_unref);
  news->repo = g_variant_ref (repo);
}

static void
on_repo_removed (McDbusManager *manager, const char *path, gpointer data)
{
  ((News *) data)->removed = TRUE;
}

static guint
get_count (GVariant *repo, const char *key)
{
  guint32 count = G_MAXUINT32;

  g_variant_lookup (repo, key, "u", &count);
  return count;
}

static gboolean
is_told_of_one (gpointer data)
{
  News *news = data;

  return news->repo != NULL && get_count (news->repo, "downloaded") == 1;
}

static gboolean
is_told_of_removal (gpointer data)
{
  return ((News *) data)->removed;
}

static GVariant *
list_one (ServiceFixture *fixture)
{
  g_autofree char *error_name = NULL;
  g_autoptr (GVariant) value = service_fixture_call (
      fixture, "ListRepos", g_variant_new ("(@a{sv})", service_options ()), &error_name);
  g_autoptr (GVariant) repos = NULL;

  g_assert_cmpstr (error_name, ==, "");
  repos = g_variant_get_child_value (value, 0);
  g_assert_cmpuint (g_variant_n_children (repos), ==, 1);
  return g_variant_get_child_value (repos, 0);
}

static void
test_in_short (void)
{
  g_autoptr (ServiceFixture) fixture = service_fixture_new (NULL);
  g_autofree char *error_name = NULL;
  g_autofree char *path = NULL;
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GVariant) repo = NULL;
  g_autoptr (GVariant) transfers = NULL;
  g_auto (GStrv) paths = NULL;
  News news = { NULL, FALSE };

  mc_test_hub_add_samples (fixture->hub);
  g_signal_connect (fixture->manager, "repo-changed", G_CALLBACK (on_repo_changed), &news);
  g_signal_connect (fixture->manager, "repo-removed", G_CALLBACK (on_repo_removed), &news);
  value = service_fixture_call (fixture, "Scan", text_and_options (ONNX), &error_name);
  g_assert_cmpstr (error_name, ==, "");
  repo = list_one (fixture);
  g_assert_cmpuint (get_count (repo, "variants"), ==, 6);
  g_assert_cmpuint (get_count (repo, "downloaded"), ==, 0);
  path = service_fixture_download (fixture, ONNX, "q4", "done");
  g_assert_true (mc_test_wait_until (is_told_of_one, &news, 10000));
  g_clear_pointer (&error_name, g_free);
  transfers = service_fixture_call (fixture, "ListTransfers",
                                    g_variant_new ("(@a{sv})", service_options ()), &error_name);
  g_variant_get (transfers, "(^ao)", &paths);
  g_assert_cmpuint (g_strv_length (paths), ==, 1);
  g_assert_cmpstr (paths[0], ==, path);
  g_clear_pointer (&error_name, g_free);
  g_variant_unref (
      service_fixture_call (fixture, "Delete", two_and_options (ONNX, ""), &error_name));
  g_assert_true (mc_test_wait_until (is_told_of_removal, &news, 10000));
  g_variant_unref (news.repo);
}

static void
test_token_stays (void)
{
  g_autoptr (ServiceFixture) fixture = service_fixture_new (NULL);
  g_autofree char *error_name = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GVariant) name = service_fixture_call (fixture, "WhoAmI", NULL, &error_name);
  g_autoptr (GVariant) properties = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (error_name, ==, "");
  g_assert_nonnull (name);
  properties = g_dbus_connection_call_sync (
      fixture->connection, MC_DBUS_NAME, MC_DBUS_PATH, "org.freedesktop.DBus.Properties", "GetAll",
      g_variant_new ("(s)", "com.tabagent.ModelCache1.Manager"), NULL, G_DBUS_CALL_FLAGS_NONE,
      10000, NULL, &error);
  g_assert_no_error (error);
  text = g_variant_print (properties, FALSE);
  g_assert_nonnull (strstr (text, "'SignedIn': <true>"));
  g_assert_null (strstr (text, SERVICE_TOKEN));
}

/* --- transfers --- */

static void
on_finished (
    McDbusTransfer *transfer, guint result, const char *error, const char *message, gpointer data)
{
  GString *ends = data;

  g_string_append_printf (ends, "%u %s %s\n", result, error, mc_dbus_transfer_get_state (transfer));
}

static gboolean
is_filled (gpointer data)
{
  return ((GString *) data)->len > 0;
}

/* Signals that were sent before the last answer are given out. */
static void
drain (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

/* The signal comes right after the property: exactly one of them. */
static void
assert_one_end (GString *ends, const char *expected)
{
  g_assert_true (mc_test_wait_until (is_filled, ends, 10000));
  drain ();
  g_assert_cmpstr (ends->str, ==, expected);
}

static char *
begin (ServiceFixture *fixture, const char *repo, const char *variant)
{
  g_autofree char *error_name = NULL;
  g_autoptr (GVariant) value =
      service_fixture_call (fixture, "Download", two_and_options (repo, variant), &error_name);
  char *path;

  g_assert_cmpstr (error_name, ==, "");
  g_variant_get (value, "(o)", &path);
  return path;
}

static void
test_download (void)
{
  g_autoptr (ServiceFixture) fixture = service_fixture_new (NULL);
  g_autoptr (GString) ends = g_string_new (NULL);
  g_autoptr (McDbusTransfer) transfer = NULL;
  g_autofree char *first = NULL;
  g_autofree char *joined = NULL;
  g_autofree char *again = NULL;
  g_autofree char *during = NULL;
  g_autofree char *after = NULL;
  guint64 downloaded;

  service_fixture_add_big (fixture, 30000000);
  mc_test_hub_set_rate (fixture->hub, 20000000);
  first = begin (fixture, BIG_REPO, "");
  transfer = service_fixture_watch (fixture, first);
  g_signal_connect (transfer, "finished", G_CALLBACK (on_finished), ends);
  joined = begin (fixture, BIG_REPO, "gguf:Q4_0");
  g_assert_cmpstr (joined, ==, first);
  during = service_fixture_get_status (fixture, BIG_REPO, "gguf:Q4_0", NULL);
  g_assert_cmpstr (during, ==, "downloading");
  service_wait_for_state (transfer, "done", 60000);
  after = service_fixture_get_status (fixture, BIG_REPO, "gguf:Q4_0", &downloaded);
  g_assert_cmpstr (after, ==, "downloaded");
  g_assert_cmpuint (downloaded, ==, 30000003);
  g_assert_cmpuint (mc_dbus_transfer_get_verified (transfer), ==, 30000003);
  /* A second one finds everything and ends as well. */
  again = service_fixture_download (fixture, BIG_REPO, "", "done");
  assert_one_end (ends, "0  done\n");
  g_assert_cmpuint (mc_test_hub_count (fixture->hub, STORAGE_OF_BIG), >=, 1);
}

static void
test_failure (void)
{
  g_autoptr (ServiceFixture) fixture = service_fixture_new (NULL);
  g_autofree char *path = NULL;
  g_autofree char *failed = NULL;
  g_autofree char *healed = NULL;
  g_autoptr (McDbusTransfer) transfer = NULL;
  g_autoptr (GString) ends = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  service_fixture_add_big (fixture, 12000000);
  mc_test_hub_script (fixture->hub, STORAGE_OF_BIG, MC_TEST_FLIP_BYTE, 7000000, 1);
  path = service_fixture_download (fixture, BIG_REPO, "", "failed");
  transfer = service_fixture_watch (fixture, path);
  g_assert_cmpstr (mc_dbus_transfer_get_error (transfer), ==, "Corrupt");
  g_assert_nonnull (strstr (mc_dbus_transfer_get_message (transfer), BIG_FILE));
  failed = service_fixture_get_status (fixture, BIG_REPO, "gguf:Q4_0", NULL);
  g_assert_cmpstr (failed, ==, "failed");
  drain ();
  g_signal_connect (transfer, "finished", G_CALLBACK (on_finished), ends);
  mc_dbus_transfer_call_retry_sync (transfer, NULL, &error);
  g_assert_no_error (error);
  service_wait_for_state (transfer, "done", 60000);
  healed = service_fixture_get_status (fixture, BIG_REPO, "gguf:Q4_0", NULL);
  g_assert_cmpstr (healed, ==, "downloaded");
  assert_one_end (ends, "0  done\n");
}

static GVariant *
discard_option (void)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&builder, "{sv}", "discard", g_variant_new_boolean (TRUE));
  return g_variant_builder_end (&builder);
}

static gboolean
has_chunks (gpointer data)
{
  return mc_dbus_transfer_get_verified (data) > 5000000;
}

static gboolean
has_nothing (gpointer data)
{
  guint64 downloaded;
  g_autofree char *status G_GNUC_UNUSED =
      service_fixture_get_status (data, BIG_REPO, "gguf:Q4_0", &downloaded);

  return downloaded == 0;
}

static void
test_steering (void)
{
  g_autoptr (ServiceFixture) fixture = service_fixture_new (NULL);
  g_autofree char *path = NULL;
  g_autofree char *status = NULL;
  g_autoptr (McDbusTransfer) transfer = NULL;
  g_autoptr (GError) error = NULL;

  service_fixture_add_big (fixture, 100000000);
  mc_test_hub_set_rate (fixture->hub, 20000000);
  path = begin (fixture, BIG_REPO, "");
  transfer = service_fixture_watch (fixture, path);
  g_assert_true (mc_test_wait_until (has_chunks, transfer, 30000));

  mc_dbus_transfer_call_pause_sync (transfer, NULL, &error);
  g_assert_no_error (error);
  service_wait_for_state (transfer, "paused", 10000);
  status = service_fixture_get_status (fixture, BIG_REPO, "gguf:Q4_0", NULL);
  g_assert_cmpstr (status, ==, "available");
  service_fixture_expect_error (fixture, "Delete", two_and_options (BIG_REPO, "gguf:Q4_0"),
                                "InUse");
  mc_dbus_transfer_call_resume_sync (transfer, NULL, &error);
  g_assert_no_error (error);
  service_wait_for_state (transfer, "active", 10000);

  mc_dbus_transfer_call_cancel_sync (transfer, discard_option (), NULL, &error);
  g_assert_no_error (error);
  service_wait_for_state (transfer, "cancelled", 10000);
  g_assert_true (mc_test_wait_until (has_nothing, fixture, 10000));
}

static void
test_restart (void)
{
  g_autoptr (ServiceFixture) fixture = service_fixture_new (NULL);
  g_autofree char *path = NULL;
  guint64 verified;
  g_autoptr (McDbusTransfer) before = NULL;
  g_autoptr (McDbusTransfer) after = NULL;

  service_fixture_add_big (fixture, 60000000);
  mc_test_hub_set_rate (fixture->hub, 20000000);
  path = begin (fixture, BIG_REPO, "");
  before = service_fixture_watch (fixture, path);
  g_assert_true (mc_test_wait_until (has_chunks, before, 30000));
  verified = mc_dbus_transfer_get_verified (before);
  mc_test_bus_end_service (fixture->bus, SIGTERM);

  mc_test_hub_set_rate (fixture->hub, 0);
  after = service_fixture_watch (fixture, path);
  g_assert_cmpuint (mc_dbus_transfer_get_verified (after), >=, verified);
  service_wait_for_state (after, "done", 60000);
}

/* --- the life of the service --- */

static gboolean
is_gone (gpointer data)
{
  return mc_test_bus_get_service_pid (data) == 0;
}

static void
test_idle (void)
{
  static const char *const environment[] = { "MC_IDLE_MS=1000", NULL };
  g_autoptr (ServiceFixture) fixture = service_fixture_new (environment);
  g_autofree char *path = NULL;
  g_autofree char *lease_path = NULL;
  g_autoptr (McDbusLease) lease = NULL;
  g_autoptr (GError) error = NULL;
  int fd;

  service_fixture_add_big (fixture, 12000000);
  mc_test_hub_set_rate (fixture->hub, 10000000);
  /* A download keeps it, though it is far longer than idleness. */
  path = service_fixture_download (fixture, BIG_REPO, "", "done");
  fd = service_fixture_open (fixture, BIG_REPO, BIG_FILE, &lease_path);
  g_assert_false (mc_test_wait_until (is_gone, fixture->bus, 2500));
  lease = mc_dbus_lease_proxy_new_sync (fixture->connection, G_DBUS_PROXY_FLAGS_NONE, MC_DBUS_NAME,
                                        lease_path, NULL, &error);
  g_assert_no_error (error);
  mc_dbus_lease_call_release_sync (lease, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (mc_test_wait_until (is_gone, fixture->bus, 10000));
  /* The descriptor is good for as long as it is open. */
  service_assert_generated (fd, BIG_SEED, 0, 12000000);
  close (fd);
}

static void
test_quit (void)
{
  g_autoptr (ServiceFixture) fixture = service_fixture_new (NULL);
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autoptr (GVariant) quit G_GNUC_UNUSED = service_fixture_call (fixture, "Quit", NULL, &first);
  g_autoptr (GVariant) again = NULL;

  g_assert_cmpstr (first, ==, "");
  g_assert_true (mc_test_wait_until (is_gone, fixture->bus, 10000));
  again = service_fixture_call (fixture, "Usage", NULL, &second);
  g_assert_cmpstr (second, ==, "");
}

static void
on_scan_done (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) value G_GNUC_UNUSED =
      g_dbus_proxy_call_finish (G_DBUS_PROXY (source), result, &error);

  *(char **) data = error == NULL ? g_strdup ("") : g_dbus_error_get_remote_error (error);
}

static gboolean
is_set (gpointer data)
{
  return *(char **) data != NULL;
}

static gboolean
is_asked (gpointer data)
{
  return mc_test_hub_count (data, "/api/models/" ONNX) > 0;
}

/* A silent Hub does not keep a service that should end. */
static void
test_stop_during_scan (void)
{
  g_autoptr (ServiceFixture) fixture = service_fixture_new (NULL);
  g_autofree char *error_name = NULL;

  mc_test_hub_add_samples (fixture->hub);
  mc_test_hub_script (fixture->hub, "/api/models/" ONNX, MC_TEST_SILENT, 0, 0);
  g_dbus_proxy_call (G_DBUS_PROXY (fixture->manager), "Scan", text_and_options (ONNX),
                     G_DBUS_CALL_FLAGS_NONE, 60000, NULL, on_scan_done, &error_name);
  g_assert_true (mc_test_wait_until (is_asked, fixture->hub, 10000));
  mc_test_bus_end_service (fixture->bus, SIGTERM);
  g_assert_true (mc_test_wait_until (is_set, &error_name, 10000));
  g_assert_cmpstr (error_name, ==, MC_DBUS_ERROR_PREFIX "Cancelled");
}

static void
test_delete (void)
{
  g_autoptr (ServiceFixture) fixture = service_fixture_new (NULL);
  g_autofree char *one = NULL;
  g_autofree char *two = NULL;
  g_autofree char *error_name = NULL;
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GVariant) result = NULL;
  guint64 freed;
  guint64 kept;

  mc_test_hub_add_samples (fixture->hub);
  one = service_fixture_download (fixture, ONNX, "q4", "done");
  two = service_fixture_download (fixture, ONNX, "q8", "done");
  value = service_fixture_call (fixture, "Delete", two_and_options (ONNX, "Q4"), &error_name);
  g_assert_cmpstr (error_name, ==, "");
  result = g_variant_get_child_value (value, 0);
  g_assert_true (g_variant_lookup (result, "freed", "t", &freed));
  g_assert_true (g_variant_lookup (result, "kept", "t", &kept));
  g_assert_cmpuint (freed, ==, 13000000);
  g_assert_cmpuint (kept, >, 1000000);
  {
    g_autofree char *gone = service_fixture_get_status (fixture, ONNX, "onnx:q4", NULL);
    g_autofree char *stays = service_fixture_get_status (fixture, ONNX, "onnx:q8", NULL);

    g_assert_cmpstr (gone, ==, "available");
    g_assert_cmpstr (stays, ==, "downloaded");
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/service/names-of-errors", test_names_of_errors);
  g_test_add_func ("/service/options", test_options);
  g_test_add_func ("/service/no-network", test_no_network);
  g_test_add_func ("/service/bad-endpoint", test_bad_endpoint);
  g_test_add_func ("/service/objects", test_objects);
  g_test_add_func ("/service/in-short", test_in_short);
  g_test_add_func ("/service/token-stays", test_token_stays);
  g_test_add_func ("/service/download", test_download);
  g_test_add_func ("/service/failure", test_failure);
  g_test_add_func ("/service/steering", test_steering);
  g_test_add_func ("/service/restart", test_restart);
  g_test_add_func ("/service/idle", test_idle);
  g_test_add_func ("/service/quit", test_quit);
  g_test_add_func ("/service/stop-during-scan", test_stop_during_scan);
  g_test_add_func ("/service/delete", test_delete);
  return g_test_run ();
}
