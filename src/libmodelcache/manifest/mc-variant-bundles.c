/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-path-words.h"
#include "mc-variant-private.h"

#include <string.h>

void
mc_detect_genai (McListing *listing)
{
}
void
mc_detect_bundles (McListing *listing)
{
}
void
mc_detect_openvino (McListing *listing)
{
}
void
mc_detect_single_files (McListing *listing)
{
}
