/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* A GTask that carries its function as source tag and name, so that none goes untagged. */
#define mc_task_new(source, cancellable, callback, user_data, tag)                                 \
  mc_task_new_named (source, cancellable, callback, user_data, (gpointer) (tag), #tag)

GTask *mc_task_new_named (gpointer source,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data,
                          gpointer tag,
                          const char *name);

G_END_DECLS
