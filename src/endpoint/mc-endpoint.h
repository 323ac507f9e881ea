/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-downloader.h"
#include "mc-store.h"

G_BEGIN_DECLS

/* A Hub on loopback for programs that speak to the Hub: listings and files come from the store, and
 * what is not there yet is downloaded once, for all who ask, and handed on as it comes. It answers
 * whoever knows its address, which has a key in it. Main thread. */
typedef struct _McEndpoint McEndpoint;

/* Who has the repos. */
typedef struct
{
  McStore *store;           /* borrowed */
  McDownloader *downloader; /* borrowed */

  /* (nullable), borrowed: the repo, if it was scanned. */
  McLibraryRepo *(*find) (gpointer user_data, const char *repo, const char *revision);

  /* Asks the Hub for it; the result is its id, or 0 with an error. */
  void (*scan_async) (gpointer user_data,
                      const char *repo,
                      const char *revision,
                      GAsyncReadyCallback callback,
                      gpointer callback_data);
  gint64 (*scan_finish) (gpointer user_data, GAsyncResult *result, GError **error);

  /* It was stopped, and nothing of the above is used any more. */
  void (*gone) (gpointer user_data);
  gpointer user_data;

  guint patience_ms; /* for a client that neither asks nor reads; 0: MC_ENDPOINT_PATIENCE_MS */
} McEndpointHost;

/* port 0: any that is free. key: see mc_endpoint_key_is_valid(). origins: (nullable): pages of
 * these may ask; "*" is none. MC_ERROR_BUSY if the port is taken. */
McEndpoint *mc_endpoint_new (const McEndpointHost *host,
                             guint port,
                             const char *key,
                             const char *const *origins,
                             GError **error);

/* Whether it was made with these. */
gboolean
mc_endpoint_is_as (McEndpoint *self, guint port, const char *key, const char *const *origins);

/* Ends all connections. What is being read for them ends by itself, soon. */
void mc_endpoint_stop (McEndpoint *self);

/* "http://127.0.0.1:PORT/KEY": what HF_ENDPOINT is to be. */
const char *mc_endpoint_get_url (McEndpoint *self);

/* The same with a key that pages of this origin alone can use; g_free() it. NULL if it may not ask.
 */
char *mc_endpoint_dup_url_for (McEndpoint *self, const char *origin);

#define MC_ENDPOINT_PATIENCE_MS (60 * 1000)

/* For a client that was let in, to say what it wants. */
#define MC_ENDPOINT_HEAD_MS (10 * 1000)

/* Connections at once; more are turned away. */
#define MC_ENDPOINT_CONNECTIONS 128

/* Files that are sent at once, at most; more are told to come again. */
#define MC_ENDPOINT_BODIES 32

G_END_DECLS
