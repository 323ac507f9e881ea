/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-service-private.h"

#include "mc-dbus-error.h"

#include <gio/gunixfdlist.h>
#include <unistd.h>

/* OpenVariant: the files of a variant as descriptors, some at a time. */

/* Descriptors in a message: more than 253 would have the bus throw the service out. */
#define PAGE 12

typedef struct
{
  McVariantCall base;
  guint64 page;
  guint first; /* of the page, in the files */
  guint n;
  guint pending;        /* copies that are being made */
  int fds[PAGE];        /* (owned): -1 until it is opened */
  McCopy *opened[PAGE]; /* (owned) (nullable) */
  GError *error;        /* (owned) (nullable): the first one */
} Opening;

/* What one file's answer is for. */
typedef struct
{
  Opening *opening;
  guint place; /* in the page */
} Slot;

static void
opening_free_more (McVariantCall *call)
{
  Opening *opening = (Opening *) call;

  for (guint i = 0; i < opening->n; i++)
    {
      if (opening->fds[i] >= 0)
        close (opening->fds[i]);
      g_clear_pointer (&opening->opened[i], mc_copy_unref);
    }
  g_clear_error (&opening->error);
}

static McFile *
get_file (Opening *opening, guint place)
{
  return g_ptr_array_index (opening->base.files, opening->first + place);
}

static guint
count_pages (Opening *opening)
{
  return (opening->base.files->len + PAGE - 1) / PAGE;
}

static GVariant *
describe (Opening *opening)
{
  McVariantCall *call = &opening->base;
  g_auto (GVariantBuilder) dict = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  GVariantBuilder files;

  g_variant_builder_init (&files, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < opening->n; i++)
    g_variant_builder_add_value (
        &files, mc_service_describe_copy (get_file (opening, i), opening->opened[i], TRUE));
  mc_service_add (&dict, "variant", "s", call->variant->key);
  mc_service_add (&dict, "count", "u", call->files->len);
  mc_service_add (&dict, "size", "t", mc_files_total_size (call->files));
  mc_service_add (&dict, "page", "u", (guint) opening->page);
  mc_service_add (&dict, "pages", "u", count_pages (opening));
  mc_service_add_value (&dict, "files", g_variant_builder_end (&files));
  return g_variant_builder_end (&dict);
}

/* The list takes the descriptors. */
static GVariant *
list_files (Opening *opening, GUnixFDList **fds)
{
  GVariantBuilder files;

  g_variant_builder_init (&files, G_VARIANT_TYPE ("a{sh}"));
  for (guint i = 0; i < opening->n; i++)
    {
      g_variant_builder_add (&files, "{sh}", get_file (opening, i)->path, (gint32) i);
    }
  *fds = g_unix_fd_list_new_from_array (opening->fds, (int) opening->n);
  for (guint i = 0; i < opening->n; i++)
    opening->fds[i] = -1;
  return g_variant_builder_end (&files);
}

static void
answer (Opening *opening)
{
  McVariantCall *call = &opening->base;
  GPtrArray *kept = g_ptr_array_new_with_free_func ((GDestroyNotify) mc_copy_unref);
  g_autoptr (GVariant) details = g_variant_ref_sink (describe (opening));
  g_autoptr (GUnixFDList) fds = NULL;
  g_autofree char *lease = NULL;
  GError *error = NULL;
  GVariant *files;

  for (guint i = 0; i < opening->n; i++)
    g_ptr_array_add (kept, g_steal_pointer (&opening->opened[i]));
  lease = mc_variant_call_lease (call, opening->first, opening->n, kept, &error);
  if (lease == NULL)
    {
      mc_variant_call_fail (call, error);
      return;
    }
  mc_service_note_program (call->service, call->invocation, call->manifest->repo);
  files = list_files (opening, &fds);
  g_dbus_method_invocation_return_value_with_unix_fd_list (
      g_steal_pointer (&call->invocation), g_variant_new ("(@a{sh}o@a{sv})", files, lease, details),
      fds);
  mc_variant_call_free (call);
}

static void
on_copied (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Slot *slot = user_data;
  Opening *opening = slot->opening;
  GError *error = NULL;

  opening->fds[slot->place] = mc_copies_open_finish (opening->base.service->copies, result,
                                                     &opening->opened[slot->place], &error);
  if (error != NULL)
    g_prefix_error (&error, "%s: ", get_file (opening, slot->place)->path);
  if (error != NULL && opening->error == NULL)
    opening->error = g_steal_pointer (&error);
  g_clear_error (&error);
  if (--opening->pending > 0)
    return;
  if (opening->error != NULL)
    mc_variant_call_fail (&opening->base, g_steal_pointer (&opening->error));
  else
    answer (opening);
}

static void
open_files (McVariantCall *call)
{
  Opening *opening = (Opening *) call;

  if (opening->page >= MAX (count_pages (opening), 1))
    {
      mc_variant_call_fail (call, g_error_new (MC_ERROR, MC_ERROR_INVALID_NAME,
                                               "%s has %u pages, counted from 0",
                                               call->variant->key, count_pages (opening)));
      return;
    }
  opening->first = (guint) opening->page * PAGE;
  opening->n = MIN (call->files->len - opening->first, PAGE);
  opening->pending = opening->n;
  for (guint i = 0; i < opening->n; i++)
    opening->fds[i] = -1;
  if (opening->n == 0)
    {
      answer (opening);
      return;
    }
  for (guint i = 0; i < opening->n; i++)
    {
      Slot *slot = g_new0 (Slot, 1);
      McFile *file = get_file (opening, i);

      slot->opening = opening;
      slot->place = i;
      mc_copies_open_async (call->service->copies, &file->digest, file->size, on_copied, slot);
    }
}

static gboolean
on_open_variant (McDbusManager *manager,
                 GDBusMethodInvocation *invocation,
                 GUnixFDList *fds,
                 const char *repo,
                 const char *variant,
                 GVariant *options,
                 gpointer user_data)
{
  Opening *opening;
  guint64 page;
  GError *error = NULL;

  if (!mc_service_get_number (options, "page", &page, &error))
    {
      mc_dbus_error_return (invocation, error);
      return TRUE;
    }
  opening = g_new0 (Opening, 1);
  opening->page = page;
  opening->base.go = open_files;
  opening->base.free_more = opening_free_more;
  mc_variant_call_begin (&opening->base, user_data, invocation, repo, variant, options);
  return TRUE;
}

void
mc_service_connect_open_variant (McService *self)
{
  g_signal_connect (self->manager, "handle-open-variant", G_CALLBACK (on_open_variant), self);
}
