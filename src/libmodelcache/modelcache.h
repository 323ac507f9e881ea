/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once

/* The one header of libmodelcache: the store of model files, the Hub it fills from, and the
 * transfers between them. */

#include "mc-digest.h"
#include "mc-doctor.h"
#include "mc-downloader.h"
#include "mc-error.h"
#include "mc-header-fetch.h"
#include "mc-hub-client.h"
#include "mc-keyring.h"
#include "mc-manifest.h"
#include "mc-repo-ref.h"
#include "mc-scanner.h"
#include "mc-store.h"
#include "mc-transfer.h"
#include "mc-variant-detect.h"
#include "mc-version.h"
