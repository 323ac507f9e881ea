/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once

#include "mc-public.h"

#include <gio/gio.h>

G_BEGIN_DECLS

#define MC_TYPE_CHECKOUT (mc_checkout_get_type ())
MC_PUBLIC
G_DECLARE_FINAL_TYPE (McCheckout, mc_checkout, MC, CHECKOUT, GObject)

MC_PUBLIC const char *mc_checkout_get_folder (McCheckout *self);
MC_PUBLIC gboolean mc_checkout_get_is_view (McCheckout *self);
MC_PUBLIC char **mc_checkout_dup_paths (McCheckout *self);
MC_PUBLIC char *mc_checkout_dup_path (McCheckout *self, const char *path);
MC_PUBLIC void mc_checkout_release (McCheckout *self);

G_END_DECLS
