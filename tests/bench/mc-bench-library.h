/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* Makes a store of many contents without their bytes: catalog and packs as the store would have
 * them, each content complete, held as a variant of its own, with so many chunks of 5 MiB by its
 * rows. The bytes in these rows are one each, so nothing can be read from it. */
void mc_bench_library_make (const char *folder, guint n_contents, guint n_files, guint n_chunks);

G_END_DECLS
