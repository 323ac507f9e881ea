/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "service-fixture.h"

#include "mc-dbus-names.h"

#include <errno.h>
#include <ftw.h>
#include <gio/gunixfdlist.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define CALL_MS 60000
/* However large the file and slow the disk: whether it ends at all is what is tested. */
#define END_MS (10 * 60 * 1000)
#define BLOCK (1024 * 1024)

static int
remove_entry (const char *path, const struct stat *info, int type, struct FTW *place)
{
  return g_remove (path);
}

ServiceFixture *
service_fixture_new (const char *const *environment)
{
  ServiceFixture *self = g_new0 (ServiceFixture, 1);
  const char *parent = g_getenv ("MC_TESTS_BUILDDIR");
  g_autofree char *template =
      g_build_filename (parent == NULL ? g_get_tmp_dir () : parent, "data-XXXXXX", NULL);
  g_autoptr (GStrvBuilder) variables = g_strv_builder_new ();
  g_auto (GStrv) list = NULL;
  g_autoptr (GError) error = NULL;

  self->hub = mc_test_hub_new ();
  mc_test_hub_set_token (self->hub, SERVICE_TOKEN);
  self->folder = g_strdup (g_mkdtemp (template));
  g_assert_nonnull (self->folder);
  {
    g_autofree char *endpoint = g_strconcat ("HF_ENDPOINT=", mc_test_hub_get_url (self->hub), NULL);
    g_autofree char *data = g_strconcat ("MODEL_CACHE_DATA_DIR=", self->folder, NULL);

    /* What a sanitizer finds in the service would not be seen by the test otherwise. */
    g_autofree char *address = g_strdup_printf (
        "ASAN_OPTIONS=%s:log_path=%s.asan",
        g_getenv ("ASAN_OPTIONS") == NULL ? "" : g_getenv ("ASAN_OPTIONS"), self->folder);

    g_strv_builder_add_many (variables, endpoint, data, address, "HF_TOKEN=" SERVICE_TOKEN,
                             "MC_RETRY_BASE_MS=10", "G_DEBUG=fatal-criticals", NULL);
  }
  for (guint i = 0; environment != NULL && environment[i] != NULL; i++)
    g_strv_builder_add (variables, environment[i]);
  list = g_strv_builder_end (variables);
  self->bus = mc_test_bus_new (g_getenv ("MC_SERVICE"), (const char *const *) list);
  self->connection = mc_test_bus_connect (self->bus);
  self->manager =
      mc_dbus_manager_proxy_new_sync (self->connection,
                                      G_DBUS_PROXY_FLAGS_DO_NOT_LOAD_PROPERTIES
                                          | G_DBUS_PROXY_FLAGS_DO_NOT_AUTO_START_AT_CONSTRUCTION,
                                      MC_DBUS_NAME, MC_DBUS_PATH, NULL, &error);
  g_assert_no_error (error);
  g_dbus_proxy_set_default_timeout (G_DBUS_PROXY (self->manager), END_MS);
  return self;
}

static void
assert_no_findings (ServiceFixture *self)
{
  g_autofree char *parent = g_path_get_dirname (self->folder);
  g_autofree char *name = g_path_get_basename (self->folder);
  g_autofree char *prefix = g_strconcat (name, ".asan", NULL);
  g_autoptr (GDir) dir = g_dir_open (parent, 0, NULL);
  const char *entry;

  while ((entry = g_dir_read_name (dir)) != NULL)
    if (g_str_has_prefix (entry, prefix))
      {
        g_autofree char *path = g_build_filename (parent, entry, NULL);
        g_autofree char *text = NULL;

        g_file_get_contents (path, &text, NULL, NULL);
        g_test_message ("%s", text);
        g_test_fail ();
      }
}

