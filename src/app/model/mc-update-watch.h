/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-inventory.h"

G_BEGIN_DECLS

/* Asks once a day, without being asked to, whether models are newer on the Hub; not while the
 * service may not use the network. What fails is tried again later, and told to nobody. */
typedef struct _McUpdateWatch McUpdateWatch;

/* From now on, as long as it is there. */
McUpdateWatch *mc_update_watch_new (McInventory *inventory);
void mc_update_watch_free (McUpdateWatch *self);

G_END_DECLS
