/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-cache.h"

G_BEGIN_DECLS

/* One call of a McCache, on its way from the thread and main context it was made in, its home, to
 * whatever does it, and back. */

typedef enum
{
  MC_REQUEST_SCAN,          /* gives a McRepo */
  MC_REQUEST_LOOKUP,        /* a McRepo */
  MC_REQUEST_LIST,          /* a char ** */
  MC_REQUEST_HAS_FILE,      /* a number: 0 or 1 */
  MC_REQUEST_DOWNLOAD,      /* a number: 1 */
  MC_REQUEST_DOWNLOAD_FILE, /* a number: 1 */
  MC_REQUEST_OPEN,          /* a GInputStream */
  MC_REQUEST_LOAD,          /* a GBytes */
  MC_REQUEST_CHECKOUT,      /* a McCheckout */
  MC_REQUEST_DELETE,        /* a number: bytes */
  MC_N_REQUESTS
} McRequestKind;

typedef struct
{
  /* What is asked for, which does not change. */
  McRequestKind kind;
  char *repo; /* (nullable): as the caller named it */
  char *name; /* (nullable): the revision, the variant, or the path, by kind */
  gboolean fetch;
  gboolean again; /* of a shared cache: it is asked for the second time */

  /* Of mc-request.c. */
  GTask *task; /* borrowed: it owns this */
  McProgressCallback progress;
  gpointer progress_data;
  GDestroyNotify progress_destroy;
  GMutex lock;
  gboolean telling; /* progress is on its way home */
  gint64 told_at;   /* monotonic time */
  guint64 done;
  guint64 total;
} McRequest;

McRequest *
mc_request_new (McRequestKind kind, const char *repo, const char *name, McOpenFlags flags);
void mc_request_free (McRequest *self);

/* The callback is called at home; destroy at home, too, when nothing can come any more. */
void mc_request_set_progress (McRequest *self,
                              McProgressCallback progress,
                              gpointer progress_data,
                              GDestroyNotify destroy);

/* At home: has the cache do it. The cache answers exactly once, by one of those below. Takes the
 * request. */
void mc_request_start (McRequest *self,
                       McCache *cache,
                       gpointer tag,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data);

/* (nullable): the caller's. Whoever connects to it is called in any thread. */
GCancellable *mc_request_get_cancellable (McRequest *self);

/* Any thread. They end the use of the request: nothing may touch it afterwards. */
void mc_request_return_pointer (McRequest *self, gpointer pointer, GDestroyNotify destroy);
void mc_request_return_number (McRequest *self, gint64 number);
void mc_request_return_error (McRequest *self, GError *error); /* takes it */

/* How far it is, as often as that is known; any thread. */
void mc_request_tell (McRequest *self, guint64 done, guint64 total);

/* What a finish function gives; NULL or -1 with an error. */
gpointer mc_request_finish_pointer (GAsyncResult *result, GError **error);
gint64 mc_request_finish_number (GAsyncResult *result, GError **error);

G_END_DECLS
