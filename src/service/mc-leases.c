/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-leases.h"

#include "mc-dbus-error.h"
#include "mc-dbus-generated.h"
#include "mc-dbus-names.h"
#include "mc-error.h"

#include <string.h>

struct _McLeases
{
  McCallers *callers; /* borrowed */
  McObjects *objects; /* borrowed */
  McStore *store;     /* (owned) */
  GPtrArray *leases;  /* (owned): Lease */
  guint64 next;
  void (*changed) (gpointer user_data);
  gpointer user_data;
};

typedef struct
{
  McLeases *owner; /* borrowed */
  char *path;      /* of its object */
  char *holder;
  guint watch;
  GArray *digests; /* (owned): McDigest */
  GPtrArray *kept; /* (owned) (nullable) */
} Lease;

static void
lease_free (gpointer data)
{
  Lease *lease = data;

  mc_callers_unwatch (lease->owner->callers, lease->watch);
  mc_objects_unexport (lease->owner->objects, lease->path);
  for (guint i = 0; i < lease->digests->len; i++)
    {
      const McDigest *digest = &g_array_index (lease->digests, McDigest, i);

      mc_store_note_use (lease->owner->store, digest);
      mc_store_unpin (lease->owner->store, digest);
    }
  g_array_unref (lease->digests);
  g_clear_pointer (&lease->kept, g_ptr_array_unref);
  g_free (lease->path);
  g_free (lease->holder);
  g_free (lease);
}

McLeases *
mc_leases_new (McCallers *callers,
               McObjects *objects,
               McStore *store,
               void (*changed) (gpointer user_data),
               gpointer user_data)
{
  McLeases *self = g_new0 (McLeases, 1);

  self->callers = callers;
  self->objects = objects;
  self->store = g_object_ref (store);
  self->leases = g_ptr_array_new_with_free_func (lease_free);
  self->changed = changed;
  self->user_data = user_data;
  return self;
}

void
mc_leases_free (McLeases *self)
{
  g_ptr_array_unref (self->leases);
  g_object_unref (self->store);
  g_free (self);
}

guint
mc_leases_count (McLeases *self)
{
  return self->leases->len;
}

static void
drop (Lease *lease)
{
  McLeases *self = lease->owner;

  g_ptr_array_remove_fast (self->leases, lease);
  self->changed (self->user_data);
}

static void
on_holder_gone (gpointer user_data)
{
  drop (user_data);
}

static gboolean
on_release (McDbusLease *skeleton, GDBusMethodInvocation *invocation, gpointer user_data)
{
  Lease *lease = user_data;

  if (strcmp (g_dbus_method_invocation_get_sender (invocation), lease->holder) != 0)
    {
      g_dbus_method_invocation_return_error_literal (invocation, MC_ERROR, MC_ERROR_IN_USE,
                                                     "The lease is another client's");
      return TRUE;
    }
  mc_dbus_lease_complete_release (skeleton, invocation);
  drop (lease);
  return TRUE;
}

static guint
count_of (McLeases *self, const char *holder)
{
  guint count = 0;

  for (guint i = 0; i < self->leases->len; i++)
    count += strcmp (((Lease *) g_ptr_array_index (self->leases, i))->holder, holder) == 0;
  return count;
}

static Lease *
make_lease (McLeases *self, const char *holder, GArray *digests, GPtrArray *kept)
{
  Lease *lease = g_new0 (Lease, 1);

  lease->owner = self;
  lease->holder = g_strdup (holder);
  lease->digests = g_array_ref (digests);
  lease->kept = kept;
  lease->path = g_strdup_printf (MC_DBUS_PATH "/lease/%" G_GUINT64_FORMAT, ++self->next);
  for (guint i = 0; i < digests->len; i++)
    {
      mc_store_pin (self->store, &g_array_index (digests, McDigest, i));
      mc_store_note_use (self->store, &g_array_index (digests, McDigest, i));
    }
  return lease;
}

static void export(McLeases *self, Lease *lease, const McLeased *leased)
{
  g_autoptr (McDbusObjectSkeleton) object = mc_dbus_object_skeleton_new (lease->path);
  g_autoptr (McDbusLease) skeleton = mc_dbus_lease_skeleton_new ();

  mc_dbus_lease_set_repo (skeleton, leased->repo);
  mc_dbus_lease_set_variant (skeleton, leased->variant);
  mc_dbus_lease_set_path (skeleton, leased->path);
  mc_dbus_lease_set_holder (skeleton, lease->holder);
  g_signal_connect (skeleton, "handle-release", G_CALLBACK (on_release), lease);
  mc_dbus_object_skeleton_set_lease (object, skeleton);
  mc_objects_export (self->objects, G_DBUS_OBJECT_SKELETON (object));
}

char *
mc_leases_add (
    McLeases *self, const char *holder, const McLeased *leased, GPtrArray *kept, GError **error)
{
  Lease *lease;

  if (count_of (self, holder) >= MC_LEASES_PER_CLIENT)
    {
      g_set_error (error, MC_ERROR, MC_ERROR_BUSY, "This client holds %d leases: release some",
                   MC_LEASES_PER_CLIENT);
      g_clear_pointer (&kept, g_ptr_array_unref);
      return NULL;
    }
  lease = make_lease (self, holder, leased->digests, kept);
  g_ptr_array_add (self->leases, lease);
  export(self, lease, leased);
  /* Also tells at once if the holder left while its file was being made. */
  lease->watch = mc_callers_watch (self->callers, holder, on_holder_gone, lease);
  self->changed (self->user_data);
  return g_strdup (lease->path);
}

void
mc_leases_drop_of (McLeases *self, const char *holder)
{
  for (guint i = self->leases->len; i > 0; i--)
    {
      Lease *lease = g_ptr_array_index (self->leases, i - 1);

      if (strcmp (lease->holder, holder) == 0)
        drop (lease);
    }
}
