// SPDX-License-Identifier: LGPL-3.0-or-later
// The owner's side of care: entrusts files to a Bridge, and learns where it put their pieces.  Tool:
// inxt-care(1).
#pragma once

#include <set>

#include "client/care_text.h"
#include "client/network.h"
#include "keys/owner.h"
#include "transfer/bridge_care.h"

namespace inxt::client {

/// How long a Bridge may read what an account keeps at a Host, from the day on which it is entrusted with a
/// file: entrusting it again makes that longer.
inline constexpr std::int64_t kCareReadingTermS = 5 * 366 * std::int64_t{86400};
/// Pages of places that are asked for one file: more than a Bridge makes of an honest one.
inline constexpr std::size_t kCarePagesMax = 256;

/// Files in as few requests as they fit in.  One coroutine at a time.
class CareSender {
 public:
  /// REQUIRES: all of them outlive it.  `caretaker`: as the Bridge calls it.
  CareSender(transfer::BridgeCare& care, const keys::Key& key, const crypto::PublicKey& bridge,
             const AccountId& caretaker, const sys::Clock& clock, crypto::Random& random)
      : care_(care), key_(key), bridge_(bridge), caretaker_(caretaker), clock_(clock), random_(random) {}

  /// Of a file of another owner's uploader, or of one that the key does not have, the Bridge reads pieces
  /// only at Hosts that let its caretaker: no reading is given.
  /// Errors: those of BridgeCare::entrust(); what was sent before is in care.
  net::Awaitable<Result<void>> add(const CareText& file);
  /// Sends what waits.
  net::Awaitable<Result<void>> flush();
  /// What the Bridge said in all.
  const format::CareTaken& taken() const { return taken_; }

 private:
  Result<void> add_readings(const CareText& file);
  net::Awaitable<Result<void>> take(std::string_view begin, const std::string& segment);
  net::Awaitable<Result<void>> send(std::string body);

  transfer::BridgeCare& care_;
  const keys::Key& key_;
  crypto::PublicKey bridge_;
  AccountId caretaker_;
  const sys::Clock& clock_;
  crypto::Random& random_;
  std::set<std::pair<std::uint32_t, HostId>> given_;  // readings that were made
  std::vector<format::CareReading> readings_;         // that wait
  std::string lines_;                                 // of files, that wait
  std::size_t files_ = 0;
  std::string_view open_;  // what the last part in lines_ begins with
  format::CareTaken taken_;
};

/// What the Bridge says of one file; nothing where it is not in its care.  One request.
/// Errors: those of BridgeCare::list().
net::Awaitable<Result<std::optional<format::CareInfo>>> care_of(transfer::BridgeCare& care, const FileId& file);

/// All places that the Bridge made, in its order; nothing where the file is not in its care.
/// Errors: those of BridgeCare::places(); integrity past kCarePagesMax pages.
net::Awaitable<Result<std::optional<std::vector<format::CarePlace>>>> places_in_care(
    transfer::BridgeCare& care, FileId file);

}  // namespace inxt::client
