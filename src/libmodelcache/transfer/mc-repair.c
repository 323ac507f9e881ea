/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-downloader-private.h"

#include "mc-error.h"

/* What becomes of damage. Whoever meets it, a reader or a verification, the chunks that are wrong
 * are dropped, and a transfer of its own fetches them again by their ranges; everything else stays.
 * Without a network it waits, as every transfer does. */

typedef struct
{
  McDownloader *owner; /* (owned) */
  McDigest digest;
} Looking;

/* A file of a scanned repo that has the content. */
static McFile *
find_source (McStore *store, const McDigest *digest, guint64 size, McLibraryRepo **source)
{
  GPtrArray *repos = mc_store_get_repos (store);

  for (guint i = 0; i < repos->len; i++)
    {
      McLibraryRepo *repo = g_ptr_array_index (repos, i);

      for (guint j = 0; j < repo->manifest->files->len; j++)
        {
          McFile *file = g_ptr_array_index (repo->manifest->files, j);

          if (file->size != size || !mc_digest_equal (&file->digest, digest))
            continue;
          *source = repo;
          return file;
        }
    }
  return NULL;
}

static void
begin_repair (McDownloader *self, McLibraryRepo *repo, McFile *file)
{
  McTransfer *earlier = mc_downloader_find (self, MC_TRANSFER_REPAIR, repo->id, "", file->path);
  g_autoptr (GPtrArray) files = g_ptr_array_new ();

  g_ptr_array_add (files, file);
  g_info ("Repairing %s of %s", file->path, repo->manifest->repo);
  if (earlier == NULL)
    mc_downloader_add (self, mc_transfer_new (MC_TRANSFER_REPAIR, repo->id, repo->manifest, "",
                                              file->path, files));
  /* One that is paused stays so: somebody wants it. */
  else if (earlier->state == MC_TRANSFER_FAILED && earlier->files->len > 0)
    mc_downloader_set_state (self, earlier, MC_TRANSFER_QUEUED, NULL);
  mc_downloader_schedule (self);
}

void
mc_downloader_repair (McDownloader *self, const McDigest *digest)
{
  const McContent *content = mc_store_get_content (self->store, digest);
  McLibraryRepo *repo = NULL;
  McFile *file;

  if (self->stopping || !mc_store_is_damaged (self->store, digest) || content->suspect
      || mc_downloader_is_fetching (self, digest))
    return;
  file = content->holders == 0 ? NULL : find_source (self->store, digest, content->size, &repo);
  if (file != NULL)
    begin_repair (self, repo, file);
  else
    g_info (
        "A damaged content stays as it is: nobody asked for it, or no repo is known to have it");
}

static void
on_looked_at (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Looking *looking = user_data;
  g_autoptr (McDownloader) self = looking->owner;
  g_autoptr (GError) error = NULL;
  gboolean good;

  if (!mc_store_check_finish (MC_STORE (source), result, &good, &error))
    g_info ("Damage was not looked at: %s", error->message);
  else if (!good)
    mc_downloader_repair (self, &looking->digest);
  g_free (looking);
  self->changes--;
  mc_downloader_emit_content_changed (self);
  mc_downloader_schedule (self);
  mc_downloader_check_stop (self);
}

void
mc_downloader_look_at_damage (McDownloader *self, const McDigest *digest)
{
  Looking *looking = g_new (Looking, 1);

  looking->owner = g_object_ref (self);
  looking->digest = *digest;
  self->changes++;
  mc_downloader_emit_content_changed (self);
  mc_store_check_async (self->store, digest, g_get_real_time () / G_USEC_PER_SEC, NULL,
                        self->looking, on_looked_at, looking);
}
