// SPDX-License-Identifier: LGPL-3.0-or-later
// An owner's shares: made, made anew, ended; noted in the log, so that every machine of the owner can do
// each. Tools: inxt-share(1), and those that change the tree.
#pragma once

#include <map>

#include "client/share_maker.h"
#include "transfer/bridge_shares.h"

namespace inxt::client {

/// All of it outlives whoever works with it.
struct SharingWorld {
  Network network;
  const keys::Key& key;
  transfer::BridgeShares& bridge;
  crypto::PublicKey bridge_id{};
  std::vector<transfer::HostAddress> hosts;  // newer addresses than manifests have
};

struct ShareWanted {
  std::string
      what;  // an absolute path in the tree; without a slash in front: the name of a file by its manifest
  std::string manifest = {};  // of that file: its lines
  std::int64_t expires_unix_s = 0;
  std::string recipient = {};  // inxtr1...; empty for a link
};

struct MadeShare {
  format::ShareKeys keys;
  LeftOutFiles left_out;
};
/// Notes it in the log, then gives it to the Bridge; its secret is what readers are given.
/// Errors: those of ShareMaker, of the view and of the Bridge: then nothing is shared.
net::Awaitable<Result<MadeShare>> make_share(SharingWorld world, TreeView& view, ShareWanted wanted);

/// Ends it at the Bridge and in the log.  Errors: not_found where neither knows it.
net::Awaitable<Result<void>> end_share(SharingWorld world, TreeView& view, const format::ShareId& share);

/// How long making shares anew may take at the end of a change, all of them together.
inline constexpr std::int64_t kShareRefreshMsMax = 30'000;
inline constexpr unsigned kSharePublishTriesMax = 3;  // where other machines change the tree meanwhile
inline constexpr std::size_t kShareTroublesMax = 16;  // that are told; the others are counted

struct RefreshReport {
  unsigned refreshed = 0;
  unsigned ended = 0;  // what they showed is gone, or their time is over
  unsigned failed = 0;
  std::vector<std::string> troubles = {};                 // the first of those that failed
  std::map<format::ShareId, LeftOutFiles> left_out = {};  // of those that were refreshed
};
/// Whether a share of `what` shows something at or below `path`, or is below it.
bool touches(std::string_view what, std::string_view path);
/// Gives the Bridge new bundles of the shares that show one of `paths`; of all where there are none.  A share
/// whose path is gone is ended. `stopped`: asked between shares and files; those that are left have failed
/// then. What the Bridge or Hosts refuse is in the report.
net::Awaitable<RefreshReport> refresh_shares(SharingWorld world, TreeView& view,
                                             std::vector<std::string> paths,
                                             std::function<bool()> stopped = {});

}  // namespace inxt::client
