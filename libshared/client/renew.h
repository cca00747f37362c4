// SPDX-License-Identifier: LGPL-3.0-or-later
// Makes the terms of a file's contracts longer, with the control keys that the tags hold.  Tool:
// inxt-renew(1).
#pragma once

#include <algorithm>
#include <functional>

#include "client/manifest_table.h"
#include "client/network.h"
#include "format/known_hosts.h"
#include "keys/owner.h"

namespace inxt::client {

struct RenewOptions {
  unsigned jobs = 12;
  std::int64_t term_s = 365 * 86400;  // from now; cut to what the Host takes, where its descriptor is known
  std::optional<std::int64_t>
      if_less_s;                // only what ends sooner than this from now; else see renew_slack_s()
  std::uint64_t price_max = 0;  // for one piece and the time that is added
  bool dry_run = false;         // asks for contracts and opens tags, renews nothing
  /// Which segments' pieces; null: all.
  std::function<bool(std::uint64_t segment)> only_segments = {};
  /// Whose contracts, by the uploader that a place names; null: all.
  std::function<bool(std::uint32_t uploader)> only_uploaders = {};
};

inline constexpr std::size_t kRenewUploadersMax = 16;
/// Those whose accounts keep the manifest's pieces: the header's, then repairers', at most
/// kRenewUploadersMax, because place lines are not signed.
std::vector<std::uint32_t> uploaders_of(const ManifestTable& manifest);

/// What ends at most so much sooner than it could is left as it is: a second run a minute later pays for
/// nothing.
constexpr std::int64_t renew_slack_s(std::int64_t term_s) {
  return std::min<std::int64_t>(term_s / 100, 86400);
}

/// Why one piece at one Host was not renewed, or is not kept for as long as was asked.
struct RenewTrouble {
  Place place;
  PieceId piece;
  HostId host;
  Error error;                               // hostile text in it
  std::optional<std::int64_t> until_unix_s;  // the term that the contract has, where that is known
  std::size_t rank = 0;                      // of the place among the piece's: 0 is the latest
};

struct RenewReport {
  std::uint64_t renewed = 0;
  std::uint64_t kept = 0;                    // ran long enough already
  std::uint64_t failed = 0;                  // with a trouble each
  std::uint64_t unplaced = 0;                // pieces of the manifest that no Host is named for
  std::optional<std::int64_t> until_unix_s;  // the earliest end of all that is neither failed nor gone
  bool stopped = false;
  Code worst = Code::try_again;  // of the troubles
};

struct RenewCallbacks {
  std::function<void(const RenewTrouble&)> on_trouble = {};
  /// A piece that a Host keeps for as long as was asked, or would in a dry run; `rank`: as in RenewTrouble.
  std::function<void(const Place&, std::size_t rank)> on_kept = {};
  /// What proves it: the renewal and the Host's acceptance, checked.
  std::function<void(const transfer::HeldRenewal&)> on_renewed = {};
  std::function<void()> on_piece = {};
  std::function<bool()> stopped = {};  // true ends it: what is left counts as failed, without a trouble each
};

/// Every place of the manifest's segments, jobs at once.  `uploader`: as whom the network asks; at places of
/// others as them, where it can, but with no voucher of theirs.  `hosts`: newer addresses, prices and longest
/// terms than the manifest knows. Errors: none of its own; the report says what failed. Cost: two requests a
/// piece, one where it ends late enough already; 1 ms of CPU on the workers.
net::Awaitable<Result<RenewReport>> renew_contracts(Network network, const ManifestTable& manifest,
                                                    ByteView recipient_secret,
                                                    const keys::UploaderKeys& uploader,
                                                    const format::KnownHosts& hosts, RenewOptions options,
                                                    RenewCallbacks callbacks);

}  // namespace inxt::client
