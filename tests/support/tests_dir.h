// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

#include <string>

namespace inxt::testing {

/// Path of the folder tests/ that the programs were built from: golden files, vectors, helpers.
std::string tests_dir();

}  // namespace inxt::testing
