// SPDX-License-Identifier: AGPL-3.0-or-later
// The subcommands of inxt-care.
#pragma once

#include <functional>

#include "cli/bridge_options.h"
#include "cli/caretaker_options.h"
#include "cli/run.h"
#include "client/care_add.h"
#include "client/tree_session.h"
#include "transfer/http_bridge_care.h"

namespace inxt::care_tool {

struct Options {
  std::string command;
  std::vector<std::string> names;  // manifests, inxt:/paths
  bool recursive = false;
  std::optional<std::string> hosts;
  cli::CaretakerOptions caretaker;
  cli::BridgeFileOptions bridge;
  cli::KeyOptions key;
};

void declare(cli::Command& command, Options& to);
Result<cli::Exit> add(cli::World& world, const Options& options);
Result<cli::Exit> list(cli::World& world, const Options& options);
Result<cli::Exit> remove(cli::World& world, const Options& options);
Result<cli::Exit> places(cli::World& world, const Options& options);

/// What a subcommand works with.
struct Work {
  cli::World& world;
  const Options& options;
  format::BridgeFile bridge;
  keys::Key key;
  client::Session session;
  transfer::HttpBridgeCare care;
  std::unique_ptr<client::TreeSession> tree = {};  // from the first name in it

  static Result<std::unique_ptr<Work>> open(cli::World& world, const Options& options);
  Work(cli::World& of, const Options& with, format::BridgeFile file, keys::Key owners);
};

/// Where a manifest stands that is of the tree.
struct InTree {
  client::TreeSession& tree;
  std::optional<format::RecordId> record;  // nothing: in the log
};
/// A manifest, and what it is called: "inxt:/a", not escaped; `in`: nullptr where no name stands for it.
using UseManifest =
    std::function<Result<void>(client::LineReader& lines, const std::string& name, const InTree* in)>;

/// Every manifest of every name, and those of the files in which long ones lie; of inxt:/ with -R also those
/// of the log.  Without names: standard input.  A file below a folder that cannot be read keeps none of the
/// others from it: it is told, and the result is how many there were.
/// Errors: those of a name that stands alone.
Result<std::size_t> each_manifest(Work& work, const UseManifest& use);

/// Of a manifest's first line.
Result<FileId> file_of(client::LineReader& lines, const std::string& name);

}  // namespace inxt::care_tool
