/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-expander-lists.h"

static void
name_below (GtkWidget *widget, const char *name)
{
  GtkWidget *child;

  if (GTK_IS_LIST_BOX (widget))
    gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, name,
                                    -1);
  for (child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    name_below (child, name);
}

void
mc_expander_lists_name (AdwExpanderRow *row, const char *name)
{
  name_below (GTK_WIDGET (row), name);
}
