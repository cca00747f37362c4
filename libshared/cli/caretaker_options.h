// SPDX-License-Identifier: LGPL-3.0-or-later
// Under whose number a Bridge stores what it repairs: --caretaker.
#pragma once

#include "cli/world.h"

namespace inxt::cli {

struct CaretakerOptions {
  std::optional<std::string> file;  // its key file
  std::uint32_t number = 0;         // of the owner's caretaker, where no file is named
};

/// --caretaker.
Option& declare_caretaker_option(Command& command, CaretakerOptions& to);
/// Errors: usage for another key file, and for a delegated machine's key without one; those of World::key().
Result<keys::UploaderKeys> caretaker_of(World& world, const CaretakerOptions& options, const keys::Key& key);

}  // namespace inxt::cli
