// SPDX-License-Identifier: LGPL-3.0-or-later
// A reader at work on a share: a session with its Bridge, what it shows, and the leases for its pieces.
// Tools: inxt-get(1), inxt-ls(1).
#pragma once

#include "client/session.h"
#include "client/shared_file.h"
#include "client/shared_names.h"
#include "transfer/http_bridge_shares.h"

namespace inxt::client {

/// One thread.  The clock and the source of randomness outlive it.
class ShareReader {
 public:
  /// Fetches what is shared.  Errors: those of fetch_bundle() and remember_bundle().
  static Result<std::unique_ptr<ShareReader>> open(format::ShareAccess access, const sys::Clock& clock,
                                                   crypto::Random& random);

  const format::ShareBundle& bundle() const { return bundle_; }
  const SharedNames& names() const { return *names_; }

  /// The plaintext of a file of it, or a range; finishes `plain`.  Errors: those of get_shared().
  Result<GetReport> get(const format::SharedFile& file, const std::vector<transfer::HostAddress>& hosts,
                        std::unique_ptr<ByteSink> plain, std::optional<PlainRange> range, GetOptions options,
                        GetCallbacks callbacks);

  /// These files will be got, in this order: small ones share leases then.  What cannot be read is passed
  /// over; get() tells why.
  void expect(const std::vector<SharedItem>& items);

  /// Whether the Bridge said that the share has ended: then nothing else of it can be had, either.
  bool has_ended() const;

 private:
  ShareReader(format::ShareAccess access, const sys::Clock& clock, crypto::Random& random);

  const format::ShareAccess access_;
  Session session_;
  transfer::HttpBridgeShares bridge_;
  format::ShareBundle bundle_;
  std::optional<SharedNames> names_;
  std::optional<LeaseBook> leases_;
};

}  // namespace inxt::client
