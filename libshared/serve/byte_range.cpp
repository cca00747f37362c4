// SPDX-License-Identifier: LGPL-3.0-or-later
#include "serve/byte_range.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace inxt::serve {

namespace {

bool take_number(std::string_view& text, std::uint64_t& number) {
  const char* end = text.data() + text.size();
  const auto [behind, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(behind - text.data()));
  return true;
}

}  // namespace

std::expected<std::optional<ByteRange>, Refusal> parse_range(std::string_view header,
                                                             std::uint64_t size_bytes,
                                                             std::string_view what) {
  constexpr std::string_view kUnit = "bytes=";
  if (!header.starts_with(kUnit)) return std::nullopt;
  const auto refused = [&](std::string_view why) {
    Refusal refusal(416, Error{Code::usage, fmt::format("Range: {}", why), {}});
    refusal.headers.push_back({"Content-Range", fmt::format("bytes */{}", size_bytes)});
    return std::unexpected(std::move(refusal));
  };

  std::string_view rest = header.substr(kUnit.size());
  if (rest.find(',') != std::string_view::npos) return refused("one range a request");
  std::uint64_t first = 0, last = size_bytes - 1;
  if (rest.starts_with('-')) {
    rest.remove_prefix(1);
    std::uint64_t count = 0;
    if (!take_number(rest, count) || !rest.empty()) return refused("it is malformed");
    if (count == 0) return refused("it is empty");
    first = count < size_bytes ? size_bytes - count : 0;
    return ByteRange{first, size_bytes - first};
  }
  if (!take_number(rest, first) || !rest.starts_with('-')) return refused("it is malformed");
  rest.remove_prefix(1);
  if (!rest.empty() && (!take_number(rest, last) || !rest.empty())) return refused("it is malformed");
  if (last < first && first < size_bytes) return refused("it ends before it begins");
  if (first >= size_bytes) return refused(fmt::format("the {} has {} bytes", what, size_bytes));
  last = std::min(last, size_bytes - 1);
  return ByteRange{first, last - first + 1};
}

}  // namespace inxt::serve
