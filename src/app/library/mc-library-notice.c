/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-library-notice.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <string.h>

typedef struct
{
  const char *page;
  const char *icon;
  const char *title;
  const char *description;
  const char *button;
  const char *action; /* detailed */
  gboolean suggested;
} Notice;

static const Notice notices[] = {
  { "absent", "drive-harddisk-symbolic", N_ ("The Models Are Not Connected"),
    N_ ("They are on a disk that is not there now. Nothing is lost: connect it, then try again."),
    N_ ("_Try Again"), "library.retry", TRUE },
  { "unreachable", "dialog-warning-symbolic", N_ ("The Service Cannot Be Reached"),
    N_ ("It keeps and downloads the models, and may not be installed. Nothing is lost."),
    N_ ("_Try Again"), "library.retry", TRUE },
  { "no-results", "system-search-symbolic", N_ ("Nothing Found in the Library"),
    N_ ("Try another word, or look for it on the Hub."), N_ ("_Discover Models"),
    "win.show-view::discover", FALSE },
};

static GtkWidget *
make_button (const Notice *notice)
{
  GtkWidget *label = gtk_label_new_with_mnemonic (_ (notice->button));
  GtkWidget *button = gtk_button_new ();

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_button_set_child (GTK_BUTTON (button), label);
  gtk_widget_set_halign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "pill");
  if (notice->suggested)
    gtk_widget_add_css_class (button, "suggested-action");
  gtk_actionable_set_detailed_action_name (GTK_ACTIONABLE (button), notice->action);
  return button;
}

GtkWidget *
mc_library_notice_new (const char *page)
{
  for (gsize i = 0; i < G_N_ELEMENTS (notices); i++)
    if (strcmp (notices[i].page, page) == 0)
      return g_object_new (ADW_TYPE_STATUS_PAGE, "icon-name", notices[i].icon, "title",
                           _ (notices[i].title), "description", _ (notices[i].description), "child",
                           make_button (&notices[i]), NULL);
  return NULL;
}
