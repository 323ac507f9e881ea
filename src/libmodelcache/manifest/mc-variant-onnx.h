/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-variant-private.h"

G_BEGIN_DECLS

/* One ONNX graph and what its name says. Strings are kept by the listing. */
typedef struct
{
  guint entry;
  guint home;            /* the folder of the model it is a part of */
  const char *part;      /* its name less the precision, or its folder's: "decoder_model_merged" */
  const char *role;      /* the part words of that, joined by "_" */
  const char *rest;      /* what is left: names the model, "" if there is only one */
  const char *rest_id;   /* the same in small letters */
  const char *precision; /* "q8" */
  gboolean is_preferred; /* what transformers.js would load for that precision */
  GArray *files;         /* (owned) guint: entries, itself and its external data */
} McOnnxGraph;

/* All graphs nobody has claimed, with their external data. */
GPtrArray *mc_onnx_collect (McListing *listing);

/* Folders that are no qualifier: "onnx", a precision, or part words. */
gboolean mc_onnx_folder_is_plain (const McFolder *folder, gpointer unused);

/* What goes before the precision in a label. */
typedef struct
{
  const char *name;      /* "" if the repo has but one model */
  const char *long_name; /* (nullable): for where that does not tell it from another model */
} McOnnxQualifier;

/* One variant for each precision of the leading part of a model, the graphs [first, end). */
void mc_onnx_add_variants (McListing *listing,
                           GPtrArray *graphs,
                           guint first,
                           guint end,
                           const McOnnxQualifier *qualifier);

G_END_DECLS
