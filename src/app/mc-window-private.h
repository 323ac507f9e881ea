/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-window.h"

#include "mc-announcer.h"
#include "mc-discover-view.h"
#include "mc-library-view.h"
#include "mc-problem-bar.h"
#include "mc-repo-page.h"
#include "mc-status-bar.h"

G_BEGIN_DECLS

/* What mc-window.c and its actions (mc-window-actions.c) share. */

struct _McWindow
{
  AdwApplicationWindow parent_instance;
  McInventory *inventory;   /* (owned) */
  GSettings *settings;      /* (owned) */
  GCancellable *looking_up; /* (owned) (nullable) */
  char *looked_up;          /* (owned) (nullable): what for */
  char *wanted;             /* (owned) (nullable): a repo to be shown when it is known; forgotten
                               as soon as the person goes somewhere */
  AdwToast *undo_toast;     /* (owned) (nullable): of the last deletion */
  AdwToastOverlay *toasts;  /* template widgets from here on */
  AdwLeaflet *leaflet;
  AdwViewStack *views;
  AdwViewStackPage *downloads_page;
  GtkToggleButton *search_button;
  GtkMenuButton *menu_button;
  McAnnouncer *announcer; /* borrowed: beside the template */
  McStatusBar *status_bar;
  McProblemBar *problem_bar;
  McLibraryView *library_view;
  AdwBin *discover_place; /* these three are empty at first: see get_discover_view() */
  AdwBin *downloads_place;
  AdwBin *repo_place;
  guint making; /* source: of the views that were not wanted yet */
};

/* Made when it is first asked for. */
McDiscoverView *mc_window_get_discover_view (McWindow *self);
/* Leaves the page of a repo for the views; NULL: the one that was last seen. */
void mc_window_show_views (McWindow *self, const char *view);
/* Shows the page of the repo that is wanted as soon as the repo is known. */
void mc_window_show_wanted (McWindow *self);
/* What Try Again means from here on, if it fails. NULL: nothing. A floating target is taken. */
void mc_window_begin (McWindow *self, const char *action, GVariant *target);

void mc_window_install_actions (GtkWidgetClass *widget_class);

G_END_DECLS
