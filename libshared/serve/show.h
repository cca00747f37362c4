// SPDX-License-Identifier: LGPL-3.0-or-later
// How the status' text and page show what is no number.  Text from outside is made harmless here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace inxt::serve {

/// "2026-11-21 04:30:00 UTC".
std::string show_time(std::int64_t unix_s);
/// An id's first 12 digits and an ellipsis: enough to tell two apart, the whole stands elsewhere.
std::string show_id(std::string_view hex);
/// "too_many_requests" -> "too many requests".
std::string show_reason(std::string_view name);
/// Valid UTF-8 without control characters and without those that hide or reorder text: each is U+FFFD
/// instead.
std::string printable(std::string_view text);
/// The same with what HTML gives a meaning (& < > " ') escaped: fit for text and for quoted attributes.
std::string html(std::string_view text);

}  // namespace inxt::serve
