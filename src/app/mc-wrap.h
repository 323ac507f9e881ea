/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A row whose children go on in another line where they do not fit side by side by their least
 * widths: with large letters, long words or in a narrow window. What expands gets what its line
 * has left. */
#define MC_TYPE_WRAP (mc_wrap_get_type ())
G_DECLARE_FINAL_TYPE (McWrap, mc_wrap, MC, WRAP, GtkWidget)

G_END_DECLS
