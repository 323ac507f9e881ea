/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-problem-bar.h"

#include "mc-error-text.h"

#include <glib/gi18n.h>

struct _McProblemBar
{
  AdwBin parent_instance;
  char *repo;            /* (owned) (nullable): what is shown */
  char *action;          /* (owned) (nullable): what was tried last */
  GVariant *target;      /* (owned) (nullable): of that */
  GtkRevealer *revealer; /* template widgets */
  GtkButton *button;
  GtkLabel *button_label;
  GtkLabel *title;
  GtkLabel *explanation;
};

G_DEFINE_FINAL_TYPE (McProblemBar, mc_problem_bar, ADW_TYPE_BIN)

/* What cannot be done is not offered. */
static void
show_remedy (McProblemBar *self, const McErrorText *text, const char *repo)
{
  gboolean again = g_strcmp0 (text->action, "problem.retry") == 0;
  gboolean about_repo = g_strcmp0 (text->action, "win.open-page") == 0
                        || g_strcmp0 (text->action, "win.look-up") == 0;
  gboolean has_repo = repo != NULL && repo[0] != '\0';
  gboolean offered =
      text->action != NULL && (!again || self->action != NULL) && (!about_repo || has_repo);

  gtk_widget_set_visible (GTK_WIDGET (self->button), offered);
  if (!offered)
    return;
  gtk_label_set_label (self->button_label, text->button);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  text->button, -1);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->button), NULL);
  gtk_actionable_set_action_target_value (GTK_ACTIONABLE (self->button),
                                          about_repo ? g_variant_new_string (repo) : NULL);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->button), text->action);
}

void
mc_problem_bar_set_repo (McProblemBar *self, const char *repo)
{
  g_free (self->repo);
  self->repo = g_strdup (repo);
}

void
mc_problem_bar_try (McProblemBar *self, const char *action, GVariant *target)
{
  mc_problem_bar_hide (self);
  g_clear_pointer (&self->action, g_free);
  g_clear_pointer (&self->target, g_variant_unref);
  self->action = g_strdup (action);
  self->target = target == NULL ? NULL : g_variant_ref_sink (target);
}

static void
show (McProblemBar *self, const McErrorText *text, const char *title, const char *details)
{
  gtk_label_set_label (self->title, title);
  gtk_label_set_label (self->explanation, text->explanation);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->explanation), details);
  gtk_revealer_set_reveal_child (self->revealer, TRUE);
}

void
mc_problem_bar_show_setting (McProblemBar *self, const GError *error)
{
  McErrorText text = mc_error_text_get_for_setting (error);

  gtk_widget_set_visible (GTK_WIDGET (self->button), FALSE);
  show (self, &text, text.title, error->message);
}

void
mc_problem_bar_show (McProblemBar *self, const GError *error, const char *repo)
{
  McErrorText text = mc_error_text_get (error);
  gboolean other = repo != NULL && repo[0] != '\0' && g_strcmp0 (repo, self->repo) != 0;
  g_autofree char *title =
      /* Translators: what went wrong, and with which model: “Not Found on the Hub: owner/name” */
      other ? g_strdup_printf (_ ("%s: %s"), text.title, repo) : g_strdup (text.title);

  show_remedy (self, &text, other ? repo : self->repo);
  show (self, &text, title, error->message);
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
retry_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McProblemBar *self = MC_PROBLEM_BAR (widget);
  g_autofree char *action = g_strdup (self->action);
  g_autoptr (GVariant) target = self->target == NULL ? NULL : g_variant_ref (self->target);

  mc_problem_bar_hide (self);
  if (action != NULL)
    gtk_widget_activate_action_variant (widget, action, target);
}

static void
mc_problem_bar_dispose (GObject *object)
{
  /* A bound child would be taken from under the bin. */
  adw_bin_set_child (ADW_BIN (object), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (object), MC_TYPE_PROBLEM_BAR);
  g_clear_pointer (&MC_PROBLEM_BAR (object)->repo, g_free);
  g_clear_pointer (&MC_PROBLEM_BAR (object)->action, g_free);
  g_clear_pointer (&MC_PROBLEM_BAR (object)->target, g_variant_unref);
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
  gtk_widget_class_bind_template_child (widget_class, McProblemBar, button);
  gtk_widget_class_bind_template_child (widget_class, McProblemBar, button_label);
  gtk_widget_class_install_action (widget_class, "problem.dismiss", NULL, dismiss_action);
  gtk_widget_class_install_action (widget_class, "problem.retry", NULL, retry_action);
}

static void
mc_problem_bar_init (McProblemBar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
