/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-store.h"

G_BEGIN_DECLS

/* The contents that somebody has open in the view. Each is pinned, so that it is not deleted, and
 * read by a few readers, which are shared by all who have it open. Any thread. */
typedef struct _McViewContents McViewContents;
typedef struct _McViewContent McViewContent;

McViewContents *mc_view_contents_new (McStore *store);
void mc_view_contents_free (McViewContents *self); /* closes all */

/* Once more; NULL if it is not to be had, with the errno in *code. */
McViewContent *mc_view_contents_open (
    McViewContents *self, guint64 number, const McDigest *digest, guint64 size, int *code);
/* What is open under that number, once more; NULL if nothing is. */
McViewContent *mc_view_contents_open_again (McViewContents *self, guint64 number);
void mc_view_contents_close (McViewContents *self, McViewContent *content);

/* Bytes of what is open under that number; FALSE if nothing is. */
gboolean mc_view_contents_get_size (McViewContents *self, guint64 number, guint64 *size);

guint64 mc_view_content_get_size (McViewContent *content);

/* Fills the buffer; the range must lie within the content. 0, or an errno. */
int mc_view_contents_read (
    McViewContents *self, McViewContent *content, guint64 offset, void *buffer, gsize length);

G_END_DECLS
