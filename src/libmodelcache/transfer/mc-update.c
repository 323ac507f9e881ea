/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-downloader-private.h"

#include "mc-error.h"
#include "mc-repo-ref.h"
#include "mc-task.h"
#include "mc-update-plan.h"

#include <string.h>

/* From one commit of a repo to a newer one. The new one is a repo of its own in the library, named
 * by its commit, until all that is wanted of it is here and verified; till then the old one answers
 * to the name. Then the names are switched, in one transaction, and what was replaced is let go. A
 * crash between any two of these steps is followed by the rest of them at the next start, since the
 * transfer is done only after the last. Its path is the revision that is to be the new one. */

typedef struct
{
  char *variant;
  char *path;
  GPtrArray *files; /* (owned): McFile, borrowed from the manifest */
} Part;

typedef struct
{
  McDownloader *owner;  /* (owned) */
  McTransfer *transfer; /* (owned) */
  McManifest *manifest; /* (owned) (nullable): whose the files are: the library's may be replaced */
  GPtrArray *parts;     /* (owned): of Part */
  guint next;
  gboolean again; /* it has begun before: its parts are only held anew */
} Update;

static void hold_next (Update *self);
static void on_held (GObject *source, GAsyncResult *result, gpointer user_data);
static void drop_next (Update *self);
static void on_dropped (GObject *source, GAsyncResult *result, gpointer user_data);

static void
part_free (gpointer data)
{
  Part *part = data;

  g_clear_pointer (&part->files, g_ptr_array_unref);
  g_free (part->variant);
  g_free (part->path);
  g_free (part);
}

static void
update_free (Update *self)
{
  g_object_unref (self->owner);
  g_object_unref (self->transfer);
  g_ptr_array_unref (self->parts);
  g_clear_pointer (&self->manifest, mc_manifest_unref);
  g_free (self);
}

static gboolean
has_name (McLibraryRepo *repo, McManifest *manifest)
{
  return strcmp (repo->manifest->repo, manifest->repo) == 0
         && strcmp (repo->manifest->endpoint, manifest->endpoint) == 0;
}

/* Whether the row is an earlier state of what the revision named line is to be. */
static gboolean
is_earlier (McLibraryRepo *row, McLibraryRepo *fresh, const char *line)
{
  return row->id != fresh->id && has_name (row, fresh->manifest)
         && strcmp (mc_update_get_line (row->manifest), line) == 0;
}

/* --- what is updated --- */

static gboolean
has_part (GPtrArray *parts, const McHolding *holding)
{
  for (guint i = 0; i < parts->len; i++)
    {
      Part *part = g_ptr_array_index (parts, i);

      if (strcmp (part->variant, holding->variant) == 0 && strcmp (part->path, holding->path) == 0)
        return TRUE;
    }
  return FALSE;
}

static void
add_part (GPtrArray *parts, const McHolding *holding, GPtrArray *files)
{
  Part *part = g_new0 (Part, 1);

  part->variant = g_strdup (holding->variant);
  part->path = g_strdup (holding->path);
  part->files = files;
  g_ptr_array_add (parts, part);
}

/* Of the row: what is meant, and what comes along since it has the same bytes there. What is gone
 * stays where it is. */
static void
add_parts (
    McStore *store, GPtrArray *parts, McLibraryRepo *row, McLibraryRepo *fresh, const char *variant)
{
  g_autoptr (GPtrArray) holdings = mc_store_list_holdings (store, row->id);

  for (guint i = 0; i < holdings->len; i++)
    {
      const McHolding *holding = g_ptr_array_index (holdings, i);
      g_autoptr (GPtrArray) files = NULL;
      McUpdateChange change;

      if (has_part (parts, holding))
        continue;
      change = mc_update_compare (row->manifest, fresh->manifest, holding->variant, holding->path,
                                  &files);
      if (change == MC_UPDATE_SAME
          || (change == MC_UPDATE_CHANGED
              && (variant[0] == '\0' || strcmp (variant, holding->variant) == 0)))
        add_part (parts, holding, g_steal_pointer (&files));
    }
}

static GPtrArray *
list_parts (McStore *store, McLibraryRepo *fresh, const char *variant, const char *line)
{
  GPtrArray *repos = mc_store_get_repos (store);
  GPtrArray *parts = g_ptr_array_new_with_free_func (part_free);

  for (guint i = 0; i < repos->len; i++)
    {
      McLibraryRepo *row = g_ptr_array_index (repos, i);

      if (row->id == fresh->id || is_earlier (row, fresh, line))
        add_parts (store, parts, row, fresh, variant);
    }
  return parts;
}

static gboolean
is_meant (GPtrArray *parts, const char *variant)
{
  for (guint i = 0; i < parts->len; i++)
    if (variant[0] == '\0'
        || strcmp (((Part *) g_ptr_array_index (parts, i))->variant, variant) == 0)
      return TRUE;
  return FALSE;
}

