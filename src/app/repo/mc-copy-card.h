/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-copy.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* The progress of a copy, and the way to it when it is there. Hidden while there is none.
 *
 * Signals: failed (GError *error) */
#define MC_TYPE_COPY_CARD (mc_copy_card_get_type ())
G_DECLARE_FINAL_TYPE (McCopyCard, mc_copy_card, MC, COPY_CARD, AdwBin)

/* Begins it; one that runs is cancelled. */
void mc_copy_card_start (McCopyCard *self, McCopy *copy);

G_END_DECLS
