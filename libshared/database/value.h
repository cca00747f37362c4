// SPDX-License-Identifier: LGPL-3.0-or-later
// What goes into a statement's parameters.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace inxt::database {

enum class Kind : std::uint8_t { null, integer, real, text, blob };

/// The longest text or blob that goes in.
inline constexpr std::size_t kValueBytesMax = 16U << 20;

/// A parameter.  Does not own text and blobs: they must live until the call that it is given to returns, as
/// everything written between that call's braces does.  Unsigned 64-bit integers are refused by the compiler:
/// no column holds them.  Text is UTF-8 without NUL, a real is not NaN, nothing is longer than
/// kValueBytesMax: statements with others end in an error (usage) that says which parameter.
class Value {
 public:
  Value(std::nullptr_t) {}    // NOLINT: all of these are meant to convert
  Value(std::nullopt_t) {}    // NOLINT
  template <std::integral T>  // NOLINT
  requires(sizeof(T) < 8 || std::signed_integral<T>) Value(T value)
      : kind_(Kind::integer), integer_(value) {}  // NOLINT
  template <std::floating_point T>
  Value(T value) : kind_(Kind::real), real_(static_cast<double>(value)) {}    // NOLINT
  Value(const char* text) : Value(std::string_view(text)) {}                  // NOLINT
  Value(const std::string& text) : Value(std::string_view(text)) {}           // NOLINT
  Value(std::string_view text) : kind_(Kind::text), bytes_(view_of(text)) {}  // NOLINT
  Value(ByteView blob) : kind_(Kind::blob), bytes_(blob) {}                   // NOLINT
  Value(const Bytes& blob) : Value(ByteView(blob)) {}                         // NOLINT
  template <std::size_t N>
  Value(const ByteArray<N>& blob) : Value(ByteView(blob)) {}  // NOLINT
  template <class Id>
  requires requires(const Id& id) {
    { id.view() } -> std::same_as<ByteView>;
  }
  Value(const Id& id) : Value(id.view()) {}  // NOLINT: base/ids.h
  template <class T>
  Value(const std::optional<T>& value) : Value(value ? Value(*value) : Value(nullptr)) {}  // NOLINT

  Kind kind() const { return kind_; }
  std::int64_t integer() const { return integer_; }
  double real() const { return real_; }
  std::string_view text() const { return text_of(bytes_); }
  ByteView blob() const { return bytes_; }

 private:
  Kind kind_ = Kind::null;
  union {
    std::int64_t integer_ = 0;
    double real_;
  };
  ByteView bytes_;
};

}  // namespace inxt::database
