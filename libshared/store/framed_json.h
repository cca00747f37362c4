// SPDX-License-Identifier: LGPL-3.0-or-later
// JSON in a run of whole pages: text, zeros, its length (u32), SHA-256 over all before.  Format:
// inxt-piece(5), "The stored piece": the trailer, a renewal.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace inxt::store {

inline constexpr std::size_t kFrameBytes = 4 + 32;  // behind the text and the zeros: length, checksum

/// REQUIRES: text.size() + kFrameBytes <= out.size().
void encode_framed(std::string_view text, ByteSpan out);
/// The text, in `bytes`.  REQUIRES: bytes.size() > kFrameBytes.
/// Errors: integrity: the checksum, the length, or zeros that are none; `what` names it ("trailer").
Result<std::string_view> decode_framed(ByteView bytes, std::string_view what);

}  // namespace inxt::store
