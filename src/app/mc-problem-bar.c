/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-problem-bar.h"

#include "mc-error-text.h"

#include <glib/gi18n.h>

struct _McProblemBar
{
  AdwBin parent_instance;
  GtkRevealer *revealer; /* template widgets */
  GtkLabel *title;
  GtkLabel *explanation;
};

G_DEFINE_FINAL_TYPE (McProblemBar, mc_problem_bar, ADW_TYPE_BIN)

void
mc_problem_bar_show (McProblemBar *self, const GError *error, const char *repo)
{
  McErrorText text = mc_error_text_get (error);
  g_autofree char *title =
      /* Translators: what went wrong, and with which model: “Not Found on the Hub: owner/name” */
      repo != NULL && repo[0] != '\0' ? g_strdup_printf (_ ("%s: %s"), text.title, repo)
                                      : g_strdup (text.title);

  gtk_label_set_label (self->title, title);
  gtk_label_set_label (self->explanation, text.explanation);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->explanation), error->message);
  gtk_revealer_set_reveal_child (self->revealer, TRUE);
}

void
mc_problem_bar_hide (McProblemBar *self)
{
  gtk_revealer_set_reveal_child (self->revealer, FALSE);
}

static void
dismiss_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  mc_problem_bar_hide (MC_PROBLEM_BAR (widget));
}

static void
mc_problem_bar_dispose (GObject *object)
{
  /* A bound child would be taken from under the bin. */
  adw_bin_set_child (ADW_BIN (object), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (object), MC_TYPE_PROBLEM_BAR);
  G_OBJECT_CLASS (mc_problem_bar_parent_class)->dispose (object);
}

static void
mc_problem_bar_class_init (McProblemBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = mc_problem_bar_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/tabagent/ModelCache/mc-problem-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, McProblemBar, revealer);
  gtk_widget_class_bind_template_child (widget_class, McProblemBar, title);
  gtk_widget_class_bind_template_child (widget_class, McProblemBar, explanation);
  gtk_widget_class_install_action (widget_class, "problem.dismiss", NULL, dismiss_action);
}

static void
mc_problem_bar_init (McProblemBar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
