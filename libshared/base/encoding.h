// SPDX-License-Identifier: LGPL-3.0-or-later
// Bytes as text: lower-case hex for names that people compare, base64url without padding (RFC 4648) for the
// rest. Both decoders are strict: one text for one value, so that nothing signed has two spellings.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace inxt {

std::string to_hex(ByteView bytes);
/// Errors: integrity when the text is not lower-case hex of exactly out.size() bytes.
Result<void> from_hex(std::string_view text, ByteSpan out);

std::string to_base64url(ByteView bytes);
/// Errors: integrity on padding, other letters, or unused bits that are not zero.
Result<Bytes> from_base64url(std::string_view text);
/// The same for a value of known size; any other size is an integrity error.
Result<void> from_base64url(std::string_view text, ByteSpan out);

}  // namespace inxt
