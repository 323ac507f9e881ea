/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-inventory.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Tells a screen reader what happens to transfers, wherever in the window the person is: each new
 * state, and each tenth of the way. Takes no room.
 *
 * GTK has gtk_accessible_announce() from 4.14 on. Before that nothing makes every screen reader
 * speak, and three things are done that each reach some of them: this object is an alert (a
 * notification on the accessibility bus) whose name is what was said last, and changes; the name of
 * a transfer's row changes at the same moments, which is spoken where the row has the focus; and
 * progress bars have a value, which is spoken as the screen reader's settings have it. */
#define MC_TYPE_ANNOUNCER (mc_announcer_get_type ())
G_DECLARE_FINAL_TYPE (McAnnouncer, mc_announcer, MC, ANNOUNCER, AdwBin)

void mc_announcer_set_inventory (McAnnouncer *self, McInventory *inventory);
/* Soon, together with what else there is to say by then. */
void mc_announcer_say (McAnnouncer *self, const char *text);

G_END_DECLS
