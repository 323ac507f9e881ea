/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-checkout-private.h"
#include "mc-file-stream.h"
#include "mc-repo-private.h"
#include "mc-shared-private.h"

#include "mc-dbus-names.h"
#include "mc-error.h"

#include <errno.h>
#include <gio/gunixfdlist.h>
#include <string.h>
#include <unistd.h>

/* The bytes of files, from descriptors that the service lends. */

static void ask_to_open (McRequest *request, GDBusConnection *bus);
static void ask_to_check_out (McRequest *request, GDBusConnection *bus);

/* --- a lease, and what is read while it lasts --- */

typedef struct
{
  GDBusConnection *bus; /* (owned) */
  char *lease;
  int fd;              /* -1: none */
  GMappedFile *mapped; /* (owned) (nullable) */
} Loan;

static Loan *
loan_new (GDBusConnection *bus, const char *lease)
{
  Loan *loan = g_new0 (Loan, 1);

  loan->bus = g_object_ref (bus);
  loan->lease = g_strdup (lease);
  loan->fd = -1;
  return loan;
}

static void
loan_free (gpointer data)
{
  Loan *loan = data;

  g_dbus_connection_call (loan->bus, MC_DBUS_NAME, loan->lease, "com.tabagent.ModelCache1.Lease",
                          "Release", NULL, NULL, G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, NULL,
                          NULL);
  if (loan->fd >= 0)
    close (loan->fd);
  g_clear_pointer (&loan->mapped, g_mapped_file_unref);
  g_object_unref (loan->bus);
  g_free (loan->lease);
  g_free (loan);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Loan, loan_free)

static gssize
loan_read_at (gpointer data, guint64 offset, void *buffer, gsize count, GError **error)
{
  const Loan *loan = data;
  gssize n;

  do
    n = pread (loan->fd, buffer, count, (off_t) offset);
  while (n < 0 && errno == EINTR);
  if (n > 0)
    return n;
  /* In the folder view what is damaged gives EIO, and a service that ended ENOTCONN. */
  g_set_error (error, MC_ERROR, n < 0 && errno == EIO ? MC_ERROR_CORRUPT : MC_ERROR_STORE,
               "Reading the file: %s", n < 0 ? g_strerror (errno) : "it ends early");
  return -1;
}

static const McFileSource loan_source = { loan_read_at, loan_free };

/* --- opening --- */

/* Whether the caller would rather have it downloaded than be told so. Once. */
static gboolean
is_to_be_fetched (McRequest *request, const GError *error)
{
  return request->fetch
         && (g_error_matches (error, MC_ERROR, MC_ERROR_NOT_DOWNLOADED)
             || g_error_matches (error, MC_ERROR, MC_ERROR_NOT_SCANNED));
}

/* Takes the loan. Copies stay whatever becomes of the lease. */
static void
return_bytes (McRequest *request, Loan *loan, gboolean is_view)
{
  g_autoptr (Loan) kept = loan;
  GError *error = NULL;

  kept->mapped = g_mapped_file_new_from_fd (kept->fd, FALSE, &error);
  if (kept->mapped == NULL)
    mc_request_return_error (request, g_error_new (MC_ERROR, MC_ERROR_STORE, "%s", error->message));
  else if (!is_view || g_mapped_file_get_length (kept->mapped) == 0)
    mc_request_return_pointer (request, g_mapped_file_get_bytes (kept->mapped),
                               (GDestroyNotify) g_bytes_unref);
  else
    {
      const char *contents = g_mapped_file_get_contents (kept->mapped);
      gsize length = g_mapped_file_get_length (kept->mapped);

      mc_request_return_pointer (
          request,
          g_bytes_new_with_free_func (contents, length, loan_free, g_steal_pointer (&kept)),
          (GDestroyNotify) g_bytes_unref);
    }
  g_clear_error (&error);
}

/* Takes the loan. */
static void
return_file (McRequest *request, Loan *loan, GVariant *details)
{
  if (request->kind == MC_REQUEST_OPEN)
    mc_request_return_pointer (
        request, mc_file_stream_new (&loan_source, loan, mc_dict_get_number (details, "size")),
        g_object_unref);
  else
    return_bytes (request, loan, g_strcmp0 (mc_dict_get_text (details, "kind"), "view") == 0);
}

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  McRequest *request = user_data;
  GDBusConnection *bus = G_DBUS_CONNECTION (source);
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GVariant) details = NULL;
  g_autoptr (Loan) loan = NULL;
  GError *error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_with_unix_fd_list_finish (bus, &fds, result, &error);
  const char *lease;
  gint32 handle;

  if (reply != NULL)
    {
      g_variant_get (reply, "(h&o@a{sv})", &handle, &lease, &details);
      loan = loan_new (bus, lease);
      if (fds == NULL)
        error = g_error_new_literal (MC_ERROR, MC_ERROR_FAILED, "The descriptor is missing");
      else
        loan->fd = g_unix_fd_list_get (fds, handle, &error);
    }
  if (error == NULL)
    return_file (request, g_steal_pointer (&loan), details);
  else if (is_to_be_fetched (request, error))
    {
      g_error_free (error);
      request->fetch = FALSE;
      mc_shared_download (request, bus, ask_to_open);
    }
  else
    mc_shared_fail (request, error);
}

static void
ask_to_open (McRequest *request, GDBusConnection *bus)
{
  g_dbus_connection_call_with_unix_fd_list (
      bus, MC_DBUS_NAME, MC_DBUS_PATH, MC_SHARED_MANAGER, "OpenFile",
      g_variant_new ("(ssa{sv})", request->repo, request->name, NULL), G_VARIANT_TYPE ("(hoa{sv})"),
      G_DBUS_CALL_FLAGS_NONE, G_MAXINT, NULL, mc_request_get_cancellable (request), opened_cb,
      request);
}

void
mc_shared_open (McRequest *request, GDBusConnection *bus)
{
  ask_to_open (request, bus);
}

/* --- checking out --- */

static void
return_folder (McRequest *request, GDBusConnection *bus, GVariant *reply)
{
  g_autoptr (GVariant) details = NULL;
  const char *folder;
  const char *lease;
  char **paths = NULL;
  gboolean is_view;

  g_variant_get (reply, "(&s&o@a{sv})", &folder, &lease, &details);
  is_view = g_strcmp0 (mc_dict_get_text (details, "kind"), "view") == 0;
  if (!g_variant_lookup (details, "files", "^as", &paths))
    paths = g_new0 (char *, 1);
  mc_request_return_pointer (
      request, mc_checkout_new (folder, is_view, paths, loan_free, loan_new (bus, lease)),
      g_object_unref);
}

static void
checked_out_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  McRequest *request = user_data;
  GDBusConnection *bus = G_DBUS_CONNECTION (source);
  GError *error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (bus, result, &error);

  if (reply != NULL)
    return_folder (request, bus, reply);
  else if (is_to_be_fetched (request, error))
    {
      g_error_free (error);
      request->fetch = FALSE;
      mc_shared_download (request, bus, ask_to_check_out);
    }
  else
    mc_shared_fail (request, error);
}

static void
ask_to_check_out (McRequest *request, GDBusConnection *bus)
{
  mc_shared_call (
      request, bus, "Checkout",
      g_variant_new ("(ssa{sv})", request->repo, request->name == NULL ? "" : request->name, NULL),
      "(soa{sv})", checked_out_cb);
}

void
mc_shared_checkout (McRequest *request, GDBusConnection *bus)
{
  ask_to_check_out (request, bus);
}