void
service_fixture_free (ServiceFixture *self)
{
  g_clear_object (&self->manager);
  g_clear_object (&self->connection);
  mc_test_bus_free (self->bus);
  assert_no_findings (self);
  mc_test_hub_assert_token_kept (self->hub);
  mc_test_hub_free (self->hub);
  nftw (self->folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
  g_free (self->folder);
  g_free (self);
}

void
service_fixture_add_big (ServiceFixture *self, guint64 size)
{
  static const McTestRepoFacts facts = { .task = "text-generation", .license = "mit" };

  mc_test_hub_hash_generated (size, BIG_SEED);
  mc_test_hub_add_repo (self->hub, BIG_REPO, &facts);
  mc_test_hub_add_file (self->hub, BIG_REPO, "config.json", "{}\n", 3, FALSE);
  mc_test_hub_add_generated (self->hub, BIG_REPO, BIG_FILE, size, BIG_SEED);
}

GVariant *
service_options (void)
{
  return g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0);
}

GVariant *
service_fixture_call (ServiceFixture *self,
                      const char *method,
                      GVariant *arguments,
                      char **error_name)
{
  g_autoptr (GError) error = NULL;
  /* By the name of the service, not by the proxy: that keeps the owner it saw last, and would still
   * talk to a service that is ending. */
  GVariant *value = g_dbus_connection_call_sync (
      self->connection, MC_DBUS_NAME, MC_DBUS_PATH, mc_dbus_manager_interface_info ()->name, method,
      arguments, NULL, G_DBUS_CALL_FLAGS_NONE, CALL_MS, NULL, &error);

  *error_name = g_strdup ("");
  if (value == NULL)
    {
      g_autofree char *remote = g_dbus_error_get_remote_error (error);

      g_free (*error_name);
      *error_name = g_strdup (remote != NULL && g_str_has_prefix (remote, MC_DBUS_ERROR_PREFIX)
                                  ? remote + strlen (MC_DBUS_ERROR_PREFIX)
                                  : error->message);
    }
  return value;
}

void
service_fixture_expect_error (ServiceFixture *self,
                              const char *method,
                              GVariant *arguments,
                              const char *error_name)
{
  g_autofree char *found = NULL;
  g_autoptr (GVariant) value G_GNUC_UNUSED = service_fixture_call (self, method, arguments, &found);

  g_assert_cmpstr (found, ==, error_name);
}

McDbusTransfer *
service_fixture_watch (ServiceFixture *self, const char *path)
{
  g_autoptr (GError) error = NULL;
  McDbusTransfer *transfer = mc_dbus_transfer_proxy_new_sync (
      self->connection, G_DBUS_PROXY_FLAGS_GET_INVALIDATED_PROPERTIES, MC_DBUS_NAME, path, NULL,
      &error);

  g_assert_no_error (error);
  return transfer;
}

typedef struct
{
  McDbusTransfer *transfer;
  const char *state;
} Expected;

static gboolean
has_state (gpointer data)
{
  Expected *expected = data;

  return g_strcmp0 (mc_dbus_transfer_get_state (expected->transfer), expected->state) == 0;
}

void
service_wait_for_state (McDbusTransfer *transfer, const char *state, guint timeout_ms)
{
  Expected expected = { transfer, state };

  if (!mc_test_wait_until (has_state, &expected, timeout_ms))
    g_test_message ("%s: %s", mc_dbus_transfer_get_error (transfer),
                    mc_dbus_transfer_get_message (transfer));
  g_assert_cmpstr (mc_dbus_transfer_get_state (transfer), ==, state);
}

char *
service_fixture_download (ServiceFixture *self,
                          const char *repo,
                          const char *variant,
                          const char *expected_state)
{
  g_autofree char *error_name = NULL;
  g_autoptr (GVariant) value = service_fixture_call (
      self, "Download", g_variant_new ("(ss@a{sv})", repo, variant, service_options ()),
      &error_name);
  g_autoptr (McDbusTransfer) transfer = NULL;
  char *path;

  g_assert_cmpstr (error_name, ==, "");
  g_variant_get (value, "(o)", &path);
  transfer = service_fixture_watch (self, path);
  service_wait_for_state (transfer, expected_state, END_MS);
  return path;
}

