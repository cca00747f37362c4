// SPDX-License-Identifier: LGPL-3.0-or-later
#include "store/names.h"

#include <fmt/format.h>

namespace inxt::store {
namespace {

constexpr std::string_view kRenewalEnding = ".renewal";

}  // namespace

std::size_t folder_of(const PieceId& piece) {
  return std::to_integer<std::size_t>(piece.bytes[0]) << 4 |
         std::to_integer<std::size_t>(piece.bytes[1]) >> 4;
}

std::string folder_name(std::size_t folder) {
  return fmt::format("{:03x}", folder);
}

std::optional<std::size_t> folder_from_name(std::string_view name) {
  if (name.size() != 3) return std::nullopt;
  std::size_t folder = 0;
  for (const char digit : name) {
    const std::size_t value = std::string_view("0123456789abcdef").find(digit);
    if (value == std::string_view::npos) return std::nullopt;
    folder = folder << 4 | value;
  }
  return folder;
}

std::string file_name(const Key& key) {
  return fmt::format("{}-{}", key.piece.hex(), key.account.hex());
}

std::optional<Key> key_from_name(std::string_view name) {
  if (name.size() != 64 + 1 + 64 || name[64] != '-') return std::nullopt;
  const auto piece = PieceId::parse(name.substr(0, 64));
  const auto account = AccountId::parse(name.substr(65));
  if (!piece || !account) return std::nullopt;
  return Key{*piece, *account};
}

std::string renewal_name(const Key& key) {
  return file_name(key).append(kRenewalEnding);
}

std::optional<Key> key_from_renewal_name(std::string_view name) {
  if (!name.ends_with(kRenewalEnding)) return std::nullopt;
  return key_from_name(name.substr(0, name.size() - kRenewalEnding.size()));
}

sys::Path path_of(std::size_t folder) {
  return {"pieces", folder_name(folder)};
}
sys::Path path_of(const Key& key) {
  return path_of(folder_of(key.piece)) / file_name(key);
}

sys::Path renewal_path_of(const Key& key) {
  return path_of(folder_of(key.piece)) / renewal_name(key);
}
sys::Path quarantine_path_of(const Key& key) {
  return {"quarantine", file_name(key)};
}
sys::Path quarantine_renewal_path_of(const Key& key) {
  return {"quarantine", renewal_name(key)};
}

}  // namespace inxt::store