static GPtrArray *
join_files (GPtrArray *parts)
{
  GPtrArray *files = g_ptr_array_new ();

  for (guint i = 0; i < parts->len; i++)
    g_ptr_array_extend (files, ((Part *) g_ptr_array_index (parts, i))->files, NULL, NULL);
  return files;
}

static gboolean
fail_nothing (McManifest *manifest, const char *variant, GError **error)
{
  g_set_error (
      error, MC_ERROR, MC_ERROR_NOT_DOWNLOADED,
      "%s%s%s was not downloaded, or is not on the Hub any more: there is nothing to update",
      manifest->repo, variant[0] == '\0' ? "" : " ", variant);
  return FALSE;
}

GPtrArray *
mc_downloader_list_held_files (McDownloader *self, McLibraryRepo *repo, GError **error)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (part_free);

  add_parts (self->store, parts, repo, repo, "");
  if (parts->len > 0)
    return join_files (parts);
  fail_nothing (repo->manifest, "", error);
  return NULL;
}

/* --- beginning --- */

/* Takes the update and the error. */
static void
end_holding_again (Update *self, GError *error)
{
  McDownloader *owner = self->owner;
  McTransfer *transfer = self->transfer;

  transfer->holding = FALSE;
  owner->changes--;
  if (error != NULL && mc_transfer_state_is_running (transfer->state))
    mc_downloader_stop_for (owner, transfer, error);
  g_clear_error (&error);
  mc_downloader_schedule (owner);
  mc_downloader_check_stop (owner);
  update_free (self);
}

/* Takes the update and the error. */
static void
end_beginning (Update *self, GError *error)
{
  McDownloader *owner = self->owner;

  if (self->again)
    {
      end_holding_again (self, error);
      return;
    }
  owner->changes--;
  if (error == NULL && owner->stopping)
    error = mc_downloader_make_stopping_error ();
  if (error != NULL)
    mc_downloader_give_up (owner, self->transfer, error);
  else
    {
      self->transfer->verified = mc_store_count_committed (owner->store, self->transfer->files);
      mc_downloader_keep (owner, self->transfer);
    }
  g_clear_error (&error);
  mc_downloader_schedule (owner);
  update_free (self);
}

static void
hold_next (Update *self)
{
  Part *part;

  if (self->next == self->parts->len)
    {
      end_beginning (self, NULL);
      return;
    }
  part = g_ptr_array_index (self->parts, self->next);
  mc_store_hold_async (self->owner->store, self->transfer->repo, part->variant, part->path,
                       part->files, on_held, self);
}

static void
on_held (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Update *self = user_data;
  GError *error = NULL;

  if (!mc_store_hold_finish (MC_STORE (source), result, &error))
    {
      end_beginning (self, error);
      return;
    }
  self->next++;
  hold_next (self);
}

static void
on_room_made (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Update *self = user_data;
  GError *error = NULL;

  if (mc_downloader_make_room_finish (self->owner, result, &error))
    hold_next (self);
  else
    end_beginning (self, error);
}

static gboolean
check_parts (
    McDownloader *self, McLibraryRepo *fresh, GPtrArray *parts, const char *variant, GError **error)
{
  g_autoptr (GPtrArray) files = join_files (parts);

  if (is_meant (parts, variant))
    return mc_downloader_check_space (self, files, error);
  return fail_nothing (fresh->manifest, variant, error);
}

/* Takes the parts. */
static void
begin (McDownloader *self,
       GTask *task,
       McLibraryRepo *fresh,
       const char *variant,
       const char *line,
       GPtrArray *parts)
{
  Update *update = g_new0 (Update, 1);
  g_autoptr (GPtrArray) files = join_files (parts);

  update->owner = g_object_ref (self);
  update->manifest = mc_manifest_ref (fresh->manifest);
  update->parts = parts;
  update->transfer = g_object_ref (mc_downloader_list (
      self, task,
      mc_transfer_new (MC_TRANSFER_UPDATE, fresh->id, fresh->manifest, variant, line, files)));
  self->changes++;
  mc_downloader_make_room_async (self, on_room_made, update);
}

void
mc_downloader_update_async (McDownloader *self,
                            gint64 repo,
                            const char *variant,
                            const char *line,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_autoptr (GTask) task =
      mc_task_new (self, NULL, callback, user_data, mc_downloader_update_async);
  McLibraryRepo *fresh = mc_store_get_repo (self->store, repo);
  g_autoptr (GPtrArray) parts = NULL;
  GError *error = NULL;

  if (self->stopping)
    error = mc_downloader_make_stopping_error ();
  else if (fresh == NULL)
    g_set_error_literal (&error, MC_ERROR, MC_ERROR_NOT_SCANNED, "The repo is gone");
  if (error == NULL
      && mc_downloader_join (self, task,
                             mc_downloader_find (self, MC_TRANSFER_UPDATE, repo, variant, line)))
    return;
  if (error == NULL)
    {
      parts = list_parts (self->store, fresh, variant, line);
      check_parts (self, fresh, parts, variant, &error);
    }
  if (error != NULL)
    g_task_return_error (task, error);
  else
    begin (self, task, fresh, variant, line, g_steal_pointer (&parts));
}

