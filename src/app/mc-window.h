/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-inventory.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* The window: three views in a switcher, and the page of a repo that slides over them. Its actions
 * are what rows ask for: see mc-window-actions.c. */
#define MC_TYPE_WINDOW (mc_window_get_type ())
G_DECLARE_FINAL_TYPE (McWindow, mc_window, MC, WINDOW, AdwApplicationWindow)

McWindow *mc_window_new (GtkApplication *application, McInventory *inventory);

/* A name or address of a repo as if it had been pasted: looks it up and opens its page. */
void mc_window_look_up (McWindow *self, const char *text);
/* Addresses of whatever kind: shows the model, or asks whether files shall be adopted. */
void mc_window_open (McWindow *self, const char *const *addresses);
void mc_window_show_repo (McWindow *self, McRepoItem *item);

G_END_DECLS
