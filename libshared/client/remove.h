// SPDX-License-Identifier: LGPL-3.0-or-later
// Deletes a file's pieces at their Hosts, with the control keys that the tags hold.  Tool: inxt-rm(1).
#pragma once

#include <functional>

#include "client/manifest_table.h"
#include "client/network.h"
#include "client/silent_hosts.h"
#include "keys/owner.h"

namespace inxt::client {

struct RemoveReport {
  std::uint64_t removed = 0;
  std::uint64_t gone = 0;    // were not there any more
  std::uint64_t failed = 0;  // may still be there
  std::uint64_t silent = 0;  // of these: their Hosts answered nothing at all
  bool stopped = false;
  Code worst = Code::try_again;
  std::vector<std::string> troubles;  // one sentence a Host

  void add(RemoveReport other);
  /// Whether all that may still be there lies at Hosts that nobody can ask now.
  bool is_left_at_silent() const { return failed > 0 && failed == silent && !stopped; }
};

struct RemoveOptions {
  unsigned jobs = 12;
  bool dry_run = false;  // asks for contracts and opens tags, deletes nothing
  std::function<bool()> stopped = {};  // true ends it: what is left counts as failed
  /// Which segments' pieces; null: all.
  std::function<bool(std::uint64_t segment)> only_segments = {};
  SilentHosts* silent = nullptr;  // of all files of a run, which outlives it; null: of this one only
  bool leave_silent = false;  // purge_versions() ends versions of which only silent Hosts may have pieces
};

/// `uploader`: the one that put the file.  A Host without a contract about a piece has nothing to delete.
/// Errors: none of its own; the report says what failed.
net::Awaitable<Result<RemoveReport>> remove_pieces(Network network, const ManifestTable& manifest,
                                                   ByteView recipient_secret, const keys::UploaderKeys& uploader,
                                                   std::vector<transfer::HostAddress> hosts, RemoveOptions options,
                                                   std::function<void()> on_piece);

}  // namespace inxt::client
