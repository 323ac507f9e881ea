/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-store.h"

G_BEGIN_DECLS

/* Whether everything in a store is as it must be: the invariants that README.md lists. Nothing is
 * changed. What is wrong is told in sentences (char *), each with its file and chunk; an empty
 * array says that all is well. */

typedef enum
{
  MC_AUDIT_QUICK = 0,        /* names, states, sizes, counts, and what lies in the folder */
  MC_AUDIT_DEEP = 1 << 0,    /* also every byte: pages of databases, chunks, whole digests */
  MC_AUDIT_SETTLED = 1 << 1, /* nothing failed since the store was opened: what may lag behind after
                              * a failure, until the next start or attempt, must agree too */
} McAuditFlags;

/* Contents whose turn has come, of how many; read and written atomically. */
typedef struct
{
  int done;
  int total;
} McAuditProgress;

/* The folder of a store that is closed, or that another thread or process has open: what changes
 * meanwhile is looked at twice. Blocking, any thread. progress and cancellable: (nullable).
 * contents (nullable) gets what was found on disk: McContent in a GArray. NULL with an error only
 * if the check could not be made. */
GPtrArray *mc_store_audit (const char *folder,
                           McAuditFlags flags,
                           McAuditProgress *progress,
                           GCancellable *cancellable,
                           GArray *contents,
                           GError **error);

/* The same on a thread, for an open store; then what the store answers from memory is compared with
 * what was found. progress must stay until the end. */
void mc_store_audit_async (McStore *self,
                           McAuditFlags flags,
                           McAuditProgress *progress,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
GPtrArray *mc_store_audit_finish (McStore *self, GAsyncResult *result, GError **error);

G_END_DECLS
