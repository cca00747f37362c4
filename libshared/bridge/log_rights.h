// SPDX-License-Identifier: LGPL-3.0-or-later
// What a permit must allow for an append.  Wire: inxt-bridge(7), "Logs".
#pragma once

#include "bridge/authority.h"
#include "bridge/log_append.h"

namespace inxt::bridge {

/// create, write, delete, share: that ability, for the object that the entry names.  name: write, for all
/// objects.  A record needs create where it begins an object, write where it is a version of one, and either
/// of them, for all objects, where the body does not tell. Errors: denied, saying what the permit allows.
Result<void> check_append(const Authority& authority, const LogAppend& append);

}  // namespace inxt::bridge
