/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A row whose children go on in another line where they do not fit side by side: with large
 * letters, long words or in a narrow window. What expands makes do with its least width, and gets
 * what its line has left; the others want their natural one. */
#define MC_TYPE_WRAP (mc_wrap_get_type ())
G_DECLARE_FINAL_TYPE (McWrap, mc_wrap, MC, WRAP, GtkWidget)

G_END_DECLS
