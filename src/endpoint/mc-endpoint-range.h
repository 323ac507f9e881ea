/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* Which bytes of a file an answer has, from what the request says (RFC 9110, sections 13 and 14).
 * Pure. */

typedef struct
{
  const char *range; /* (nullable), as all: the header fields of the request */
  const char *if_range;
  const char *if_none_match;
} McRangeFields;

typedef struct
{
  guint status; /* 200, 206, 304, 416 */
  guint64 offset;
  guint64 length; /* of the body; 0 with 304 and 416 */
} McSlice;

/* etag: with its quotation marks. What is no range, is several, or is of another unit is left
 * unheeded, as the standard has it; so is any range of an empty file, which some clients take for a
 * missing one if it is refused. */
McSlice mc_slice_choose (const McRangeFields *fields, guint64 size, const char *etag);

G_END_DECLS
