/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-inventory.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* What is shown instead of an empty library: what this is, where models will live, what other
 * programs have, and what to begin with. */
#define MC_TYPE_WELCOME (mc_welcome_get_type ())
G_DECLARE_FINAL_TYPE (McWelcome, mc_welcome, MC, WELCOME, AdwBin)

void mc_welcome_set_inventory (McWelcome *self, McInventory *inventory);
/* Looks around, unless it did. */
void mc_welcome_begin (McWelcome *self);

G_END_DECLS
