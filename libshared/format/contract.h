// SPDX-License-Identifier: LGPL-3.0-or-later
// The tokens between an account and a Host: offer, acceptance, receipt, deletion, capability.  Format:
// inxt-token(5).
//
// A contract is an offer and an acceptance that names the offer's hash.  Each open_* checks form, type and
// signature; whom the issuer must be, and the times, are checked where it says so.
#pragma once

#include "format/tag.h"

namespace inxt::format {

inline constexpr std::uint64_t kPriceMax = kJsonIntegerMax;

struct Offer {
  AccountId account;
  HostId host;
  PieceId piece;
  std::uint32_t size = 0;
  std::int64_t until_unix_s = 0;
  std::uint64_t price = 0;
  crypto::PublicKey control{};
  Bytes tag;  // kTagBytes
  ByteArray<16> jti{};
  std::int64_t issued_unix_s = 0;
  std::int64_t expires_unix_s = 0;  // of the offer itself
};

struct Acceptance {
  HostId host;
  crypto::Hash offer{};  // offer_hash of the offer's token
  AccountId account;
  PieceId piece;
  std::uint32_t size = 0;
  std::int64_t until_unix_s = 0;
  std::uint64_t price = 0;
  std::int64_t issued_unix_s = 0;
};

struct Receipt {
  HostId host;
  std::string kind = "stored";
  crypto::Hash contract{};  // contract_hash of the acceptance's token
  PieceId piece;
  std::uint32_t size = 0;
  std::int64_t issued_unix_s = 0;
};

struct Deletion {
  crypto::PublicKey control{};
  HostId host;
  PieceId piece;
  AccountId account;
  std::int64_t issued_unix_s = 0;
  std::int64_t expires_unix_s = 0;
};

/// Lets the holder of the TLS key `client` read one piece at one Host.
struct Capability {
  AccountId account;
  HostId host;
  crypto::PublicKey client{};
  PieceId piece;
  ByteArray<16> jti{};
  std::int64_t issued_unix_s = 0;
  std::int64_t expires_unix_s = 0;
};

crypto::Hash offer_hash(std::string_view token);
crypto::Hash contract_hash(std::string_view acceptance_token);
crypto::Hash receipt_hash(std::string_view token);

Result<std::string> sign_offer(const Offer& offer, const crypto::SigningKey& account);
Result<std::string> sign_acceptance(const Acceptance& acceptance, const crypto::SigningKey& host);
Result<std::string> sign_receipt(const Receipt& receipt, const crypto::SigningKey& host);
Result<std::string> sign_deletion(const Deletion& deletion, const crypto::SigningKey& control);
Result<std::string> sign_capability(const Capability& capability, const crypto::SigningKey& account);

/// Errors: integrity.  With `now_unix_s`, also denied when the token is expired or from the future.
Result<Offer> open_offer(std::string_view token, std::optional<std::int64_t> now_unix_s);
Result<Acceptance> open_acceptance(std::string_view token);
Result<Receipt> open_receipt(std::string_view token);
Result<Deletion> open_deletion(std::string_view token, std::optional<std::int64_t> now_unix_s);
Result<Capability> open_capability(std::string_view token, std::optional<std::int64_t> now_unix_s);

/// Whether acceptance and receipt are this Host's answer to this offer.
/// Errors: integrity, naming what differs.
Result<void> check_answer(std::string_view offer_token, const Offer& offer, std::string_view acceptance_token,
                          std::string_view receipt_token);

}  // namespace inxt::format
