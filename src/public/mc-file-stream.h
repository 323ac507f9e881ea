/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* A seekable stream over whatever can be read at a place. One thread at a time, any thread. */

#define MC_TYPE_FILE_STREAM (mc_file_stream_get_type ())
G_DECLARE_FINAL_TYPE (McFileStream, mc_file_stream, MC, FILE_STREAM, GInputStream)

typedef struct
{
  /* Reads at most count bytes, which are there, at least one. Blocks. -1 with an error. */
  gssize (*read_at) (gpointer data, guint64 offset, void *buffer, gsize count, GError **error);
  GDestroyNotify close; /* at the end, once, in whichever thread that is */
} McFileSource;

GInputStream *mc_file_stream_new (const McFileSource *source, gpointer data, guint64 size);

G_END_DECLS
