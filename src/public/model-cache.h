/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once

#include "mc-cache.h"
#include "mc-checkout.h"
#include "mc-error.h"
#include "mc-private-cache.h"
#include "mc-public.h"
#include "mc-repo.h"
#include "mc-shared-cache.h"
#include "mc-version.h"
