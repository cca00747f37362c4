// SPDX-License-Identifier: LGPL-3.0-or-later
// A Host's new key, signed by the one it had: the link from an old Host id to its successor, and chains of
// links. Format: inxt-token(5) "inxt-succession", inxt-descriptor(5) "Rotated keys".
#pragma once

#include <span>

#include "crypto/sign.h"
#include "format/json.h"

namespace inxt::format {

inline constexpr std::size_t kSuccessionsMax = 8;         // of one Host, ever
inline constexpr std::size_t kSuccessionBytesMax = 1024;  // of one token: 365 letters are enough

struct Succession {
  HostId from;
  HostId to;
  std::int64_t issued_unix_s = 0;
};

/// `old_key` says that the Host goes on as `next`.
Result<std::string> sign_succession(const HostId& next, std::int64_t now_unix_s,
                                    const crypto::SigningKey& old_key);
/// Errors: integrity: form, signature, a successor that is no sound key or the signer itself.
Result<Succession> open_succession(std::string_view token);

/// A whole chain, oldest link first: each is signed by the key that the one before it names, the last names
/// `present`, and no id stands twice.  An empty chain is one. Errors: integrity, with the link's number
/// from 1.  Limits: kSuccessionsMax.
Result<std::vector<Succession>> open_successions(std::span<const std::string> tokens, const HostId& present);

}  // namespace inxt::format
