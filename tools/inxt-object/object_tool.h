// SPDX-License-Identifier: AGPL-3.0-or-later
// The subcommands of inxt-object.
#pragma once

#include "cli/bridge_options.h"
#include "cli/key_options.h"
#include "cli/layout_options.h"
#include "cli/run.h"
#include "client/object_read.h"
#include "client/object_versions.h"
#include "client/tree_room.h"
#include "client/tree_session.h"

namespace inxt::object_tool {

struct Options {
  std::string command;
  cli::BridgeFileOptions bridge;
  cli::KeyOptions key;
  cli::LayoutOptions layout;
  cli::ContentOptions content;
  std::vector<std::string> allow_same;
  std::optional<std::int64_t> term_s;
  std::uint64_t price_max = 0;
  unsigned jobs = client::kPutJobsDefault;

  std::string object;
  std::vector<std::string> objects;
  std::string file;
  std::vector<std::string> metadata;               // create, ls
  std::vector<std::string> set, unset;             // meta
  std::optional<std::string> prefix;               // ls
  std::optional<std::string> output, range, kept;  // get
  std::optional<std::string> hosts;                // get
  std::optional<std::uint64_t> offset;             // write
  std::string size;                                // truncate
  bool rewrite = false;
  bool dry_run = false;
};

void declare(cli::Command& command, Options& to);
Result<cli::Exit> create(cli::World& world, const Options& options);
Result<cli::Exit> write(cli::World& world, const Options& options);
Result<cli::Exit> truncate(cli::World& world, const Options& options);
Result<cli::Exit> get(cli::World& world, const Options& options);
Result<cli::Exit> list(cli::World& world, const Options& options);
Result<cli::Exit> versions(cli::World& world, const Options& options);
Result<cli::Exit> meta(cli::World& world, const Options& options);
Result<cli::Exit> remove(cli::World& world, const Options& options);
Result<cli::Exit> purge(cli::World& world, const Options& options);

/// The key outlives the session.
struct Opened {
  keys::Key key;
  std::unique_ptr<client::TreeSession> tree;
};
/// Errors: those of keys and bridge files; denied on a delegated machine.
Result<std::unique_ptr<Opened>> open(cli::World& world, const Options& options);

/// Pieces of what a delegated machine has put lie under its accounts.
client::GetAsOf as_of(client::TreeSession& tree);

/// "NAME=VALUE" texts.  Errors: usage, naming the option.
Result<format::Metadata> metadata_of(const std::vector<std::string>& texts, std::string_view option);
/// Text from outside is escaped for messages, in an error about `text` too.
Result<client::FoundObject> find(const tree::Tree& tree, const std::string& text, bool removed_too = false);
Result<format::PlacementAllowances> allowances_of(const Options& options);
/// What every change ends with.
Result<void> store_log(cli::World& world, client::TreeSession& tree);
format::Json to_json(const tree::Version& version, std::string_view path);

}  // namespace inxt::object_tool
