/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-checkout.h"

G_BEGIN_DECLS

/* Takes paths. release is called once, by the thread that lets go of it. */
McCheckout *mc_checkout_new (
    const char *folder, gboolean is_view, char **paths, GDestroyNotify release, gpointer data);

G_END_DECLS
