// SPDX-License-Identifier: LGPL-3.0-or-later
// How an identity's key stands in its file: a first line that says what it is, then the Ed25519 seed in hex.
#pragma once

#include <optional>

#include "crypto/secret.h"
#include "crypto/sign.h"

namespace inxt::serve {

/// Appends the seed and a newline; no copy of it is left behind.
void append_seed(crypto::SecretBytes& text, const crypto::SigningKey& key);

/// The key of a text that begins with `first_line` (with its newline) and the seed's line; what is behind
/// them is left in `text`.  Nothing when it is not so.
std::optional<crypto::SigningKey> take_key(std::string_view& text, std::string_view first_line);
inline constexpr std::size_t kSeedLineBytes = 65;

}  // namespace inxt::serve