char *
service_fixture_get_status (ServiceFixture *self,
                            const char *repo,
                            const char *variant,
                            guint64 *downloaded)
{
  g_autofree char *error_name = NULL;
  g_autoptr (GVariant) value =
      service_fixture_call (self, "GetManifest", g_variant_new ("(s)", repo), &error_name);
  g_autoptr (GVariant) manifest = NULL;
  g_autoptr (GVariant) variants = NULL;

  g_assert_cmpstr (error_name, ==, "");
  manifest = g_variant_get_child_value (value, 0);
  variants = g_variant_lookup_value (manifest, "variants", G_VARIANT_TYPE ("aa{sv}"));
  for (gsize i = 0; i < g_variant_n_children (variants); i++)
    {
      g_autoptr (GVariant) row = g_variant_get_child_value (variants, i);
      const char *key;
      const char *status;

      g_assert_true (g_variant_lookup (row, "key", "&s", &key));
      if (strcmp (key, variant) != 0)
        continue;
      g_assert_true (g_variant_lookup (row, "status", "&s", &status));
      if (downloaded != NULL)
        g_assert_true (g_variant_lookup (row, "downloaded", "t", downloaded));
      return g_strdup (status);
    }
  g_assert_not_reached ();
}

int
service_fixture_open (ServiceFixture *self, const char *repo, const char *path, char **lease)
{
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GError) error = NULL;
  /* By the name, as in service_fixture_call(). */
  g_autoptr (GVariant) reply = g_dbus_connection_call_with_unix_fd_list_sync (
      self->connection, MC_DBUS_NAME, MC_DBUS_PATH, mc_dbus_manager_interface_info ()->name,
      "OpenFile", g_variant_new ("(ss@a{sv})", repo, path, service_options ()), NULL,
      G_DBUS_CALL_FLAGS_NONE, END_MS, NULL, &fds, NULL, &error);
  gint32 handle;
  int fd;

  g_assert_no_error (error);
  g_variant_get_child (reply, 0, "h", &handle);
  fd = g_unix_fd_list_get (fds, handle, &error);
  g_assert_no_error (error);
  if (lease != NULL)
    g_variant_get_child (reply, 1, "o", lease);
  return fd;
}

void
service_assert_generated (int fd, guint32 seed, guint64 offset, guint64 length)
{
  g_autofree guint8 *expected = g_malloc (BLOCK);
  g_autofree guint8 *found = g_malloc (BLOCK);

  while (length > 0)
    {
      gsize wanted = (gsize) MIN (length, BLOCK);
      gsize filled = 0;

      while (filled < wanted)
        {
          gssize n = read (fd, found + filled, wanted - filled);

          if (n < 0 && errno == EINTR)
            continue;
          g_assert_cmpint (n, >, 0);
          filled += (gsize) n;
        }
      mc_test_hub_generate (seed, offset, expected, wanted);
      g_assert_cmpint (memcmp (found, expected, wanted), ==, 0);
      offset += wanted;
      length -= wanted;
    }
  g_assert_cmpint (read (fd, found, 1), ==, 0);
}

/* In the other process; its exit status. */
static int
read_mapped (int fd, guint32 seed, guint64 size)
{
  const guint8 *bytes = mmap (NULL, size, PROT_READ, MAP_SHARED, fd, 0);
  guint8 expected[64];
  guint64 offset = 12345;

  if (bytes == MAP_FAILED)
    return 1;
  for (guint i = 0; i < 200; i++)
    {
      offset = (offset * 2654435761u + 7919) % (size - sizeof expected);
      mc_test_hub_generate (seed, offset, expected, sizeof expected);
      if (memcmp (bytes + offset, expected, sizeof expected) != 0)
        return 2;
    }
  return 0;
}

void
service_assert_mapped_elsewhere (int fd, guint32 seed, guint64 size)
{
  pid_t child = fork ();
  int status;

  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    _exit (read_mapped (fd, seed, size));
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
}
