/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <glib-object.h>

G_BEGIN_DECLS

/* Fields behind properties that notify only when they change, so that rows are not drawn for
 * nothing. */

/* Takes ownership of value. */
void mc_property_take_text (gpointer object, GParamSpec *pspec, char **place, char *value);
void mc_property_set_size (gpointer object, GParamSpec *pspec, guint64 *place, guint64 value);
void mc_property_set_flag (gpointer object, GParamSpec *pspec, gboolean *place, gboolean value);
void mc_property_set_fraction (gpointer object, GParamSpec *pspec, double *place, double value);

/* A read-only property that is notified by hand. */
GParamSpec *mc_property_new_text (const char *name);
GParamSpec *mc_property_new_size (const char *name);
GParamSpec *mc_property_new_flag (const char *name);
GParamSpec *mc_property_new_fraction (const char *name);
GParamSpec *mc_property_new_object (const char *name, GType type);

G_END_DECLS
