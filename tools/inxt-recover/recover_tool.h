// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-recover: its options, and what its steps share.
#pragma once

#include "cli/key_options.h"
#include "cli/output_folder.h"
#include "cli/run.h"
#include "cli/tree_options.h"
#include "client/object_read.h"
#include "client/recover_files.h"
#include "client/recover_listing.h"
#include "client/session.h"

namespace inxt::recover_tool {

struct Options {
  std::optional<std::string> hosts;
  std::optional<std::string> output;
  std::optional<std::string> adopt;
  std::optional<std::string> state;
  std::optional<int> words_fd;
  unsigned jobs = 32;
  bool files = false;
  bool versions = false;
  bool force = false;
  bool dry_run = false;
  bool anew = false;
  cli::BridgeFileOptions bridge;
  cli::KeyOptions key;
};

void declare(cli::Command& command, Options& to);

/// The words, or the key file that the options name, or one that is there.
Result<keys::Key> key_of(cli::World& world, const Options& options);
/// From a file, from a Bridge, or both.  Errors: usage where none is named or known.
Result<format::KnownHosts> hosts_of(cli::World& world, const Options& options, const keys::Key& key);

/// What was done, as the person is told at the end.
struct Tally {
  std::uint64_t files = 0, bytes = 0;  // under their names
  std::uint64_t unnamed = 0;           // under recovered/
  std::uint64_t versions = 0;          // under kept/
  std::uint64_t lost = 0;
  std::uint64_t remade_lines = 0;
  std::uint64_t silent = 0;  // Hosts
  cli::Exit worst = cli::Exit::ok;
};

/// One recovery: every step adds to what the next ones need.
class Recovery {
 public:
  Recovery(cli::World& world, const Options& options, const keys::Key& key, const format::KnownHosts& hosts,
           client::RecoverState& state);

  /// Asks all Hosts.
  Result<void> list();
  /// Reads the log out of its segments, and folds it.
  Result<void> read_log();

  /// All names, below DIR/tree; with --versions the earlier ones below DIR/kept.
  Result<void> write_tree(const std::string& folder);
  /// Files that no name leads to, below DIR/recovered.
  Result<void> write_rest(const std::string& folder);
  /// Prints what there is.
  Result<void> show();
  /// Gives the log to another Bridge.
  Result<void> adopt(const std::string& bridge_file);
  /// Appends where the log lies, as far as the Bridge's log does not say it.  How many segments that were.
  /// Errors: integrity where this machine has seen another log; those of the Bridge.
  Result<std::size_t> say_segments(const format::BridgeFile& file);

  Result<cli::Exit> end();

 private:
  client::RecoverWorld recover_world();
  client::Network network_as(std::uint32_t number);
  bool stopped() const { return world_.stop().requested(); }

  /// A record's manifest, with the places that were found for its pieces.
  Result<client::ManifestText> text_of(const format::ManifestRef& manifest, const std::string& name);
  /// What a version has, written at `path` below `to`.
  Result<void> write_version(const cli::OutputFolder& to, const std::string& path,
                             const tree::Version& version);
  /// This file has a name.
  void claim(const client::ManifestTable& manifest);
  /// Files that a record names have a name.
  Result<void> claim(const tree::Version& version);
  Result<void> write_unnamed(const cli::OutputFolder& to, std::size_t number);
  Result<void> write_text(const cli::OutputFolder& to, const std::string& path, std::int64_t mtime_unix_s,
                          const client::ManifestText& text);
  Result<void> lost(std::string_view type, const std::string& name, const Error& error);

  cli::World& world_;
  const Options& options_;
  const keys::Key& key_;
  const format::KnownHosts& hosts_;
  client::RecoverState& state_;
  client::Session session_;
  client::Holders holders_;
  client::RecoverWorld recover_;
  std::map<std::uint32_t, std::unique_ptr<client::PiecesOfHolders>> services_;
  std::vector<client::FoundKind> kinds_;
  std::optional<client::RecoveredLog> log_;
  client::LogFold fold_;
  std::vector<tree::Segment> segments_;  // of the log, that were read
  std::set<std::size_t> claimed_;  // numbers of files of the state
  Tally tally_;
};

}  // namespace inxt::recover_tool
