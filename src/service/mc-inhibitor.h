/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* Keeps the computer from suspending by itself, by logind, or a portal where that cannot be
 * reached. Main thread. */
typedef struct _McInhibitor McInhibitor;

McInhibitor *mc_inhibitor_new (void);
void mc_inhibitor_free (McInhibitor *self);

/* From now on, or not any more. */
void mc_inhibitor_set (McInhibitor *self, gboolean wanted);

G_END_DECLS
