// SPDX-License-Identifier: LGPL-3.0-or-later
// A JSON object that a daemon keeps: one file in its folder, one line.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "format/json.h"
#include "sys/directory.h"

namespace inxt::serve {

inline constexpr std::size_t kStateBytesMax = format::kLineBytesMax;

/// Nothing when there is no such file.
/// Errors: integrity, with the name, when it is not one JSON object; those of the disk.
Result<std::optional<format::Json>> read_state(sys::Directory& directory, std::string_view name);

/// Replaces it: whole, or as it was.  Durable when it returns.  REQUIRES: at most kStateBytesMax as text.
Result<void> write_state(sys::Directory& directory, std::string_view name, const format::Json& state);

/// The same of any text.
Result<void> write_text(sys::Directory& directory, std::string_view name, std::string_view text);

/// Errors: those of the disk; none when there is no such file.
Result<void> remove_state(sys::Directory& directory, std::string_view name);

}  // namespace inxt::serve
