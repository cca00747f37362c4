// SPDX-License-Identifier: LGPL-3.0-or-later
// What the files of a store are called.  Format: inxt-piece(5), "The stored piece".
#pragma once

#include <optional>
#include <string>

#include "base/ids.h"
#include "sys/directory.h"

namespace inxt::store {

inline constexpr std::size_t kFolders = 4096;  // three hex digits
inline constexpr std::string_view kVersionText = "inxt-store 1\n";

/// One contract's piece.
struct Key {
  PieceId piece;
  AccountId account;
  auto operator<=>(const Key&) const = default;
};

/// The folder that a piece belongs in: the first 12 bits of its id.
std::size_t folder_of(const PieceId& piece);
/// "000" to "fff".
std::string folder_name(std::size_t folder);
/// Nothing when no folder is called so.
std::optional<std::size_t> folder_from_name(std::string_view name);

/// "<piece>-<account>", in hex.
std::string file_name(const Key& key);
/// Nothing when no piece's file is called so.
std::optional<Key> key_from_name(std::string_view name);
/// "<piece>-<account>.renewal"
std::string renewal_name(const Key& key);
/// Nothing when no renewal's file is called so.
std::optional<Key> key_from_renewal_name(std::string_view name);

/// pieces/<folder>, and the file in it.
sys::Path path_of(std::size_t folder);
sys::Path path_of(const Key& key);
/// Of its renewal's file, and of the piece's in the quarantine.
sys::Path renewal_path_of(const Key& key);
sys::Path quarantine_path_of(const Key& key);
sys::Path quarantine_renewal_path_of(const Key& key);

}  // namespace inxt::store
