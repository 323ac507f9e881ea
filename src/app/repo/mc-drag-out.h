/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-file-item.h"
#include "mc-inventory.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* What a file becomes when it is dragged to another program: the address of a copy, which is made
 * when the other one asks for it and not before. It lies in the cache folder of the user and is
 * removed a day later, so whoever wants to keep it copies it, as file managers do. */
#define MC_TYPE_FILE_PROVIDER (mc_file_provider_get_type ())
G_DECLARE_FINAL_TYPE (McFileProvider, mc_file_provider, MC, FILE_PROVIDER, GdkContentProvider)

GdkContentProvider *mc_file_provider_new (GDBusConnection *bus, McFileItem *file);

/* Rows of complete files below the widget can be dragged from then on. */
void mc_drag_out_attach (GtkWidget *widget, McInventory *inventory);

/* Removes copies of former days, in a thread. */
void mc_drag_out_tidy (void);

G_END_DECLS
