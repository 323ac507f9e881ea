/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once

/* What the shared library shows; everything else stays hidden in it (-fvisibility=hidden). */
#define MC_PUBLIC __attribute__ ((visibility ("default"))) extern
