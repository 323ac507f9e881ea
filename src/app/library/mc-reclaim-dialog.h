/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-inventory.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* What could be deleted, what that gives back, and doing it. */
#define MC_TYPE_RECLAIM_DIALOG (mc_reclaim_dialog_get_type ())
G_DECLARE_FINAL_TYPE (McReclaimDialog, mc_reclaim_dialog, MC, RECLAIM_DIALOG, AdwWindow)

McReclaimDialog *mc_reclaim_dialog_new (GtkWindow *parent, McInventory *inventory);

G_END_DECLS