void
mc_downloader_hold_update_again (McDownloader *self, McTransfer *transfer)
{
  McLibraryRepo *repo = mc_store_get_repo (self->store, transfer->repo);
  Update *update = g_new0 (Update, 1);
  GError *error = NULL;

  update->owner = g_object_ref (self);
  update->transfer = g_object_ref (transfer);
  update->parts = g_ptr_array_new_with_free_func (part_free);
  update->again = TRUE;
  transfer->holding = TRUE;
  self->changes++;
  if (repo != NULL)
    {
      update->manifest = mc_manifest_ref (repo->manifest);
      add_parts (self->store, update->parts, repo, repo, "");
    }
  if (update->parts->len > 0)
    {
      hold_next (update);
      return;
    }
  fail_nothing (transfer->manifest, "", &error);
  end_holding_again (update, error);
}

/* --- the end: all is here --- */

/* Takes the update and the error. */
static void
finish (Update *self, GError *error)
{
  McDownloader *owner = self->owner;
  McTransfer *transfer = self->transfer;

  transfer->holding = FALSE;
  owner->changes--;
  if (mc_transfer_state_is_running (transfer->state))
    {
      if (error == NULL)
        mc_downloader_set_state (owner, transfer, MC_TRANSFER_DONE, NULL);
      else
        mc_downloader_stop_for (owner, transfer, error);
    }
  g_clear_error (&error);
  mc_downloader_emit_content_changed (owner);
  mc_downloader_schedule (owner);
  mc_downloader_check_stop (owner);
  update_free (self);
}

/* What the new one has in full is let go of an earlier one. */
static gboolean
is_replaced (Update *self, McLibraryRepo *fresh, const McHolding *holding)
{
  g_autoptr (GPtrArray) files = NULL;

  if (!mc_store_is_held (self->owner->store, fresh->id, holding->variant, holding->path))
    return FALSE;
  mc_update_compare (fresh->manifest, fresh->manifest, holding->variant, holding->path, &files);
  for (guint i = 0; files != NULL && i < files->len; i++)
    if (!mc_store_has_file (self->owner->store, g_ptr_array_index (files, i)))
      return FALSE;
  return files != NULL;
}

/* The next thing to be let go of; its row goes with the last of it. FALSE if there is none. */
static gboolean
drop_one (Update *self, McLibraryRepo *fresh, McLibraryRepo *row)
{
  McStore *store = self->owner->store;
  g_autoptr (GPtrArray) holdings = mc_store_list_holdings (store, row->id);

  for (guint i = 0; i < holdings->len; i++)
    {
      const McHolding *holding = g_ptr_array_index (holdings, i);
      McDropResult planned;

      if (!is_replaced (self, fresh, holding)
          || !mc_store_plan_drop (store, row->id, holding->variant, holding->path, MC_DROP_ONE,
                                  &planned, NULL))
        continue;
      mc_downloader_forget_ended (self->owner, row->id, holding->variant);
      mc_store_drop_async (store, row->id, holding->variant, holding->path,
                           holdings->len == 1 ? MC_DROP_ALL : MC_DROP_ONE, on_dropped, self);
      return TRUE;
    }
  return FALSE;
}

/* What a program has open stays until the next update, and until then takes its room. */
static void
drop_next (Update *self)
{
  McStore *store = self->owner->store;
  McLibraryRepo *fresh = mc_store_get_repo (store, self->transfer->repo);
  GPtrArray *repos = mc_store_get_repos (store);

  for (guint i = 0; fresh != NULL && i < repos->len; i++)
    {
      McLibraryRepo *row = g_ptr_array_index (repos, i);

      if (is_earlier (row, fresh, self->transfer->path) && drop_one (self, fresh, row))
        return;
    }
  finish (self, NULL);
}

static void
on_dropped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Update *self = user_data;
  g_autoptr (GError) error = NULL;

  /* What could not be unlinked goes at the next start; what came to be in use stays. */
  if (mc_store_drop_finish (MC_STORE (source), result, NULL, &error))
    {
      drop_next (self);
      return;
    }
  g_info ("Something that was updated was not let go of: %s", error->message);
  finish (self, NULL);
}

static void
on_switched (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Update *self = user_data;
  GError *error = NULL;

  if (mc_store_rename_repo_finish (MC_STORE (source), result, &error))
    drop_next (self);
  else
    finish (self, error);
}

void
mc_downloader_end_update (McDownloader *self, McTransfer *transfer)
{
  Update *update;

  mc_downloader_set_state (self, transfer, MC_TRANSFER_ACTIVE, NULL);
  if (transfer->holding)
    return;
  update = g_new0 (Update, 1);
  update->owner = g_object_ref (self);
  update->transfer = g_object_ref (transfer);
  update->parts = g_ptr_array_new_with_free_func (part_free);
  transfer->holding = TRUE;
  self->changes++;
  mc_store_rename_repo_async (self->store, transfer->repo, transfer->path, on_switched, update);
}
