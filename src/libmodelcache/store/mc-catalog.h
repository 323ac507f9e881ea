/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-db.h"
#include "mc-library.h"
#include "mc-model-header.h"
#include "mc-settings.h"
#include "mc-usage.h"

G_BEGIN_DECLS

/* The catalog's tables: plain functions over values, on the thread that owns the connection. Each
 * change is one transaction. */

/* Everything but the contents; or, with the id of a repo, all revisions of that repo with what is
 * held of them, and all aliases. */
McLibrary *mc_catalog_load (McDb *db, gint64 repo, GError **error);

/* Adds a repo, or refreshes the one with its endpoint, name and revision. If that one was scanned
 * at another commit and something of it is held, it stays, under its commit as revision. */
gboolean mc_catalog_save_repo (
    McDb *db, McManifest *manifest, const char *alias, gint64 *id, GError **error);

/* Gives the repo another revision, and the one that had it its commit. That one goes if nothing of
 * it is held. */
gboolean mc_catalog_rename_repo (McDb *db, gint64 id, const char *revision, GError **error);

/* A holding with the contents of files (McFile), which are added as partial where they are new. A
 * holding of that name is extended. MC_ERROR_BAD_RESPONSE if a known content has another size. */
gboolean mc_catalog_add_holding (
    McDb *db, gint64 repo, const char *variant, const char *path, GArray *files, GError **error);

/* Drops holdings, and marks as being deleted those of the candidates (McDigest) that no holding
 * needs any more; they are put into @orphans. repo_too: the repo goes as well. */
gboolean mc_catalog_drop_holdings (McDb *db,
                                   GArray *ids,
                                   gint64 repo,
                                   gboolean repo_too,
                                   GArray *candidates,
                                   GArray *orphans,
                                   GError **error);

gboolean mc_catalog_set_content_state (McDb *db,
                                       const McDigest *digest,
                                       McContentState state,
                                       GError **error);
/* All of it was read, or has just come: complete at that time (Unix seconds), or damaged. rows:
 * (nullable): see mc_catalog_index_content(). */
gboolean mc_catalog_note_checked (McDb *db,
                                  const McDigest *digest,
                                  McContentState state,
                                  gint64 now,
                                  GArray *rows,
                                  GError **error);
gboolean mc_catalog_add_content (
    McDb *db, const McDigest *digest, guint64 size, McContentState state, GError **error);
gboolean mc_catalog_forget_content (McDb *db, const McDigest *digest, GError **error);

/* Of many headers only those that were kept last stay. */
gboolean mc_catalog_keep_header (McDb *db, const McModelHeader *header, GError **error);
/* McModelHeader by value, the newest first. */
GArray *mc_catalog_list_headers (McDb *db, GError **error);

/* McContent by value in a GArray, without committed and holders. */
GArray *mc_catalog_list_contents (McDb *db, GError **error);

/* --- chunks and loans: mc-catalog-chunks.c --- */

/* The place of a chunk. */
typedef struct
{
  McDigest digest;
  guint64 content_size;
  guint position;
} McChunkPlace;

/* Says which chunks (McPackRow) a content has: those it can lend, and those it borrows. Replaces
 * what was said before. The first is a transaction, the second must be in one. */
gboolean mc_catalog_index_content (McDb *db, const McDigest *digest, GArray *rows, GError **error);
gboolean mc_catalog_index_rows (McDb *db, const McDigest *digest, GArray *rows, GError **error);

/* A few places (McChunkPlace) in complete contents, not that of the borrower, with a chunk of that
 * hash and size: candidates, whose bytes must be compared. */
GArray *mc_catalog_find_chunk (
    McDb *db, const guint8 *hash, gsize size, const McDigest *borrower, GError **error);

/* Adds to what is known of it. Nothing happens if the lender is not known. */
gboolean mc_catalog_add_loan (McDb *db, const McLoan *loan, GError **error);
GArray *mc_catalog_list_loans (McDb *db, GError **error); /* McLoan */

/* Those (McContent) that may have references to that content, and stay; complete ones first. */
GArray *mc_catalog_list_borrowers (McDb *db, const McDigest *lender, GError **error);
gboolean mc_catalog_forget_lender (McDb *db, const McDigest *lender, GError **error);

/* Adds or updates; a new record gets its id. One that ended goes into the history, too. */
gboolean mc_catalog_put_transfer (McDb *db, McTransferRecord *record, GError **error);
gboolean mc_catalog_forget_transfer (McDb *db, gint64 id, GError **error);
GPtrArray *mc_catalog_list_transfers (McDb *db, GError **error); /* in the order of their places */
GPtrArray *mc_catalog_list_history (McDb *db, GError **error);   /* the newest first */
gboolean mc_catalog_clear_history (McDb *db, GError **error);

gboolean mc_catalog_note_programs (McDb *db, GPtrArray *uses, GError **error); /* McProgramUse */
GPtrArray *mc_catalog_list_programs (McDb *db, GError **error); /* McProgramUse, the newest first */

/* uses: McUse. */
gboolean mc_catalog_note_uses (McDb *db, GArray *uses, GError **error);

/* variant: (nullable): NULL for all that is held of the repo. */
gboolean
mc_catalog_set_pinned (McDb *db, gint64 repo, const char *variant, gboolean pinned, GError **error);

/* What the person chose. Rows that make no sense are passed over. */
gboolean mc_catalog_load_settings (McDb *db, McSettings *settings, GError **error);

/* See mc_settings_change(); *settings are those that hold then. */
gboolean
mc_catalog_change_settings (McDb *db, GVariant *changes, McSettings *settings, GError **error);

G_END_DECLS
