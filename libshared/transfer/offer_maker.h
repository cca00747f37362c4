// SPDX-License-Identifier: LGPL-3.0-or-later
// Offers for pieces: a fresh control key each, whose seed goes into the tag and is forgotten.  Format: inxt-token(5),
// inxt-tag(5).
#pragma once

#include "crypto/random.h"
#include "format/contract.h"
#include "format/descriptor.h"
#include "keys/owner.h"
#include "sys/clock.h"

namespace inxt::transfer {

inline constexpr std::int64_t kOfferLifeS = 86400;  // a Host must accept within this

struct MadeOffer {
  std::string token;
  crypto::SigningKey control;  // takes the piece back when another Host was faster
};

class OfferMaker {
 public:
  /// `uploader` makes the contracts, `owner` opens the tags.  REQUIRES: all but `owner` outlive it.
  OfferMaker(const keys::UploaderKeys& uploader, const keys::Recipient& owner, const sys::Clock& clock,
             crypto::Random& random, std::int64_t term_s)
      : uploader_(uploader), owner_(owner), clock_(clock), random_(random), term_s_(term_s) {}

  /// An offer to `host` for the piece of `piece_line`, described by the chain's header and layout.
  /// The term is cut to what the Host takes; the price is the Host's.  Thread-safe.  Cost: 0.3 ms.
  Result<MadeOffer> make(const format::Descriptor& host, const format::Chain& chain, const format::PieceLine& piece,
                         const std::string& piece_line) const;

 private:
  const keys::UploaderKeys& uploader_;
  keys::Recipient owner_;
  const sys::Clock& clock_;
  crypto::Random& random_;
  std::int64_t term_s_;
};

/// A token that deletes one piece at one Host.
Result<std::string> make_deletion(const crypto::SigningKey& control, const HostId& host, const PieceId& piece,
                                  const AccountId& account, std::int64_t now_unix_s);

}  // namespace inxt::transfer
