/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A bar of three parts, and of what is left. Its colours are the style's; that it says the same in
 * words is up to who uses it. */
#define MC_TYPE_STORAGE_METER (mc_storage_meter_get_type ())
G_DECLARE_FINAL_TYPE (McStorageMeter, mc_storage_meter, MC, STORAGE_METER, GtkWidget)

/* Of the whole, in any unit. */
void mc_storage_meter_set (
    McStorageMeter *self, guint64 models, guint64 unfinished, guint64 other, guint64 whole);

G_END_DECLS
