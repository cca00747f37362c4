// SPDX-License-Identifier: LGPL-3.0-or-later
// What a daemon's refusal means to its client.  Wire: inxt-wire(7), "Errors".
#pragma once

#include "net/http_client.h"

namespace inxt::transfer {

inline constexpr std::size_t kMessageBytesMax = 512;  // of a peer's own words; longer ones are left out

/// A JSON answer is one line, with or without its newline.
std::string_view line_of(const net::Response& response);

/// "NOUN 01234567 answered 404 Not Found: its message".  The code follows from the status; the daemon's own
/// words are hostile text: for showing, trusted for nothing; its hint is left out, because what to try is
/// ours to say.
Error error_of(std::string_view noun, const crypto::PublicKey& id, const net::Response& response);

/// What a busy daemon asks for with 429 and 503 (`retry_after_ms`, else Retry-After); nothing where it does
/// not say.
std::optional<std::int64_t> retry_after_ms(const net::Response& response);

}  // namespace inxt::transfer
