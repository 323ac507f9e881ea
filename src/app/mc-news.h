/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-inventory.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Notifications for whoever looks at something else: downloads that have finished, all together
 * when the last one has, and whatever cannot go on without the person, at once. */
#define MC_TYPE_NEWS (mc_news_get_type ())
G_DECLARE_FINAL_TYPE (McNews, mc_news, MC, NEWS, GObject)

/* application: borrowed, and outlives it. */
McNews *mc_news_new (GtkApplication *application, McInventory *inventory);

G_END_DECLS
