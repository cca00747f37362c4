// SPDX-License-Identifier: AGPL-3.0-or-later
// The options of inxt-rekey, and its two ways: a manifest's file, and files of the tree.
#pragma once

#include "cli/bridge_options.h"
#include "cli/key_options.h"
#include "cli/run.h"
#include "client/placed_hosts.h"
#include "client/rekey.h"
#include "client/tree_session.h"

namespace inxt::rekey_tool {

struct Options {
  std::string what;
  std::optional<std::string> hosts;
  cli::BridgeFileOptions bridge;
  std::vector<std::string> drop;
  std::optional<std::int64_t> term_s;
  std::uint64_t price_max = 0;
  unsigned jobs = client::kPutJobsDefault;
  bool recursive = false;
  cli::KeyOptions key;
};

/// What all files of one call share.
struct Work {
  cli::World& world;
  const Options& options;
  keys::Key key;
  format::KnownHosts known;
  std::optional<format::BridgeFile> bridge;  // places the new pieces; none: the Hosts of --hosts
  std::vector<keys::Recipient> dropped = {};

  std::vector<transfer::HostAddress> addresses() const { return client::addresses_of(known); }
};

/// The file of `source` under a new secret: the new manifest's lines go to `write`.
Result<void> put_anew(Work& work, const client::RekeySource& source,
                      std::function<Result<void>(std::string_view)> write);
/// Removes the pieces of a manifest, finished or not.  Errors: partial or try_again where some may still be
/// there.
Result<void> remove_pieces_of(Work& work, std::string_view manifest);

Result<cli::Exit> rekey_file(Work& work, const std::string& path);
Result<cli::Exit> rekey_tree(Work& work, const std::string& said);

}  // namespace inxt::rekey_tool
