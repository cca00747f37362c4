// SPDX-License-Identifier: AGPL-3.0-or-later
// How the C++ reads a vector of each format.  The vectors' layout is described in
// tests/reference/make_vectors.py.
#pragma once

#include <nlohmann/json.hpp>
#include <span>

#include "base/encoding.h"
#include "base/result.h"
#include "sys/fd.h"

namespace inxt::vectors {

/// Members in any order are the same value.
using Value = nlohmann::json;

struct Format {
  std::string_view name;
  /// What was read, as the vector's `value` says it; or the refusal.
  Result<Value> (*run)(const Value& given, ByteView input);
};

std::span<const Format> json_formats();
std::span<const Format> key_formats();
std::span<const Format> manifest_formats();
std::span<const Format> piece_formats();
std::span<const Format> token_formats();
std::span<const Format> audit_formats();
std::span<const Format> inventory_formats();
std::span<const Format> content_formats();
std::span<const Format> placement_formats();
std::span<const Format> tree_formats();
std::span<const Format> share_formats();
std::span<const Format> care_formats();

/// A member of `given` in hex, and in b64.  A vector that does not have it fails as a whole.
Bytes hex_of(const Value& given, const char* name);
Bytes base64_of(const Value& text);

template <class AnyId>
AnyId id_of(const Value& given, const char* name) {
  const auto id = AnyId::parse(given.at(name).get_ref<const std::string&>());
  if (!id) throw std::runtime_error(id.error().what);
  return *id;
}
template <std::size_t N>
ByteArray<N> array_of(const Value& given, const char* name) {
  ByteArray<N> out;
  if (!from_hex(given.at(name).get_ref<const std::string&>(), out)) throw std::runtime_error(name);
  return out;
}

/// A file without a name that holds `text`, at its beginning.
sys::Fd memory_file(ByteView text);

}  // namespace inxt::vectors
