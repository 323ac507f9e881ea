/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-library.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* The program: one library for all windows, one window that is presented again. */
#define MC_TYPE_APPLICATION (mc_application_get_type ())
G_DECLARE_FINAL_TYPE (McApplication, mc_application, MC, APPLICATION, AdwApplication)

McApplication *mc_application_new (void);
McLibrary *mc_application_get_library (McApplication *self);

G_END_DECLS
