// SPDX-License-Identifier: LGPL-3.0-or-later
// The owner's side of inventories: whether the pieces of a manifest, under its own contracts, are among those
// that their Hosts tell the world they hold.  A Host that leaves them out can lose them without any
// stranger's audit noticing. Tool: inxt-audit(1), --listed.
#pragma once

#include "client/audit_report.h"
#include "client/inventory_answer.h"
#include "client/inventory_heads.h"
#include "client/manifest_table.h"

namespace inxt::client {

/// A Host, and what should be in its inventory.
struct ListedHost {
  transfer::HostAddress host;
  std::vector<format::LookupPiece> pieces;  // ascending by piece; one with several contracts stands as often
};

/// By the places of the manifest; ascending by Host id.  `only`: which segments' pieces; null: all.
/// REQUIRES: the table was read with its contracts.  Errors: usage when it names no Host.
Result<std::vector<ListedHost>> hosts_to_list(const ManifestTable& manifest,
                                              const std::function<bool(std::uint64_t segment)>& only = {});

struct ListingFailure {
  PieceId piece;
  Listing listing = Listing::wrong;
};

/// What one Host's answers say.  A piece with several contracts counts once, by the best of them.
struct HostListing {
  HostId host;
  std::optional<format::SignedHead> head;    // none: it showed none that counts
  std::optional<format::HeadFinding> heads;  // what is wrong with its heads
  std::uint64_t pieces = 0;                  // asked for in all
  std::uint64_t listed = 0;
  std::uint64_t not_yet = 0;     // not in the head, which is older than the manifest
  std::uint64_t not_listed = 0;  // all else that was answered
  std::uint64_t unanswered = 0;
  std::vector<ListingFailure> failures;  // the first kFailuresNamedMax of those not listed
  std::string reason;                    // why it did not answer; hostile text

  /// failed: something is not listed that should be, or its heads exclude each other.
  proof::Verdict verdict() const;
};

/// Asks one Host under the head that it showed.  `put_unix_s`: when the pieces were put, where that is known:
/// one that is absent from an older head is not yet listed.  Errors: none; a Host that does not answer is
/// none.
net::Awaitable<HostListing> check_listing(Network network, const ListedHost& listed, const ShownHead& shown,
                                          std::optional<std::int64_t> put_unix_s);

}  // namespace inxt::client
