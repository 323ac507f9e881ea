/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-hub-client.h"
#include "mc-store.h"

G_BEGIN_DECLS

/* Goes the way of a download hop by hop, at each endpoint that is asked, and says at which one it
 * fails. It fetches one byte, and writes a page to the store's disk. */

typedef enum
{
  MC_HOP_OK,
  MC_HOP_FAILED,
  MC_HOP_SKIPPED, /* there is nothing to try, or an earlier one failed */
} McHopState;

typedef struct
{
  const char
      *name;       /* static: "name", "connection", "api", "token", "resolver", "storage", "disk" */
  char *endpoint;  /* "" for the disk */
  gboolean mirror; /* the endpoint is not the one that repos are named after */
  McHopState state;
  char *detail; /* for people; nothing in it is secret */
  guint ms;     /* that it took */
} McHop;

const char *mc_hop_state_to_string (McHopState state); /* "ok", "failed", "skipped" */

/* Never fails but by being cancelled. The result is a new array of McHop, in their order. */
void mc_doctor_async (McHubClient *hub,
                      McStore *store,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data);
GPtrArray *mc_doctor_finish (GAsyncResult *result, GError **error);

G_END_DECLS
