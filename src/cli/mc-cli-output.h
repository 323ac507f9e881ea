/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gio/gio.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* What goes to standard output and standard error. All text passes mc_cli_text_clean(), since
 * names come from strangers. */

typedef struct
{
  gboolean is_terminal;
  gboolean utf8;
  gboolean can_draw; /* a terminal that understands control codes */
  guint columns;     /* of the terminal; G_MAXUINT if it is none */
} McCliStream;

/* Asks anew each time: windows change their size. fd: of standard output or error. */
McCliStream mc_cli_output_examine (int fd);

void mc_cli_print (const char *format, ...) G_GNUC_PRINTF (1, 2);
void mc_cli_print_error (const char *format, ...) G_GNUC_PRINTF (1, 2);

/* A table: columns are separated by two blanks; a column without any text is left out. Where the
 * terminal is too narrow, the columns of the highest rank are left out, then texts are shortened.
 * Without a terminal all is shown. */
typedef struct
{
  const char *title; /* marked with N_(); static */
  gboolean to_the_right;
  int rank; /* 0: never left out */
} McCliColumn;

typedef struct _McCliTable McCliTable;

McCliTable *mc_cli_table_new (const McCliColumn *columns, guint n_columns);
void mc_cli_table_free (McCliTable *self);

/* As many strings as there are columns; takes ownership of the strings. */
void mc_cli_table_add (McCliTable *self, ...);

/* Lines with their line feeds; columns: G_MAXUINT for no limit. */
char *mc_cli_table_render (McCliTable *self, guint columns, gboolean utf8);
void mc_cli_table_print (McCliTable *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (McCliTable, mc_cli_table_free)

/* JSON in UTF-8 whatever the locale, with its line feed; indented unless on_one_line. */
void mc_cli_print_json (JsonNode *node, gboolean on_one_line);
void mc_cli_print_json_value (GVariant *value, gboolean on_one_line);

/* Writes out what was printed: FALSE if it could not be, with MC_CLI_ERROR_PIPE if the reader is
 * gone. */
gboolean mc_cli_output_flush (GError **error);

G_END_DECLS
