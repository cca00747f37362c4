// SPDX-License-Identifier: LGPL-3.0-or-later
// JSON as inxt reads and writes it: one object, one meaning.  Format: inxt-manifest(5), "Lines".
//
// A signed line must not read differently in two programs, so what JSON leaves open is refused: duplicate
// keys, floats and exponents, integers past 2^53 - 1, invalid UTF-8, deep nesting, anything behind the
// object.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "base/ids.h"
#include "base/result.h"

namespace inxt::format {

using Json = nlohmann::ordered_json;

inline constexpr std::size_t kLineBytesMax = 8192;  // with the newline
inline constexpr std::size_t kJsonDepthMax = 8;
inline constexpr std::uint64_t kJsonIntegerMax = (std::uint64_t{1} << 53) - 1;

/// One JSON object, strictly.  Errors: integrity, with the byte where it stops making sense.
/// Limits: text_bytes_max (named in the error; if nothing is said, that of a line without its newline), kJsonDepthMax.
Result<Json> parse_object(std::string_view text, std::size_t text_bytes_max = kLineBytesMax - 1);

/// Compact text, keys in the order they were put in.  REQUIRES: strings are valid UTF-8 (see is_utf8).
std::string write_compact(const Json& json);

bool is_utf8(std::string_view text);

/// Typed reading of one object's members; each error says which member of what (`where`, such as "line 7").
class Fields {
 public:
  Fields(const Json& object, std::string where) : object_(object), where_(std::move(where)) {}

  bool has(const char* key) const;
  Result<std::uint64_t> integer(const char* key, std::uint64_t max = kJsonIntegerMax) const;
  Result<std::int64_t> time(const char* key) const;  // unix seconds, 0 or later
  Result<std::string> text(const char* key, std::size_t bytes_max) const;
  Result<bool> boolean(const char* key) const;
  Result<void> hex(const char* key, ByteSpan out) const;
  Result<void> base64(const char* key, ByteSpan out) const;
  Result<Bytes> base64(const char* key, std::size_t bytes_max) const;
  Result<std::vector<std::string>> texts(const char* key, std::size_t count_max, std::size_t bytes_max) const;

  template <class AnyId>
  Result<AnyId> id(const char* key) const {
    AnyId id;
    TRY(hex(key, id.bytes));
    return id;
  }
  /// Errors: integrity unless the member is exactly this text.
  Result<void> expect(const char* key, std::string_view value) const;
  /// Errors: integrity when `crit` names a key that is not in `known`.
  Result<void> check_crit(std::initializer_list<std::string_view> known) const;

  std::unexpected<Error> bad(const char* key, std::string_view why) const;

 private:
  const Json& object_;
  std::string where_;
};

}  // namespace inxt::format
