/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-db.h"
#include "mc-store.h"
#include "mc-worker.h"

G_BEGIN_DECLS

struct _McStore
{
  GObject parent_instance;

  char *folder;      /* (owned); changes on the worker thread when the store is moved */
  GPtrArray *former; /* (owned): those it was in before */
  int lock;          /* descriptor that holds the lock; -1: none */
  McWorker *worker;  /* (owned) (nullable): NULL once closed */
  McDb *catalog;     /* (owned), worker thread only */
  McDb *small;       /* (owned), worker thread only */

  McSettings settings;

  GHashTable *used;     /* (owned): set of McDigest: used, and that is not kept yet */
  GHashTable *programs; /* (owned): "program\nrepo" => McProgramUse: likewise */
  GSource *keep_uses;   /* (owned) (nullable): until they are */

  McLibrary *library;   /* (owned) */
  GHashTable *contents; /* (owned): McDigest in McContent => McContent */
  GArray *loans;        /* (owned): McLoan; those that may exist */
  GMutex pin_lock;      /* for pins and going, which other threads use too */
  GHashTable *pins;     /* (owned): McDigest => how many; of contents that are gone, too */
  GHashTable *going;    /* (owned): McDigest: being dropped, so that it cannot be pinned */
  GHashTable *checks;   /* (owned): McDigest => GPtrArray of GTask that wait for the same answer */
  GHashTable *headers;  /* (owned): McDigest in McModelHeader => McModelHeader */
  GPtrArray *transfers; /* (owned) (nullable): McTransferRecord, until taken */
};

/* When the store is opened; before the worker has work. */
gboolean mc_store_load_settings (McStore *self, GError **error);

/* When contents were used is kept, and noted no more: when the store is closed. */
void mc_store_keep_last_uses (McStore *self);
/* Within a minute. */
void mc_store_keep_uses_soon (McStore *self);
/* Those that are not kept yet (McProgramUse, a new array), which are forgotten then. */
GPtrArray *mc_store_take_programs (McStore *self);

/* Sets the library, and counts anew who holds which content. Takes ownership. */
void mc_store_adopt_library (McStore *self, McLibrary *library);
void mc_store_count_holders (McStore *self);

gboolean mc_store_is_pinned (McStore *self, const McDigest *digest);

/* None of these (McDigest) is pinned, and from now on none can be: FALSE, and nothing changed, if
 * one is. Then they can be again. */
gboolean mc_store_close_pins (McStore *self, GArray *digests);
void mc_store_reopen_pins (McStore *self, GArray *digests);

/* --- what contents have in common: mc-store-loans.c --- */

/* What its pack says of its chunks, for the catalog: of a partial one, only what it borrows. Empty
 * if it has no pack. Any thread. */
GArray *mc_store_list_rows (
    const char *folder, const McDigest *digest, guint64 size, gboolean complete, GError **error);

/* On the thread that owns the databases: copies what others borrow of it into their packs, so that
 * it can go. As far as it went it is done, even if it fails. */
gboolean mc_store_end_loans (McStore *self, const McDigest *lender, GError **error);

/* The references of a content were committed: they are kept in mind, and in the catalog from the
 * next change of it on. */
void mc_store_note_loan (McStore *self, const McLoan *loan);

/* Forgets those of contents (McDigest) that are gone, and adds those that are not known yet. */
void mc_store_update_loans (McStore *self, GArray *gone, GArray *loans);

/* Damage was found in it: so may be what it lent or borrowed. */
void mc_store_suspect_related (McStore *self, const McDigest *digest);

/* Finds or adds. */
McContent *mc_store_ensure_content (McStore *self, const McDigest *digest, guint64 size);

/* Removes the bytes of a content that is marked as being deleted, then its mark. On the thread that
 * owns the databases; changes nothing in memory. */
gboolean mc_store_remove_content (McStore *self, const McDigest *digest, GError **error);

/* Opens catalog and small-content database and recovers; those that are damaged are made anew. */
gboolean mc_store_open_databases (McStore *self, GError **error);

/* Makes catalog, packs and memory agree, when the store is opened; before the worker has work. */
gboolean mc_store_recover (McStore *self, GError **error);

/* As mc_store_set_content_async(), at that time (Unix seconds); its finish function is the same. */
void mc_store_note_checked_async (McStore *self,
                                  const McDigest *digest,
                                  guint64 committed,
                                  gboolean complete,
                                  gint64 now,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);

/* When the store is opened, likewise. */
gboolean mc_store_load_headers (McStore *self, GError **error);

/* Adds bytes that were committed, or sets what is there; in memory only. */
void mc_store_note_committed (McStore *self, const McDigest *digest, guint64 committed);

G_END_DECLS
