// SPDX-License-Identifier: LGPL-3.0-or-later
// Signed tokens: JWS in compact form (RFC 7515, RFC 8037, RFC 9864).  Format: inxt-token(5).
//
// The header is {"alg":"Ed25519","typ":...} and nothing else: no other algorithm, no key carried along, no
// extension. The key is named by the payload's `iss`; who that may be is the caller's question.
#pragma once

#include <nlohmann/json.hpp>

#include "crypto/sign.h"
#include "format/json.h"

namespace inxt::format {

inline constexpr std::size_t kTokenBytesMax = 6144;
inline constexpr std::int64_t kClockSkewS = 3600;  // an hour's skew breaks nothing

/// `payload` must hold `iss` = hex of key's public key.  Errors: failure when the token would pass
/// kTokenBytesMax.
Result<std::string> sign_token(std::string_view type, const Json& payload, const crypto::SigningKey& key);

struct Token {
  crypto::PublicKey issuer;
  Json payload;
};

/// Checks form, type, and the signature by the payload's `iss`.
/// Errors: integrity, saying what is wrong with it.
Result<Token> open_token(std::string_view type, std::string_view token);

/// `iat` not in the future and `exp` (where there is one) not past, give or take kClockSkewS.
/// Errors: denied.
Result<void> check_times(const Json& payload, std::int64_t now_unix_s);

}  // namespace inxt::format
