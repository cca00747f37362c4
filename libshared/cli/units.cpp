// SPDX-License-Identifier: LGPL-3.0-or-later
#include "cli/units.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <ctime>
#include <limits>

#include "base/quantity.h"
#include "cli/escape.h"

namespace inxt::cli {
namespace {

constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};
constexpr std::array<Unit, 10> kSizes{{{"", 1},
                                       {"b", 1},
                                       {"kib", 1ULL << 10},
                                       {"mib", 1ULL << 20},
                                       {"gib", 1ULL << 30},
                                       {"tib", 1ULL << 40},
                                       {"kb", 1000},
                                       {"mb", 1000'000},
                                       {"gb", 1000'000'000},
                                       {"tb", 1000'000'000'000}}};
constexpr std::array<Unit, 5> kDurations{{{"", 1}, {"s", 1}, {"min", 60}, {"h", 3600}, {"d", 86400}}};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Digits off the front of `text`.
std::string_view take_digits(std::string_view& text) {
  std::size_t length = 0;
  while (length < text.size() && is_digit(text[length])) ++length;
  std::string_view digits = text.substr(0, length);
  text.remove_prefix(length);
  return digits;
}

std::string take_letters(std::string_view& text) {
  std::string letters;
  while (!text.empty() && ((text.front() | 0x20) >= 'a' && (text.front() | 0x20) <= 'z')) {
    letters += static_cast<char>(text.front() | 0x20);
    text.remove_prefix(1);
  }
  return letters;
}

template <std::size_t N>
std::uint64_t factor_of(const std::array<Unit, N>& units, std::string_view name) {
  for (const Unit& unit : units)
    if (unit.name == name) return unit.factor;
  return 0;
}

std::unexpected<Error> not_a(std::string_view what, std::string_view text, std::string_view hint) {
  return fail(Code::usage, fmt::format("\"{}\" is not {}", escape(text.substr(0, 64)), what),
              std::string(hint));
}

}  // namespace

Result<std::uint64_t> parse_size(std::string_view text) {
  const std::string_view whole = text;
  auto bad = [&] {
    return not_a("a size", whole, "a size is a number with B, KiB MiB GiB TiB or KB MB GB TB, such as 64MiB");
  };
  const std::string_view digits = take_digits(text);
  std::string_view decimals;
  if (!text.empty() && text.front() == '.') {
    text.remove_prefix(1);
    decimals = take_digits(text);
    if (decimals.empty() || decimals.size() > 3) return bad();
  }
  if (text.size() > 1 && text.front() == ' ') text.remove_prefix(1);
  const std::uint64_t factor = factor_of(kSizes, take_letters(text));
  if (digits.empty() || factor == 0 || !text.empty()) return bad();

  unsigned __int128 thousandths = 0;
  if (digits.size() > 19) return bad();
  for (char c : digits) thousandths = thousandths * 10 + (c - '0');
  for (std::size_t i = 0; i < 3; ++i)
    thousandths = thousandths * 10 + (i < decimals.size() ? decimals[i] - '0' : 0);
  thousandths *= factor;
  if (thousandths % 1000 != 0 || thousandths / 1000 > kMax) return bad();
  return static_cast<std::uint64_t>(thousandths / 1000);
}

Result<std::int64_t> parse_duration_s(std::string_view text) {
  const std::string_view whole = text;
  auto bad = [&] {
    return not_a("a duration", whole, "a duration is a number with s, min, h or d, such as 90d");
  };
  if (text.empty()) return bad();
  unsigned __int128 total = 0;
  while (!text.empty()) {
    const std::string_view digits = take_digits(text);
    if (digits.empty() || digits.size() > 18) return bad();
    std::uint64_t number = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    const std::string unit = take_letters(text);
    const std::uint64_t factor = factor_of(kDurations, unit);
    if (factor == 0 || (unit.empty() && digits.size() != whole.size())) return bad();
    total += static_cast<unsigned __int128>(number) * factor;
    if (total > kMax) return bad();
  }
  return static_cast<std::int64_t>(total);
}

Result<std::int64_t> parse_time_unix_s(std::string_view text, std::int64_t now_unix_s) {
  auto bad = [&] {
    return not_a("a time", text,
                 "a time is 2027-01-31, 2027-01-31T12:00:00Z, @SECONDS or a duration from now such as 90d");
  };
  if (text.starts_with('@')) {
    std::int64_t seconds = 0;
    const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), seconds);
    if (error != std::errc{} || end != text.data() + text.size() || seconds < 0) return bad();
    return seconds;
  }
  if (text.size() >= 10 && text[4] == '-') {
    tm parts{};
    const std::string copy(text);
    const char* end = strptime(copy.c_str(), text.size() == 10 ? "%Y-%m-%d" : "%Y-%m-%dT%H:%M:%SZ", &parts);
    if (end != copy.c_str() + copy.size()) return bad();
    const tm wanted = parts;
    const std::int64_t seconds = timegm(&parts);
    if (parts.tm_mday != wanted.tm_mday || seconds < 0) return bad();  // 31 February
    return seconds;
  }
  auto duration = parse_duration_s(text);
  if (!duration || *duration > static_cast<std::int64_t>(kMax) - now_unix_s) return bad();
  return now_unix_s + *duration;
}

Result<Redundancy> parse_redundancy(std::string_view text) {
  Redundancy out;
  const char* end = text.data() + text.size();
  auto data = std::from_chars(text.data(), end, out.data);
  if (data.ec == std::errc{} && data.ptr != end && *data.ptr == '+' && text.size() <= 5) {
    auto parity = std::from_chars(data.ptr + 1, end, out.parity);
    if (parity.ec == std::errc{} && parity.ptr == end && out.data >= 1 && out.data <= 64 && out.parity <= 64)
      return out;
  }
  return not_a("a redundancy", text, "K+M is data shards, 1 to 64, and parity shards, 0 to 64, such as 4+2");
}

std::string show_size(std::uint64_t bytes) {
  return inxt::show_size(bytes);
}

std::string show_duration(std::int64_t seconds) {
  return inxt::show_duration(seconds);
}

}  // namespace inxt::cli
