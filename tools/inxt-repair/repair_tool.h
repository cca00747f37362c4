// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

#include "cli/bridge_options.h"
#include "cli/run.h"
#include "cli/tree_options.h"
#include "client/later_places.h"
#include "client/latest_vouchers.h"
#include "client/placed_repair_hosts.h"
#include "client/repair.h"
#include "client/session.h"
#include "format/known_hosts.h"

namespace inxt::repair_tool {

struct Options {
  std::vector<std::string> what;
  std::optional<std::string> output;
  std::optional<std::string> hosts;
  std::optional<std::string> receipts;
  std::optional<std::int64_t> term_s;
  std::uint64_t price_max = 0;
  unsigned jobs = client::kRepairJobsDefault;
  unsigned blocks = transfer::kCheckBlocksDefault;
  bool all = false;
  bool dry_run = false;
  bool recursive = false;
  cli::BridgeFileOptions bridge;
  cli::TreeChangeOptions change;
  cli::KeyOptions key;
};

/// What all files of one command are repaired with.
struct Work {
  cli::World& world;
  const Options& options;
  keys::Key key;
  format::KnownHosts known;
  std::optional<format::BridgeFile> bridge;  // none where --hosts was said
  format::PlacementAllowances allow;
  client::SilentHosts silent;
  std::optional<sys::OutputFile> receipts;

  std::vector<transfer::HostAddress> addresses() const { return client::addresses_of(known); }
};

/// Where new pieces go.
class Target {
 public:
  /// REQUIRES: work and session outlive it.
  Target(Work& work, client::Session& session, client::LatestVouchers& vouchers);
  /// Errors: usage where there is neither a hosts file nor a Bridge; not for a dry run.
  Result<void> check() const;
  client::RepairHosts& hosts() { return *hosts_; }
  /// Where a Bridge that has the file in its care has put its pieces, of those that the manifest does not
  /// name.  None where nobody knows any.
  std::vector<format::PlaceLine> later_places(const client::ManifestTable& manifest);
  void end();

 private:
  Work& work_;
  client::Session& session_;
  std::unique_ptr<transfer::BridgeAccounts> accounts_;
  client::PlacedRepairHosts* placed_ = nullptr;
  std::unique_ptr<client::RepairHosts> hosts_;
  std::unique_ptr<transfer::BridgeCare> care_;
  bool is_care_silent_ = false;
};

/// Repairs what `text` names; `on_line` gets each new place line.
Result<client::RepairReport> repair_text(Work& work, client::Session& session, Target& target,
                                         const client::ManifestText& text, const std::string& name,
                                         std::function<bool(std::uint64_t)> only_segments,
                                         std::function<Result<void>(std::string_view)> on_line);

/// Tells it and says how the tool ends.  `with_summary`: --json prints it on standard output.
Result<cli::Exit> judge(Work& work, const client::RepairReport& report, bool with_summary);
void add(client::RepairReport& to, client::RepairReport report);

Result<cli::Exit> repair_file(Work& work, const std::optional<std::string>& path);
Result<cli::Exit> repair_tree(Work& work);

}  // namespace inxt::repair_tool
