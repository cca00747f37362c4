// SPDX-License-Identifier: LGPL-3.0-or-later
// A tool at work on an owner's tree: its session with one Bridge, the verified view, and what every change
// ends with.
//
//   auto tree = TRY(client::TreeSession::open(bridge_file, key, world.clock(), world.random()));
//   const auto object = TRY(tree->object(path, {}));             // inxt:/path wherever a manifest is taken:
//   const auto file = TRY(tree->manifest(object, 0));            // file.fd is read as a manifest's file is
//   const auto report = TRY(tree->change(make));                 // then, as the last thing of a tool:
//   const auto stored = tree->store_log();                       // an error of it is a warning's worth
#pragma once

#include "client/later_places.h"
#include "client/latest_vouchers.h"
#include "client/log_segments.h"
#include "client/placed_room.h"
#include "client/session.h"
#include "client/tree.h"
#include "client/tree_path.h"
#include "transfer/bridge_care.h"
#include "transfer/http_bridge_log.h"

namespace inxt::client {

/// A version of an object, with what its record says.
struct TreeObject {
  std::string path;  // empty for one without a name
  tree::Version version;
  format::ObjectRecord record;
  bool is_kept = false;  // not what the name shows now

  std::size_t manifests() const { return record.manifests.size(); }
};

struct FoundVersion {
  const tree::Version* version = nullptr;  // as long as the tree does not change
  bool is_kept = false;
};
/// Which version of a name: nothing is the one that it shows; "1" is the latest that is kept, "2" the one
/// before; or the beginning (8 digits at least) of a record's id. Errors: not_found, with what to look at;
/// usage for a folder.
Result<FoundVersion> find_version(const tree::Tree& tree, const std::string& path,
                                  const std::optional<std::string>& version);

/// A manifest's lines as a file without a name, read from where it stands.
struct ManifestFile {
  sys::Fd fd;
  std::string name;  // for messages: "inxt:/a", not escaped
};

/// One thread.  The key, the clock and the source of randomness outlive it.
class TreeSession {
 public:
  /// The view is refreshed: see TreeView::open.  A delegated machine's log is the one that the bridge file
  /// names. Errors: denied where the bridge file has no permit; wrong_key where it is another key's; those of
  /// TreeView::open.
  static Result<std::unique_ptr<TreeSession>> open(const format::BridgeFile& bridge, const keys::Key& key,
                                                   const sys::Clock& clock, crypto::Random& random,
                                                   TreeOptions options = {});

  Session& session() { return session_; }
  /// The session's network with the accounts of this uploader.
  Network network_as(std::uint32_t uploader) {
    return uploader == key_.uploader().number() ? session_.network() : session_.network_as(key_, uploader);
  }
  TreeView& view() { return *view_; }
  const tree::Tree& tree() const { return view_->tree(); }
  transfer::BridgeLog& log() { return log_; }
  transfer::BridgeAccounts& accounts() { return accounts_; }
  transfer::BridgeClient& client() { return client_; }
  /// Where the Bridge has put pieces of files in its care.
  LaterPlaces& later() { return later_; }
  const keys::Key& key() const { return key_; }

  /// A version of a name, with its record.  Errors: those of find_version() and TreeView::record().
  Result<TreeObject> object(const std::string& path, const std::optional<std::string>& version);
  Result<TreeObject> object(std::string path, const tree::Version& version, bool is_kept);
  /// Number `which` of the object's manifests.  `hosts`: where Hosts are now.
  /// Errors: load_manifest()'s.
  Result<ManifestFile> manifest(const TreeObject& object, std::size_t which,
                                const std::vector<transfer::HostAddress>& hosts = {});
  /// The same of a record that stands alone.  `name`: for messages.
  Result<ManifestFile> manifest(const format::ManifestRef& manifest, std::string name,
                                const std::vector<transfer::HostAddress>& hosts = {});
  /// A manifest's text from a file, as a record has it: in it, or stored at Hosts that a Bridge places.
  /// Errors: those of placing and storing.
  Result<format::ManifestRef> manifest_ref(int fd, std::uint64_t bytes, HiddenPutOptions options = {}) {
    return session_.run(store_manifest_ref(fd, bytes, std::move(options)));
  }
  /// The same from within a coroutine on the session's loop.
  net::Awaitable<Result<format::ManifestRef>> store_manifest_ref(int fd, std::uint64_t bytes,
                                                                 HiddenPutOptions options);

  /// Appends; see TreeView::append.
  Result<AppendReport> change(MakeChanges make) { return session_.run(view_->append(std::move(make))); }
  Result<AppendReport> change(std::vector<format::Op> ops);

  /// Where hidden files and the log's segments go instead of where the Bridge would place them.
  void use_hosts(std::vector<format::Descriptor> hosts) { hosts_ = std::move(hosts); }
  /// The most that a piece may cost there, and what rules may be broken.
  void set_room(std::uint64_t price_max, format::PlacementAllowances allow) {
    price_max_ = price_max;
    allow_ = allow;
  }
  /// What pieces show at Hosts.  Placements that a tool asks for itself put their vouchers here, too.
  LatestVouchers& vouchers() { return vouchers_; }

  /// Gives the Bridge new bundles of the shares that show what was changed in this session.  Nothing on a
  /// delegated machine.  Gives what is to be told of those that could not be made anew, at most one line.
  std::vector<std::string> refresh_shares(std::int64_t ms_max, std::function<bool()> stopped = {});

  /// What every change ends with: refresh_shares(), within kShareRefreshMsMax; then stores what the log has
  /// and no segment yet, and entrusts that to the Bridge where it has the log in care.  Nothing on a delegated
  /// machine.  Errors: those of placing and of
  /// store_log_segments(): what was changed stays changed.
  Result<SegmentReport> store_log(std::function<bool()> stopped = {});

 private:
  TreeSession(const format::BridgeFile& bridge, const keys::Key& key, const sys::Clock& clock,
              crypto::Random& random);
  Result<SegmentReport> store_segments(std::function<bool()> stopped);
  net::Awaitable<Result<RemoveReport>> remove_segment(transfer::BridgeCare& care, std::string manifest);
  /// Of a log that is in care, whoever cares.  Errors: those of the Bridge.
  net::Awaitable<Result<std::optional<AccountId>>> caretaker_of_log(transfer::BridgeCare& care);
  /// Entrusts the segments of the log that are none of `before`.
  net::Awaitable<Result<void>> entrust_log(transfer::BridgeCare& care, AccountId caretaker,
                                           const std::set<std::string>& before);
  /// Hosts for a hidden file of so many bytes.
  net::Awaitable<Result<std::vector<format::Descriptor>>> room(std::uint64_t bytes);
  net::Awaitable<void> give_room_back();

  const keys::Key& key_;
  const sys::Clock& clock_;
  crypto::Random& random_;
  Session session_;
  crypto::PublicKey bridge_id_{};
  transfer::BridgeClient& client_;
  transfer::HttpBridgeLog log_;
  transfer::HttpBridgeAccounts accounts_;
  CaredPlaces later_;
  std::unique_ptr<TreeView> view_;
  std::vector<format::Descriptor> hosts_;
  LatestVouchers vouchers_;
  std::vector<format::PlacementId> rooms_;
  std::uint64_t price_max_ = 0;
  format::PlacementAllowances allow_;
};

}  // namespace inxt::client
