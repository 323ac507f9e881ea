/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Says where the files of a variant are: in no folder, for what is here is kept in pieces. Opens
 * the storage folder, or lets a folder be chosen for plain files: the widget's action
 * “repo.save-copy” (say) then gets the variant and that folder. */
void mc_location_ask (GtkWidget *widget, const char *variant, const char *storage);

G_END_DECLS
