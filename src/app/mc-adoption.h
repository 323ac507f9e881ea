/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Asks whether these files and folders, at least one, shall be adopted. If so the parent's action
 * “win.adopt” is activated with their paths. */
void mc_adoption_ask (GtkWindow *parent, const char *const *paths);

G_END_DECLS
