// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

#include <nlohmann/json.hpp>

#include "cli/run.h"
#include "cli/tree_options.h"
#include "client/audit.h"
#include "client/session.h"

namespace inxt::audit_tool {

/// Which of many files lines are about.
struct Subject {
  format::Json members = format::Json::object();  // in each line
  std::string name;                               // for a person, escaped; empty: the only one
};

struct Options {
  std::optional<std::string> manifest;
  /// Where the manifest was read from the tree.
  std::shared_ptr<const cli::Input> opened;
  std::function<bool(std::uint64_t segment)> only_segments;  // of it; null: all
  bool recursive = false;
  Subject subject;  // of -R
  cli::BridgeFileOptions bridge;
  cli::KeyOptions key;
  std::optional<std::string> verify;
  std::optional<HostId> extract;
  std::optional<std::string> proofs;
  std::optional<std::string> hosts;
  std::optional<std::string> host;   // descriptors of whole Hosts
  bool chain = false;
  std::optional<std::string> heads;  // file of those seen last
  bool listed = false;
  std::optional<std::string> beacon;       // hex, a file or an address
  std::optional<std::string> commit;       // where to save commitments
  std::optional<std::string> commitments;  // what was saved so
  std::optional<std::string> witness;      // a hosts file
  std::optional<std::uint64_t> min_rate_bytes;
  client::AuditOptions audit;
};

void declare(cli::Command& command, Options& options);

/// The manifest that `options` names or has opened, or whatever else they say.
Result<cli::Exit> audit(cli::World& world, const Options& options);
/// A name in the owner's tree; with -R, all files below it.
Result<cli::Exit> audit_named(cli::World& world, const Options& options);

/// The Hosts of --host with the heads that they show; those that show none go into `without_head`.
Result<client::AuditTargets> whole_hosts(cli::World& world, client::Session& session, const Options& options,
                                         std::vector<client::HostReport>& without_head);
/// The manifest, wherever it is.
Result<client::AuditTargets> read_targets(cli::World& world, const Options& options);
/// --listed: whether the manifest's pieces are in their Hosts' inventories.
Result<cli::Exit> check_listed(cli::World& world, client::Session& session, const Options& options);
/// Prints a line, with the members that say what it is about.
Result<void> print_line(cli::World& world, const Options& options, format::Json json);
/// A sentence, or a warning, behind the name of what it is about.
std::string about(const Options& options, std::string sentence);
/// For a person.
std::string explain(format::HeadFinding finding);

/// Fixes the commitments of all targets that have none, and has them witnessed by those of --witness.
Result<void> commit_to(cli::World& world, client::Session& session, const Options& options,
                       std::vector<client::AuditTarget>& targets);
/// Saves them for --commitments, and says so.
Result<void> save_commitments(cli::World& world, const std::string& path, const std::vector<client::AuditTarget>& targets);
/// The beacon that --beacon names; a server's is the first round that is younger than all commitments, and is waited for.
Result<format::Beacon> beacon_for(cli::World& world, const std::string& named, const std::vector<client::AuditTarget>& targets);

/// A Host's line on standard output, and a word to the person when it did not pass.
Result<void> print_host(cli::World& world, const Options& options, const client::HostReport& report);
/// The last line, the sentence that sums it up, and the exit status.
Result<cli::Exit> print_summary(cli::World& world, const Options& options, const client::AuditTotal& total,
                                std::optional<std::uint64_t> pieces_without_place);

}  // namespace inxt::audit_tool
