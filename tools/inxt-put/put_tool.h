// SPDX-License-Identifier: AGPL-3.0-or-later
// The options of inxt-put and its two ways: from data in one pass, and from a manifest whose pieces lie in files.
#pragma once

#include "cli/bridge_options.h"
#include "cli/caretaker_options.h"
#include "cli/key_options.h"
#include "cli/layout_options.h"
#include "cli/run.h"
#include "cli/tree_options.h"
#include "client/placed_hosts.h"
#include "client/put.h"
#include "client/session.h"
#include "format/object_record.h"

namespace inxt::client {
class ManifestText;
class TreeSession;
struct TreePath;
}  // namespace inxt::client

namespace inxt::put_tool {

inline constexpr std::string_view kManifestBegins = R"({"type":"header","version":)";

struct Options {
  std::vector<std::string> files;
  std::optional<std::string> input;  // the only one of files
  std::optional<std::string> output;
  std::optional<std::string> hosts;
  cli::BridgeFileOptions bridge;
  cli::TreeChangeOptions change;
  std::vector<std::string> metadata;
  bool recursive = false;
  bool update = false;
  std::optional<std::string> receipts;
  std::vector<std::string> folders;
  std::optional<std::int64_t> term_s;
  std::uint64_t price_max = 0;
  unsigned jobs = client::kPutJobsDefault;
  bool data = false;
  bool dry_run = false;
  bool explain = false;
  bool care = false;
  cli::CaretakerOptions caretaker;
  cli::KeyOptions key;
  cli::LayoutOptions layout;
  cli::ContentOptions content;
};

void declare(cli::Command& command, Options& to);

/// How this put talks to Hosts, and where its pieces may go: to the Hosts of a hosts file, or where a Bridge says.
struct Destination {
  Destination(cli::World& world, const keys::Key& key)
      : session(client::accounts_of(key, key.uploader().number(), world.random()), world.clock(), world.random()) {}

  client::Session session;
  std::vector<format::Descriptor> hosts;
  std::unique_ptr<transfer::BridgeAccounts> accounts;  // where a Bridge places
  std::unique_ptr<client::PlacedHosts> placed;
};

/// The Bridge, where no Hosts are named and there is a bridge file; else nothing.
Result<std::optional<format::BridgeFile>> bridge_for(const Options& options);
/// Pieces go where this Bridge says.  `bytes`: of ciphertext, where that is known.  Errors: usage for --allow-same.
Result<std::unique_ptr<Destination>> destination_by(cli::World& world, const Options& options, const keys::Key& key,
                                                    const format::BridgeFile& file, std::optional<std::uint64_t> bytes);
/// Pieces go to the Hosts of the hosts file.
Result<std::unique_ptr<Destination>> destination_among(cli::World& world, const keys::Key& key,
                                                       std::vector<format::Descriptor> hosts);

/// All that put() needs, whichever way.
Result<cli::Exit> put_from(cli::World& world, const Options& options, const keys::Key& key, Destination& to,
                           client::BatchSource& source, client::PutJournal journal, const std::string& what);
Result<cli::Exit> put_data(cli::World& world, const Options& options, cli::Input input);
Result<cli::Exit> put_manifest(cli::World& world, const Options& options, cli::Input input);
/// Files and folders into the owner's tree, under `destination`: inxt:/...
Result<cli::Exit> put_tree(cli::World& world, const Options& options, const std::string& destination);

/// --care: what it takes to entrust what is stored, looked at before anything is.
struct Care {
  format::BridgeFile bridge;
  keys::UploaderKeys caretaker;
};

/// A manifest, where this file is one; of standard input, as much is read as it takes to tell.
Result<std::optional<cli::Input>> manifest_in(cli::World& world, const std::string& file,
                                              std::optional<cli::Input>& standard_input);
/// The file of a manifest whose pieces are stored gets a name in the tree; nothing is stored but the name.
Result<cli::Exit> name_manifest(cli::World& world, const Options& options, client::TreeSession& tree,
                                const client::TreePath& to, cli::Input manifest, format::Metadata metadata,
                                const std::optional<Care>& care);

/// What --care needs; nothing without it.  Errors: usage and not_found, as inxt-care add.
Result<std::optional<Care>> care_for(cli::World& world, const Options& options, const keys::Key& key);
/// Hosts that are named put the Bridge of the environment out of the way of pieces, not of names and care.
cli::BridgeFileOptions bridge_of_names(const Options& options);
/// What was put without a name.  Errors: as inxt-care add; the put stands.
Result<void> entrust_manifest(cli::World& world, const Care& care, const keys::Key& key,
                              client::Session& session, const client::ManifestText& manifest,
                              const std::string& what);
/// Files that were put into the tree, and the log.  Errors: as inxt-care add; the puts stand.
struct PutName {
  std::string path;
  format::RecordId record;
};
Result<void> entrust_names(cli::World& world, const Care& care, client::TreeSession& tree,
                           const std::vector<PutName>& names);

/// A contract as --receipts has it.
std::string receipt_line(const transfer::StoredPiece& stored);

/// The Hosts, or a usage error with a hint.
Result<std::vector<format::Descriptor>> hosts_for(cli::World& world, const Options& options, const format::Layout& layout);
/// -n with a Bridge: what it would place, and with --explain why.
Result<cli::Exit> say_placement(cli::World& world, const Options& options, const format::BridgeFile& file,
                                const std::optional<format::Layout>& layout, std::optional<std::uint64_t> bytes);
/// -n: says pieces, overhead, price and Hosts.
Result<cli::Exit> say_plan(cli::World& world, const format::Layout& layout, std::optional<std::uint64_t> bytes,
                           const std::vector<format::Descriptor>& hosts);

}  // namespace inxt::put_tool
