// SPDX-License-Identifier: LGPL-3.0-or-later
// The tokens that make a contract's term longer: a renewal by the contract's control key, and the Host's
// acceptance of it.  Format: inxt-token(5).
//
// Renewals of one contract form a row: each names the end of the term that it begins from, and a Host accepts
// it only while that is the end.  So a renewal that is shown again changes nothing, and no time is paid for
// twice.
#pragma once

#include <span>

#include "format/contract.h"

namespace inxt::format {

inline constexpr std::size_t kRenewalTokenBytesMax = 1600;  // of either: a Host keeps both in one block

struct Renewal {
  crypto::PublicKey control{};
  HostId host;
  crypto::Hash contract{};  // contract_hash of the contract's own acceptance
  PieceId piece;
  AccountId account;
  std::int64_t from_unix_s = 0;   // the end of the term so far
  std::int64_t until_unix_s = 0;  // later than that
  std::uint64_t price = 0;        // for the time between the two
  std::int64_t issued_unix_s = 0;
  std::int64_t expires_unix_s = 0;  // of the renewal itself
};

struct RenewalAcceptance {
  HostId host;
  crypto::Hash renewal{};  // renewal_hash of the renewal's token
  AccountId account;
  PieceId piece;
  std::uint32_t size = 0;
  std::int64_t until_unix_s = 0;
  std::uint64_t price = 0;
  std::int64_t issued_unix_s = 0;
};

crypto::Hash renewal_hash(std::string_view token);

Result<std::string> sign_renewal(const Renewal& renewal, const crypto::SigningKey& control);
Result<std::string> sign_renewal_acceptance(const RenewalAcceptance& acceptance,
                                            const crypto::SigningKey& host);

/// Errors: integrity, also past kRenewalTokenBytesMax.  With `now_unix_s`, also denied when the token is
/// expired or from the future.
Result<Renewal> open_renewal(std::string_view token, std::optional<std::int64_t> now_unix_s);
Result<RenewalAcceptance> open_renewal_acceptance(std::string_view token);

/// Whether this renewal extends the contract that the offer and the acceptance with this hash make.
/// Errors: integrity, naming what differs.
Result<void> check_renewal(const Offer& offer, const crypto::Hash& contract, const Renewal& renewal);

/// Whether these two extend that contract: check_renewal(), and the acceptance is the Host's to this renewal.
/// Gives the acceptance, whose `until` is the end of the term. REQUIRES: offer and
/// `contract_acceptance_token` were checked with check_answer(). `successors`: the ids that the offer's Host
/// has had since, any of which may have signed the renewal's acceptance. Errors: integrity, naming what
/// differs.
Result<RenewalAcceptance> check_renewed(const Offer& offer, std::string_view contract_acceptance_token,
                                        std::string_view renewal_token,
                                        std::string_view renewal_acceptance_token,
                                        std::span<const HostId> successors = {});

}  // namespace inxt::format
