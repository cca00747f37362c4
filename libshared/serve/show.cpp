// SPDX-License-Identifier: LGPL-3.0-or-later
#include "serve/show.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "format/json.h"

namespace inxt::serve {

namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD
constexpr std::size_t kIdDigitsShown = 12;

/// Controls (C0, DEL, C1) and characters that hide or reorder their neighbours.
bool is_harmful(char32_t letter) {
  return letter < 0x20 || (letter >= 0x7f && letter < 0xa0) || letter == 0xad || letter == 0x61c ||
         (letter >= 0x200b && letter <= 0x200f) || (letter >= 0x2028 && letter <= 0x202e) ||
         (letter >= 0x2060 && letter <= 0x206f) || letter == 0xfeff ||
         (letter >= 0xe0000 && letter <= 0xe007f);
}

/// One letter's length in valid UTF-8.
std::size_t length_of(char first) {
  const auto byte = static_cast<unsigned char>(first);
  return byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

char32_t decoded(std::string_view letter) {
  if (letter.size() == 1) return static_cast<unsigned char>(letter[0]);
  char32_t value = static_cast<unsigned char>(letter[0]) & (0xffu >> (letter.size() + 1));
  for (const char byte : letter.substr(1)) value = value << 6 | (static_cast<unsigned char>(byte) & 0x3fu);
  return value;
}

}  // namespace

std::string show_time(std::int64_t unix_s) {
  return fmt::format("{:%Y-%m-%d %H:%M:%S} UTC", fmt::gmtime(static_cast<std::time_t>(unix_s)));
}

std::string show_id(std::string_view hex) {
  if (hex.size() <= kIdDigitsShown) return std::string(hex);
  return std::string(hex.substr(0, kIdDigitsShown)) + "\xe2\x80\xa6";
}

std::string show_reason(std::string_view name) {
  std::string text(name);
  std::ranges::replace(text, '_', ' ');
  return text;
}

std::string printable(std::string_view text) {
  std::string out;
  if (!format::is_utf8(text)) {
    for (const char byte : text)
      if (byte >= 0x20 && byte < 0x7f)
        out += byte;
      else
        out += kReplacement;
    return out;
  }
  while (!text.empty()) {
    const std::string_view letter = text.substr(0, length_of(text[0]));
    out += is_harmful(decoded(letter)) ? kReplacement : letter;
    text.remove_prefix(letter.size());
  }
  return out;
}

std::string html(std::string_view text) {
  std::string out;
  for (const char letter : printable(text)) {
    switch (letter) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += letter;
    }
  }
  return out;
}

}  // namespace inxt::serve
