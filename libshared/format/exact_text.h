// SPDX-License-Identifier: LGPL-3.0-or-later
// Reads a line that is spelled exactly as inxt writes it: members in their order, no white space, no escapes.
// What it takes, the strict reader (format/json.h) takes too and reads as the same; whatever it does not take
// goes there, and only there it is decided what is wrong.  For lines that come by the hundred thousand.
#pragma once

#include "base/encoding.h"

namespace inxt::format {

/// Every function takes what it names from the front.  False: it is not there; the text is of no use then.
class ExactText {
 public:
  explicit ExactText(std::string_view text) : rest_(text) {}

  bool literal(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }
  /// Plain digits without a zero in front, up to the first other character.
  template <class Unsigned>
  bool number(std::uint64_t max, Unsigned& out) {
    std::uint64_t value = 0;
    std::size_t digits = 0;
    for (; digits < rest_.size() && rest_[digits] >= '0' && rest_[digits] <= '9'; ++digits) {
      if (digits > 0 && value == 0) return false;
      value = value * 10 + static_cast<std::uint64_t>(rest_[digits] - '0');
      if (value > max) return false;  // so it never comes near 2^64.  REQUIRES: max < 2^60
    }
    rest_.remove_prefix(digits);
    out = static_cast<Unsigned>(value);
    return digits > 0;
  }
  bool hex(ByteSpan out) {
    if (rest_.size() < out.size() * 2 || !from_hex(rest_.substr(0, out.size() * 2), out)) return false;
    rest_.remove_prefix(out.size() * 2);
    return true;
  }
  bool base64(ByteSpan out) {
    const auto letters = (out.size() * 8 + 5) / 6;
    if (rest_.size() < letters || !from_base64url(rest_.substr(0, letters), out)) return false;
    rest_.remove_prefix(letters);
    return true;
  }
  /// Up to the next quotation mark.
  bool base64(std::size_t bytes_max, Bytes& out) {
    const auto letters = rest_.find('"');
    if (letters == rest_.npos || letters > (bytes_max * 8 + 5) / 6) return false;
    auto read = from_base64url(rest_.substr(0, letters));
    if (!read) return false;
    out = *std::move(read);
    rest_.remove_prefix(letters);
    return true;
  }
  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

}  // namespace inxt::format
