/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-hub-client.h"
#include "mc-store.h"
#include "mc-update-plan.h"

G_BEGIN_DECLS

/* Something that is held, of a repo that is at another commit on the Hub now. */
typedef struct
{
  gint64 repo;
  McManifest *manifest; /* (owned): as it is here */
  char *commit;         /* what it is on the Hub; (nullable): could not be asked */
  char *variant;        /* key, or "" */
  char *path;           /* or "" */
  McUpdateChange change;
  guint64 size;  /* bytes of it there */
  guint64 fetch; /* bytes that are not here in any content */
  GError
      *error; /* (owned) (nullable): why the Hub could not be asked; there is one for each repo */
} McOutdated;

/* Asks the Hub, one repo after the other, about all that is held of that name (nullable: of any) on
 * its endpoint; changes nothing. Main thread. The result is a new array of McOutdated. */
void mc_outdated_check_async (McStore *store,
                              McHubClient *hub,
                              const char *repo,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
GPtrArray *mc_outdated_check_finish (McStore *store, GAsyncResult *result, GError **error);

G_END_DECLS
