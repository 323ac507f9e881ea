/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-service-private.h"

#include "mc-caller-app.h"
#include "mc-dbus-error.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

/* Which programs got bytes of which models. The bus, or the socket, tells a caller's process, /proc
 * what runs there: enough for a person to recognize a program, and no proof of anything. */

#define MOST_NAMES 256 /* of callers whose program is remembered */
#define UNKNOWN "unknown"

typedef struct
{
  McService *service; /* (owned) */
  char *sender;
  char *repo;
} Note;

static void
note_free (Note *note)
{
  mc_service_release (note->service);
  g_object_unref (note->service);
  g_free (note->sender);
  g_free (note->repo);
  g_free (note);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Note, note_free)

/* A Flatpak's id, or the path of what runs. */
static char *
read_program (guint32 pid)
{
  g_autofree char *link = g_strdup_printf ("/proc/%u/exe", pid);
  g_autofree char *app = mc_caller_app_read (pid, -1, NULL);
  char target[PATH_MAX];
  ssize_t length;

  if (app != NULL && g_application_id_is_valid (app))
    return g_steal_pointer (&app);
  length = readlink (link, target, sizeof target - 1);
  if (length <= 0)
    return g_strdup (UNKNOWN);
  target[length] = '\0';
  return g_utf8_make_valid (target, length);
}

static void
pid_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Note) note = user_data;
  McService *self = note->service;
  g_autofree char *program = NULL;
  guint32 pid = mc_callers_find_pid_finish (result, NULL);

  /* Who left at once is gone; the service may be on its way out as well. */
  if (pid == 0 || self->store == NULL || self->quitting)
    return;
  program = read_program (pid);
  mc_store_note_program (self->store, program, note->repo);
  if (g_hash_table_size (self->programs) >= MOST_NAMES)
    g_hash_table_remove_all (self->programs);
  g_hash_table_insert (self->programs, g_strdup (note->sender), g_steal_pointer (&program));
}

void
mc_service_note_program (McService *self, GDBusMethodInvocation *invocation, const char *repo)
{
  const char *sender = g_dbus_method_invocation_get_sender (invocation);
  const char *known = g_hash_table_lookup (self->programs, sender);
  Note *note;

  if (known != NULL)
    {
      mc_store_note_program (self->store, known, repo);
      return;
    }
  note = g_new0 (Note, 1);
  note->service = g_object_ref (self);
  note->sender = g_strdup (sender);
  note->repo = g_strdup (repo);
  mc_service_hold (self);
  mc_callers_find_pid_async (self->callers, sender, pid_cb, note);
}

/* --- ListPrograms --- */

static GVariant *
describe (const McProgramUse *use)
{
  g_auto (GVariantBuilder) dict = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  mc_service_add (&dict, "program", "s", use->program);
  mc_service_add (&dict, "repo", "s", use->repo);
  mc_service_add (&dict, "uses", "t", use->uses);
  mc_service_add (&dict, "last_used", "x", use->last_used);
  return g_variant_builder_end (&dict);
}

typedef struct
{
  McService *service;                /* (owned) */
  GDBusMethodInvocation *invocation; /* (owned), handed over when it is answered */
} Listing;

static void
listed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Listing *listing = user_data;
  g_autoptr (McService) self = listing->service;
  GDBusMethodInvocation *invocation = listing->invocation;
  GError *error = NULL;
  g_autoptr (GPtrArray) uses = mc_store_list_programs_finish (MC_STORE (source), result, &error);
  g_auto (GVariantBuilder) list = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("aa{sv}"));

  for (guint i = 0; uses != NULL && i < uses->len; i++)
    g_variant_builder_add_value (&list, describe (g_ptr_array_index (uses, i)));
  if (uses == NULL)
    mc_dbus_error_return (invocation, error);
  else
    g_dbus_method_invocation_return_value (invocation, g_variant_new ("(aa{sv})", &list));
  mc_service_release (self);
}

static gboolean
on_list_programs (McDbusManager *manager,
                  GDBusMethodInvocation *invocation,
                  GVariant *options,
                  gpointer user_data)
{
  Listing *listing = g_new0 (Listing, 1);

  listing->service = g_object_ref (user_data);
  listing->invocation = invocation;
  mc_service_hold (listing->service);
  mc_store_list_programs_async (listing->service->store, listed_cb, listing);
  return TRUE;
}

void
mc_service_connect_programs (McService *self)
{
  g_signal_connect (self->manager, "handle-list-programs", G_CALLBACK (on_list_programs), self);
}
