/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-view-fuse.h"

#include "mc-error.h"
#include "mc-sandbox.h"

/* Where it was built without libfuse there is no view, and nothing that is called of one. */

McViewFuse *
mc_view_fuse_new (McStore *store,
                  const char *folder,
                  void (*gone) (gpointer user_data),
                  gpointer user_data,
                  GError **error)
{
  g_set_error_literal (
      error, MC_ERROR, MC_ERROR_STORE,
      mc_sandbox_is_flatpak ()
          ? "A Flatpak cannot mount a folder: “mcache checkout” makes one of plain copies"
          : "This Model Cache was built without FUSE, which the folder needs");
  return NULL;
}

void
mc_view_fuse_free (McViewFuse *self)
{
  g_assert_not_reached ();
}

void
mc_view_fuse_show (McViewFuse *self, McViewTree *tree)
{
  g_assert_not_reached ();
}

void
mc_view_fuse_offer (McViewFuse *self, guint64 number, const McDigest *digest, guint64 size)
{
  g_assert_not_reached ();
}

void
mc_view_fuse_withdraw (McViewFuse *self, guint64 number)
{
  g_assert_not_reached ();
}
