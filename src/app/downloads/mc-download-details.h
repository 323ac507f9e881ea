/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-inventory.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* A window about one transfer: its files, where they come from, and what became of it so far, which
 * can be copied. */
#define MC_TYPE_DOWNLOAD_DETAILS (mc_download_details_get_type ())
G_DECLARE_FINAL_TYPE (McDownloadDetails, mc_download_details, MC, DOWNLOAD_DETAILS, AdwWindow)

McDownloadDetails *
mc_download_details_new (GtkWindow *parent, McInventory *inventory, McTransferItem *item);

G_END_DECLS
