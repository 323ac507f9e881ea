/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* Reading the dictionaries of the bus: what is missing or of another type is nothing. */

/* Borrowed from the dict; "" if there is none. */
const char *mc_dict_get_string (GVariant *dict, const char *key);
/* A count of bytes, or any t; 0 if there is none. */
guint64 mc_dict_get_size (GVariant *dict, const char *key);
guint mc_dict_get_count (GVariant *dict, const char *key);     /* an u */
double mc_dict_get_fraction (GVariant *dict, const char *key); /* 0 to 1 */
gint64 mc_dict_get_time (GVariant *dict, const char *key);
gboolean mc_dict_get_flag (GVariant *dict, const char *key);
/* An a{sv} or aa{sv}, owned by the caller; empty if there is none. */
GVariant *mc_dict_get_dict (GVariant *dict, const char *key);
GVariant *mc_dict_get_list (GVariant *dict, const char *key);

G_END_DECLS
