// SPDX-License-Identifier: LGPL-3.0-or-later
// A text as one zstd frame that says its length: what bodies and bundles are before they are encrypted.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace inxt::format {

/// One frame (RFC 8878), with the length of its content.
Bytes compress_text(std::string_view text);
/// One frame that says its length, and nothing behind it.  Errors: integrity, naming `limit` past bytes_max.
Result<std::string> decompress_text(ByteView frame, std::size_t bytes_max, std::string_view limit);

}  // namespace inxt::format
