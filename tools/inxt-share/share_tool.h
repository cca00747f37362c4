// SPDX-License-Identifier: AGPL-3.0-or-later
// The options of inxt-share, and what it does with an owner's shares.
#pragma once

#include "cli/bridge_options.h"
#include "cli/key_options.h"
#include "cli/run.h"
#include "client/own_shares.h"
#include "client/tree_session.h"
#include "transfer/http_bridge_shares.h"

namespace inxt::share_tool {

inline constexpr std::int64_t kTermDefaultS = 7 * 86400;

struct Options {
  std::optional<std::string> what;
  std::optional<std::string> output;
  std::optional<std::string> hosts;
  std::vector<std::string> recipients;
  std::optional<std::int64_t> term_s;
  std::vector<std::string> revoke;
  bool link = false;
  bool stanza = false;
  bool list = false;
  bool refresh = false;
  cli::BridgeFileOptions bridge;
  cli::KeyOptions key;
};

void declare(cli::Command& command, Options& to);

/// An owner at a Bridge.
struct Owner {
  Owner(keys::Key owner, format::BridgeFile at) : key(std::move(owner)), file(std::move(at)) {}

  keys::Key key;
  format::BridgeFile file;
  std::unique_ptr<client::TreeSession> tree;
  std::unique_ptr<transfer::HttpBridgeShares> shares;
  std::vector<transfer::HostAddress> hosts;

  client::Session& session() { return tree->session(); }
  client::TreeView& view() { return tree->view(); }
  client::SharingWorld world() {
    return {.network = session().network(),
            .key = key,
            .bridge = *shares,
            .bridge_id = file.bridge.bridge,
            .hosts = hosts};
  }
};
Result<std::unique_ptr<Owner>> open_owner(cli::World& world, const Options& options);
/// Says what a share is without.
void tell_left_out(cli::World& world, const client::LeftOutFiles& files);
/// With --json, as lines on standard output as well.
Result<void> print_left_out(cli::World& world, const format::ShareId& share,
                            const client::LeftOutFiles& files);
/// What was changed in the log goes to Hosts, too.
Result<void> store_log(cli::World& world, Owner& owner);

Result<cli::Exit> share(cli::World& world, const Options& options);
/// Writes the manifest again with a stanza for each recipient behind it.
Result<cli::Exit> add_stanzas(cli::World& world, const Options& options);
Result<cli::Exit> list(cli::World& world, const Options& options);
Result<cli::Exit> revoke(cli::World& world, const Options& options);
Result<cli::Exit> refresh(cli::World& world, const Options& options);

}  // namespace inxt::share_tool
