/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-browser-manifest.h"

G_BEGIN_DECLS

/* Lines for a shell outside of the Flatpak, which cannot reach the browsers' folders: they make a
 * program that starts model-cache-native-host in it, and the files that let these extensions, and
 * no others, start that; of browsers that the person has. chromium, firefox: their ids, each one
 * checked by mc_browser_read_id(). Pure. g_free() it. */
char *mc_browser_write_script (const char *const *chromium, const char *const *firefox);

G_END_DECLS
