// SPDX-License-Identifier: AGPL-3.0-or-later
// The options of inxt-get and its ways: a manifest's file, a file of the tree, a folder of it; and of a
// share (shared.h).
#pragma once

#include "cli/key_options.h"
#include "cli/run.h"
#include "cli/share_options.h"
#include "cli/tree_options.h"
#include "client/extent_reader.h"
#include "client/later_places.h"
#include "client/transfer_receipts.h"
#include "client/tree_session.h"

namespace inxt::get_tool {

struct Options {
  std::optional<std::string> manifest;
  std::optional<std::string> output;
  std::optional<std::string> range;
  std::optional<std::string> hosts;
  std::vector<std::string> folders;
  std::vector<std::string> signers;
  unsigned jobs = client::kGetJobsDefault;
  bool no_receipts = false;
  bool recursive = false;
  bool force = false;
  std::optional<std::string> kept;
  cli::BridgeFileOptions bridge;
  cli::ShareOptions share;
  cli::KeyOptions key;
};

void declare(cli::Command& command, Options& to);

/// What every way gets pieces with: one session, and accounts for each uploader whose files are read, because
/// their pieces lie under its own.
class Fetcher {
 public:
  Fetcher(cli::World& world, const Options& options, const keys::Key& key, const format::KnownHosts& hosts)
      : world_(world),
        options_(options),
        key_(key),
        hosts_(hosts),
        session_(client::accounts_of(key, key.uploader().number(), world.random()), world.clock(),
                 world.random()),
        later_(session_, key, [&options]() -> std::optional<format::BridgeFile> {
          auto found = cli::find_bridge_file(options.bridge);
          return found ? *std::move(found) : std::nullopt;
        }) {}

  /// The plaintext, or a range of it, into `plain`, which it finishes.
  Result<void> fetch(const client::ManifestTable& manifest, std::unique_ptr<client::ByteSink> plain,
                     std::optional<client::PlainRange> range);
  /// All bytes of an object of the tree, or a range of them.
  Result<void> fetch(const client::TreeObject& object, client::ByteSink& plain,
                     std::optional<client::PlainRange> range);
  /// The last thing: `is_wanted` unless what came was thrown away.  Waits a little for receipts that are
  /// under way.
  void end(bool is_wanted);
  bool has_receipts() const;

  /// What came of all of it, as the person is told.
  unsigned hosts_replaced() const { return hosts_replaced_; }

 private:
  struct Of {
    client::Network network;
    client::TransferReceipts receipts;
    explicit Of(client::Network with) : network(with), receipts(with) {}
  };
  Of& of(std::uint32_t uploader);
  client::GetAs as(std::uint32_t uploader);
  Result<client::GetOptions> get_options();
  client::GetCallbacks callbacks();
  void note(const client::GetReport& report);

  cli::World& world_;
  const Options& options_;
  const keys::Key& key_;
  const format::KnownHosts& hosts_;
  client::Session session_;
  client::CaredPlaces later_;
  client::SilentHosts silent_{world_.clock()};
  std::map<std::uint32_t, std::unique_ptr<Of>> of_;
  std::optional<client::LocalPaths> pieces_;
  unsigned hosts_replaced_ = 0;
};

/// "verified", on standard error.
void say_verified(cli::World& world, const Fetcher& fetcher);
/// Whoever reads it need not wait for what follows.
void end_standard_output();

/// A file of the tree.
Result<cli::Exit> get_named(cli::World& world, const Options& options);
/// A folder of the tree, below the folder that -o names.
Result<cli::Exit> get_folder(cli::World& world, const Options& options);

}  // namespace inxt::get_tool
