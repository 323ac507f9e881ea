/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <adwaita.h>

G_BEGIN_DECLS

/* An expander row is made of lists, which libadwaita gives no names: a screen reader would say
 * “list” and no more. They get that of the row. */
void mc_expander_lists_name (AdwExpanderRow *row, const char *name);

G_END_DECLS
