/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS

/* What is shown instead of the list: "absent", "unreachable" or "no-results". NULL: it is none of
 * them. */
GtkWidget *mc_library_notice_new (const char *page);

G_END_DECLS
