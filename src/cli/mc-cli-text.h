/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* Text as a terminal shows it. Pure; strings are UTF-8 and new ones are freed with g_free(). The
 * utf8 argument says whether the terminal understands more than ASCII. */

/* What may be shown of a stranger's text: control characters and those that reorder what follows
 * become "?" (a tab and a line feed stay), a no-break space becomes a plain one. Without utf8,
 * typographic marks become their ASCII relatives and all else "?". Bytes that are no UTF-8 become
 * "?" as well. */
char *mc_cli_text_clean (const char *text, gboolean utf8);

/* Columns it takes. */
guint mc_cli_text_width (const char *text);

/* At most that many columns: cut in the middle, since both ends of a name tell much. */
char *mc_cli_text_fit (const char *text, guint columns, gboolean utf8);

/* At least that many columns: blanks behind it, or before it. */
char *mc_cli_text_pad (const char *text, guint columns, gboolean to_the_right);

/* "1.2 GB", by the language's rules. */
char *mc_cli_text_size (guint64 bytes);

/* "1.2 GB/s" */
char *mc_cli_text_rate (guint64 bytes_per_second);

/* "0:07", "12:30", "1:02:03"; "3 d" from two days on. */
char *mc_cli_text_duration (guint64 seconds);

/* Of a time that is so many seconds back: "3 days ago". */
char *mc_cli_text_ago (gint64 seconds);

/* 1234 as "1.2k", then M, B and T: for counts of downloads and parameters. */
char *mc_cli_text_count (guint64 count);

/* 0 to 100; 100 only when nothing is missing. */
guint mc_cli_text_percent (guint64 done, guint64 total);

/* Exactly that many columns. */
char *mc_cli_text_bar (guint columns, guint64 done, guint64 total, gboolean utf8);

G_END_DECLS
