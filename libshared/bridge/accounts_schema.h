// SPDX-License-Identifier: LGPL-3.0-or-later
// The tables of permits, quota, charges and placements.
#pragma once

#include "database/migrate.h"

namespace inxt::bridge {

std::span<const database::SqlText> accounts_schema();

}  // namespace inxt::bridge
