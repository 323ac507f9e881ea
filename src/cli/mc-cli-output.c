/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli-output.h"

#include "mc-cli-errors.h"
#include "mc-cli-text.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* The only file that writes text and JSON to standard output. Drawing over lines is the business
 * of mc-cli-progress.c. */

McCliStream
mc_cli_output_examine (int fd)
{
  McCliStream stream = { .columns = G_MAXUINT };
  struct winsize size = { 0 };
  const char *term = g_getenv ("TERM");
  guint64 columns;

  stream.utf8 = g_get_charset (NULL);
  stream.is_terminal = isatty (fd) == 1;
  if (!stream.is_terminal)
    return stream;
  stream.can_draw = term != NULL && term[0] != '\0' && strcmp (term, "dumb") != 0;
  stream.columns = 80;
  if (ioctl (fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    stream.columns = size.ws_col;
  else if (g_getenv ("COLUMNS") != NULL
           && g_ascii_string_to_unsigned (g_getenv ("COLUMNS"), 10, 1, 10000, &columns, NULL))
    stream.columns = (guint) columns;
  return stream;
}

static void G_GNUC_PRINTF (2, 0) write_clean (FILE *file, const char *format, va_list arguments)
{
  g_autofree char *text = g_strdup_vprintf (format, arguments);
  g_autofree char *clean = mc_cli_text_clean (text, g_get_charset (NULL));

  fputs (clean, file);
}

void
mc_cli_print (const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  write_clean (stdout, format, arguments);
  va_end (arguments);
}

void
mc_cli_print_error (const char *format, ...)
{
  va_list arguments;

  fflush (stdout);
  va_start (arguments, format);
  write_clean (stderr, format, arguments);
  va_end (arguments);
}

/* --- tables --- */

#define LEFT_TO_RIGHT_MARK "\xe2\x80\x8e"

struct _McCliTable
{
  const McCliColumn *columns; /* borrowed */
  guint n_columns;
  GPtrArray *cells; /* row by row */
};

McCliTable *
mc_cli_table_new (const McCliColumn *columns, guint n_columns)
{
  McCliTable *self = g_new0 (McCliTable, 1);

  self->columns = columns;
  self->n_columns = n_columns;
  self->cells = g_ptr_array_new_with_free_func (g_free);
  return self;
}

void
mc_cli_table_free (McCliTable *self)
{
  g_ptr_array_unref (self->cells);
  g_free (self);
}

/* A cell is one line: what would break the table is blanked. */
void
mc_cli_table_add (McCliTable *self, ...)
{
  va_list cells;

  va_start (cells, self);
  for (guint i = 0; i < self->n_columns; i++)
    {
      g_autofree char *text = va_arg (cells, char *);
      char *clean = mc_cli_text_clean (text, g_get_charset (NULL));

      g_ptr_array_add (self->cells, g_strdelimit (clean, "\n\t", ' '));
    }
  va_end (cells);
}

/* The column to do without next; -1 if all that are left matter. */
static int
find_least (McCliTable *self, const gboolean *hidden)
{
  int least = -1;

  for (guint i = 0; i < self->n_columns; i++)
    if (!hidden[i] && self->columns[i].rank > 0
        && (least < 0 || self->columns[i].rank >= self->columns[least].rank))
      least = (int) i;
  return least;
}

static guint
measure_row (McCliTable *self, const guint *widths, const gboolean *hidden)
{
  guint width = 0;

  for (guint i = 0; i < self->n_columns; i++)
    if (!hidden[i])
      width += widths[i] + (width > 0 ? 2 : 0);
  return width;
}

/* Whether no row has anything to say in that column. */
static gboolean
is_empty (McCliTable *self, guint column)
{
  for (guint i = column; i < self->cells->len; i += self->n_columns)
    if (((const char *) g_ptr_array_index (self->cells, i))[0] != '\0')
      return FALSE;
  return TRUE;
}

/* gettext's translation of nothing is what the catalogue says of itself. */
static const char *
get_title (McCliTable *self, guint column)
{
  const char *title = self->columns[column].title;

  return title[0] != '\0' ? _ (title) : title;
}

/* Makes the widths fit: hides columns, then shortens the first. */
static void
settle_widths (McCliTable *self, guint *widths, gboolean *hidden, guint columns)
{
  guint width;
  int least;

  for (guint i = 0; i < self->n_columns; i++)
    {
      widths[i] = mc_cli_text_width (get_title (self, i));
      hidden[i] = is_empty (self, i);
    }
  for (guint i = 0; i < self->cells->len; i++)
    {
      guint *cell = &widths[i % self->n_columns];

      *cell = MAX (*cell, mc_cli_text_width (g_ptr_array_index (self->cells, i)));
    }
  while ((width = measure_row (self, widths, hidden)) > columns
         && (least = find_least (self, hidden)) >= 0)
    hidden[least] = TRUE;
  for (guint i = 0; i < self->n_columns && width > columns; i++)
    if (!hidden[i] && !self->columns[i].to_the_right && widths[i] > 8)
      {
        guint excess = MIN (width - columns, widths[i] - 8);

        widths[i] -= excess;
        width -= excess;
      }
}

/* Whether it is written from right to left: the blocks Unicode keeps for such scripts. */
static gboolean
runs_left (gunichar c)
{
  return (c >= 0x590 && c <= 0x8ff) || (c >= 0xfb1d && c <= 0xfdff) || (c >= 0xfe70 && c <= 0xfefc)
         || (c >= 0x10800 && c <= 0x10fff) || (c >= 0x1e800 && c <= 0x1efff);
}

/* A terminal that knows the order of scripts would draw what is beside a name in Hebrew on its
 * other side: an invisible mark ends the name. */
static char *
end_order (char *cell, gboolean utf8)
{
  g_autofree char *text = cell;

  for (const char *c = text; utf8 && *c != '\0'; c = g_utf8_next_char (c))
    if (runs_left (g_utf8_get_char (c)))
      return g_strconcat (text, LEFT_TO_RIGHT_MARK, NULL);
  return g_steal_pointer (&text);
}

static void
render_row (McCliTable *self,
            GString *text,
            char **cells,
            const guint *widths,
            const gboolean *hidden,
            gboolean utf8)
{
  gsize start = text->len;

  for (guint i = 0; i < self->n_columns; i++)
    {
      g_autofree char *fitting = NULL;
      g_autofree char *padded = NULL;

      if (hidden[i])
        continue;
      fitting = end_order (mc_cli_text_fit (cells[i], widths[i], utf8), utf8);
      padded = mc_cli_text_pad (fitting, widths[i], self->columns[i].to_the_right);
      if (text->len > start)
        g_string_append (text, "  ");
      g_string_append (text, padded);
    }
  while (text->len > start && text->str[text->len - 1] == ' ')
    g_string_truncate (text, text->len - 1);
  g_string_append_c (text, '\n');
}

char *
mc_cli_table_render (McCliTable *self, guint columns, gboolean utf8)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree guint *widths = g_new0 (guint, self->n_columns);
  g_autofree gboolean *hidden = g_new0 (gboolean, self->n_columns);
  g_autofree char **titles = g_new0 (char *, self->n_columns);

  settle_widths (self, widths, hidden, columns);
  for (guint i = 0; i < self->n_columns; i++)
    titles[i] = (char *) get_title (self, i);
  render_row (self, text, titles, widths, hidden, utf8);
  for (guint i = 0; i < self->cells->len; i += self->n_columns)
    render_row (self, text, (char **) self->cells->pdata + i, widths, hidden, utf8);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

void
mc_cli_table_print (McCliTable *self)
{
  McCliStream stream = mc_cli_output_examine (STDOUT_FILENO);
  g_autofree char *text = mc_cli_table_render (self, stream.columns, stream.utf8);

  /* The cells are clean, and to clean them once more would take away the marks. */
  if (stream.utf8)
    fputs (text, stdout);
  else
    mc_cli_print ("%s", text);
}

/* --- JSON --- */

void
mc_cli_print_json (JsonNode *node, gboolean on_one_line)
{
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autofree char *text = NULL;

  json_generator_set_root (generator, node);
  json_generator_set_pretty (generator, !on_one_line);
  text = json_generator_to_data (generator, NULL);
  fputs (text, stdout);
  fputc ('\n', stdout);
}

void
mc_cli_print_json_value (GVariant *value, gboolean on_one_line)
{
  g_autoptr (JsonNode) node = json_gvariant_serialize (value);

  mc_cli_print_json (node, on_one_line);
}

/* An error of an earlier write has left no errno behind, but a pipe still knows. */
static gboolean
reader_is_gone (void)
{
  struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };

  return poll (&out, 1, 0) == 1 && (out.revents & (POLLERR | POLLHUP)) != 0;
}

gboolean
mc_cli_output_flush (GError **error)
{
  int number;

  errno = 0;
  if (fflush (stdout) == 0 && !ferror (stdout))
    return TRUE;
  number = errno == 0 ? EIO : errno;
  clearerr (stdout);
  if (number == EPIPE || reader_is_gone ())
    g_set_error_literal (error, MC_CLI_ERROR, MC_CLI_ERROR_PIPE, "Nobody reads the output");
  else
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (number),
                 _ ("Writing to standard output failed: %s"), g_strerror (number));
  return FALSE;
}
