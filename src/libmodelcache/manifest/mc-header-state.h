/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* What came of reading the first bytes of a weight file. */
typedef enum
{
  MC_HEADER_READ,
  MC_HEADER_NEEDS_MORE, /* fine so far: ask again with more of its bytes */
  MC_HEADER_BAD,        /* the file is not what it claims to be: no number of bytes helps */
} McHeaderState;

G_END_DECLS
