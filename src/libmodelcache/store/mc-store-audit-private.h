/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-db.h"
#include "mc-store-audit.h"

G_BEGIN_DECLS

/* Adds a sentence. */
void mc_audit_say (GPtrArray *found, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* What SQLite finds in a database. name: as it is told. */
gboolean mc_audit_database (McDb *db, const char *name, GPtrArray *found, GError **error);

/* The pack of a content, or its absence. content->committed is set to what the pack has, or to
 * UNKNOWN. An error only if it was cancelled. */
#define MC_AUDIT_UNKNOWN G_MAXUINT64
gboolean mc_audit_pack (const char *folder,
                        McContent *content,
                        McAuditFlags flags,
                        GCancellable *cancellable,
                        GPtrArray *found,
                        GError **error);

/* What lies in the folder: nothing that is not the store's, and no pack that the catalog does not
 * know. contents: McDigest => McContent. is_known: asks the catalog once more. */
void mc_audit_folder (const char *folder,
                      gboolean (*is_known) (const McDigest *digest, gpointer data),
                      gpointer data,
                      GPtrArray *found);

G_END_DECLS
