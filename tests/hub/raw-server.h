/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* A server on loopback that sends exactly the bytes it was told to, however wrong they are as HTTP.
 * One request a connection; then it closes. */
typedef struct _RawServer RawServer;

RawServer *raw_server_new (void);
void raw_server_free (RawServer *self);
const char *raw_server_get_url (RawServer *self); /* http://127.0.0.1:PORT */

/* What a request whose target begins with @prefix gets; the last fitting one counts. "@URL@" stands
 * for the server's own URL. An @endless answer is followed by 'x' for ever. */
void raw_server_answer (RawServer *self, const char *prefix, const char *answer, gboolean endless);

guint raw_server_count (RawServer *self);             /* requests so far */
char *raw_server_dup_head (RawServer *self, guint n); /* of the n-th, with its header fields */
guint64 raw_server_get_sent (RawServer *self);        /* bytes of endless bodies */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RawServer, raw_server_free)

G_END_DECLS
