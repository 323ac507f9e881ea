/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mcache-fixture.h"

#include "mc-client.h"
#include "mc-dbus-names.h"
#include "mc-error.h"
#include "mc-test-wait.h"

#include <signal.h>

/* McClient sees what the service has, and loses it when the service goes. */

#define LIMIT_MS 30000

typedef struct
{
  McacheFixture mcache;
  McClient *client;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  mcache_set_up (&f->mcache, data);
  /* g_bus_get() looks here when it is first called; each test has a bus of its own. */
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", mc_test_bus_get_address (f->mcache.bus), TRUE);
  mc_client_connect_async (NULL, mc_test_store_result, &result);
  f->client = mc_client_connect_finish (mc_test_await (&result), &error);
  g_assert_no_error (error);
  g_assert_true (mc_client_get_running (f->client));
}

static gboolean
is_gone (gpointer data)
{
  return *(gpointer *) data == NULL;
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  GDBusConnection *bus = mc_client_get_bus (f->client);

  g_object_add_weak_pointer (G_OBJECT (bus), (gpointer *) &bus);
  g_assert_finalize_object (f->client);
  mcache_tear_down (&f->mcache, data);
  /* As long as it lives g_bus_get() makes no new one. */
  g_assert_true (mc_test_wait_until (is_gone, &bus, LIMIT_MS));
}

static gboolean
has_repo (gpointer data)
{
  return g_list_model_get_n_items (mc_client_get_repos (data)) == 2;
}

static gboolean
has_transfer (gpointer data)
{
  return g_list_model_get_n_items (mc_client_get_transfers (data)) == 1;
}

static gboolean
has_ended (gpointer data)
{
  return !mc_client_get_running (data);
}

static void
test_lists (Fixture *f, gconstpointer data)
{
  g_autoptr (McDbusRepo) first = NULL;
  g_autoptr (McDbusRepo) second = NULL;
  g_autoptr (McDbusTransfer) transfer = NULL;

  mcache_assert_works (&f->mcache, "scan", ONNX, NULL);
  mcache_assert_works (&f->mcache, "download", GGUF, "Q4_K_M", NULL);
  g_assert_true (mc_test_wait_until (has_repo, f->client, LIMIT_MS));
  g_assert_true (mc_test_wait_until (has_transfer, f->client, LIMIT_MS));
  first = g_list_model_get_item (mc_client_get_repos (f->client), 0);
  second = g_list_model_get_item (mc_client_get_repos (f->client), 1);
  transfer = g_list_model_get_item (mc_client_get_transfers (f->client), 0);
  g_assert_cmpstr (mc_dbus_repo_get_id (first), ==, ONNX);
  g_assert_cmpstr (mc_dbus_repo_get_id (second), ==, GGUF);
  g_assert_cmpstr (mc_dbus_transfer_get_repo (transfer), ==, GGUF);
}

static void
count (GObject *object, GParamSpec *pspec, guint *n)
{
  (*n)++;
}

/* A service that went leaves empty lists; one that comes back fills them again. */
static void
test_restart (Fixture *f, gconstpointer data)
{
  guint notified = 0;

  mcache_assert_works (&f->mcache, "scan", ONNX, NULL);
  mcache_assert_works (&f->mcache, "scan", GGUF, NULL);
  g_assert_true (mc_test_wait_until (has_repo, f->client, LIMIT_MS));
  g_signal_connect (f->client, "notify::running", G_CALLBACK (count), &notified);
  mc_test_bus_end_service (f->mcache.bus, SIGKILL);
  g_assert_true (mc_test_wait_until (has_ended, f->client, LIMIT_MS));
  g_assert_cmpuint (notified, ==, 1);
  g_assert_cmpuint (g_list_model_get_n_items (mc_client_get_repos (f->client)), ==, 0);
  mcache_assert_works (&f->mcache, "list", NULL);
  g_assert_true (mc_test_wait_until (has_repo, f->client, LIMIT_MS));
  g_assert_true (mc_client_get_running (f->client));
}

/* A call finds the next service, though the proxy has not heard of the end of the last one: nothing
 * was dispatched since. */
static void
test_unheard_end (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *repo = NULL;

  mc_test_bus_end_service (f->mcache.bus, SIGKILL);
  mc_dbus_manager_call_scan_sync (mc_client_get_manager (f->client), ONNX,
                                  g_variant_new ("a{sv}", NULL), &repo, NULL, &error);
  g_assert_no_error (error);
}

typedef struct
{
  guint added;
  guint removed;
} Seen;

static void
on_added (GDBusObjectManager *objects, GDBusObject *object, Seen *seen)
{
  seen->added++;
}

static void
on_removed (GDBusObjectManager *objects, GDBusObject *object, Seen *seen)
{
  seen->removed++;
}

static gboolean
lease_came_and_went (gpointer data)
{
  const Seen *seen = data;

  return seen->added == 1 && seen->removed == 1;
}

/* Objects that are in no list do not disturb them. */
static void
test_lease (Fixture *f, gconstpointer data)
{
  g_autoptr (GDBusObjectManager) objects = NULL;
  g_autoptr (GError) error = NULL;
  Seen seen = { 0, 0 };

  mcache_assert_works (&f->mcache, "download", ONNX, "--file", "config.json", NULL);
  g_assert_true (mc_test_wait_until (has_transfer, f->client, LIMIT_MS));
  objects = mc_dbus_object_manager_client_new_sync (mc_client_get_bus (f->client),
                                                    G_DBUS_OBJECT_MANAGER_CLIENT_FLAGS_NONE,
                                                    MC_DBUS_NAME, MC_DBUS_PATH, NULL, &error);
  g_assert_no_error (error);
  g_signal_connect (objects, "object-added", G_CALLBACK (on_added), &seen);
  g_signal_connect (objects, "object-removed", G_CALLBACK (on_removed), &seen);
  mcache_assert_works (&f->mcache, "open", ONNX, "config.json", "--", "true", NULL);
  g_assert_true (mc_test_wait_until (lease_came_and_went, &seen, LIMIT_MS));
  g_assert_true (has_transfer (f->client));
}

static void
assert_no_transfer (Fixture *f, McError code)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (McDbusTransfer) transfer = NULL;
  g_autoptr (GError) error = NULL;

  mc_client_get_transfer_async (f->client, MC_DBUS_PATH "/transfer/4711", NULL,
                                mc_test_store_result, &result);
  transfer = mc_client_get_transfer_finish (f->client, mc_test_await (&result), &error);
  g_assert_error (error, MC_ERROR, (int) code);
  g_assert_null (transfer);
}

static void
test_no_such_object (Fixture *f, gconstpointer data)
{
  assert_no_transfer (f, MC_ERROR_FAILED);
  mc_test_bus_end_service (f->mcache.bus, SIGKILL);
  assert_no_transfer (f, MC_ERROR_NO_SERVICE);
}

static void
test_object_number (void)
{
  g_assert_cmpuint (mc_client_object_number (MC_DBUS_PATH "/transfer/12"), ==, 12);
  g_assert_cmpuint (mc_client_object_number ("/x"), ==, 0);
  g_assert_cmpuint (mc_client_object_number (""), ==, 0);
  g_assert_cmpuint (mc_client_object_number (NULL), ==, 0);
}

#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  ADD ("/client/lists", test_lists);
  ADD ("/client/service-comes-back", test_restart);
  ADD ("/client/unheard-end", test_unheard_end);
  ADD ("/client/leases-are-in-no-list", test_lease);
  ADD ("/client/no-such-object", test_no_such_object);
  g_test_add_func ("/client/object-number", test_object_number);
  return g_test_run ();
}
