/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-library.h"

G_BEGIN_DECLS

struct _McLibrary
{
  GObject parent_instance;
  GCancellable *cancellable; /* (owned): of all that has no other */
  McClient *client;          /* (owned) (nullable): before it was reached */
  McLibraryState state;
  GListStore *repos;          /* (owned): McRepoItem */
  GListStore *transfers;      /* (owned): McTransferItem */
  GHashTable *repo_index;     /* (owned): number -> borrowed McRepoItem */
  GHashTable *transfer_index; /* (owned): number -> borrowed McTransferItem */
  GArray *repo_numbers;       /* (owned): what the client's list has, in its order */
  GArray *transfer_numbers;   /* (owned) */
  GHashTable *busy_repos;     /* (owned): borrowed McRepoItem that were given transfers */
  GVariant *usage;            /* (owned) (nullable) */
  guint active;
  guint64 rate;
  guint relating;   /* source */
  guint reckoning;  /* source */
  guint restarting; /* source */
};

/* mc-library-items.c: from the client's lists to items. */
void mc_library_take_lists (McLibrary *self);
/* The service is back and all its objects were seen: what it does not have any more goes. */
void mc_library_drop_stale (McLibrary *self);
McRepoItem *mc_library_place_repo (McLibrary *self, McDbusRepo *proxy);

/* mc-library-relate.c: which transfers belong to which repos, and sums over them, soon. */
void mc_library_relate_soon (McLibrary *self);
/* Asks for Usage(), soon. */
void mc_library_reckon_soon (McLibrary *self);

/* mc-library.c */
void mc_library_set_sums (McLibrary *self, guint active, guint64 rate);
void mc_library_take_usage (McLibrary *self, GVariant *usage);
void mc_library_emit_ended (McLibrary *self, McTransferItem *transfer);
void mc_library_emit_failed (McLibrary *self, const GError *error, const char *repo);

G_END_DECLS
