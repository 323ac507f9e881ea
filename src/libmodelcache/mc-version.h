/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once

#include "mc-public.h"

/**
 * mc_get_version:
 *
 * The version of Model Cache: “0.1.0”.
 *
 * Returns: a version
 */
MC_PUBLIC const char *mc_get_version (void);
