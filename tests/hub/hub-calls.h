/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-hub-client.h"

G_BEGIN_DECLS

/* The calls of McHubClient, each run to its end. */

McHubClient *make_client (const char *endpoint, const char *token);

/* With deadlines that a test can wait for, in milliseconds; 0: the default. */
McHubClient *
make_hasty_client (const char *endpoint, guint connect_ms, guint read_ms, guint total_ms);

McModelInfo *
call_info (McHubClient *client, const char *repo, const char *revision, GError **error);
GPtrArray *call_tree (McHubClient *client, const char *repo, const char *commit, GError **error);
GPtrArray *call_search (McHubClient *client,
                        const char *text,
                        const char *const *filters,
                        const char *sort,
                        GError **error);
/* One page; @next: as of mc_hub_client_search_finish(). */
GPtrArray *
call_search_page (McHubClient *client, const McSearchQuery *query, char **next, GError **error);
char *call_whoami (McHubClient *client, GError **error);
McResolved *call_resolve (McHubClient *client, const char *repo, const char *path, GError **error);
GInputStream *call_open (McHubClient *client,
                         const McResolved *resolved,
                         guint64 offset,
                         guint64 length,
                         guint64 size,
                         GError **error);

/* Everything the stream has, in reads of @step bytes; NULL with the error that ended it. @got: how
 * many bytes came before. */
GBytes *read_all (GInputStream *stream, gsize step, gsize *got, GError **error);

/* Fails unless the client is the last one who knows itself; frees it. */
void finalize_client (McHubClient **client);

G_END_DECLS
