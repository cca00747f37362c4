// SPDX-License-Identifier: LGPL-3.0-or-later
// The Range header of RFC 9110, one range a request.
#pragma once

#include <optional>

#include "serve/refusal.h"

namespace inxt::serve {

/// "bytes=a-b", "bytes=a-", "bytes=-n" within `size` bytes.
struct ByteRange {
  std::uint64_t first = 0, length = 0;
};
/// Nothing for another unit, which RFC 9110 says to ignore.  `what` has so many bytes: "piece".
/// Errors: 416, with Content-Range, for several ranges, a malformed one, or one outside.
std::expected<std::optional<ByteRange>, Refusal> parse_range(std::string_view header,
                                                             std::uint64_t size_bytes, std::string_view what);

}  // namespace inxt::serve
