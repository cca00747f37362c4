// SPDX-License-Identifier: LGPL-3.0-or-later
// The owner's side of a share: gathers names, manifests, secrets and the places of pieces, and makes of them
// what goes to the Bridge.  Tool: inxt-share(1).
#pragma once

#include <functional>
#include <map>
#include <set>

#include "client/manifest_table.h"
#include "client/network.h"
#include "client/tree.h"
#include "format/bridge_file.h"
#include "format/share_bundle.h"

namespace inxt::client {

/// A file in a folder that is shared without it: a delegated machine put it so, and nobody can share it.
struct LeftOut {
  std::string path;  // within the share
  Error error;
};
inline constexpr std::size_t kLeftOutToldMax = 1000;  // the others are counted
struct LeftOutFiles {
  std::vector<LeftOut> told = {};
  std::size_t count = 0;
  void add(std::string path, Error error);
};

/// One coroutine at a time.
class ShareMaker {
 public:
  /// REQUIRES: `key` outlives it.  `hosts` adds addresses to those of the manifests.
  ShareMaker(Network network, const keys::Key& key, std::vector<transfer::HostAddress> hosts)
      : network_(network), key_(key), hosts_(std::move(hosts)) {}

  /// Asked before each file that is added: true ends the work with an error (try_again).
  void stop_when(std::function<bool()> stopped) { stopped_ = std::move(stopped); }

  /// A file whose manifest is a text.  Errors: those of manifests and keys; denied on a delegated machine.
  Result<void> add_manifest(std::string_view lines, std::string name);
  /// What a record says.  `path` as in format::SharedFile.  Manifests that are stored are fetched.
  net::Awaitable<Result<void>> add_record(const format::ObjectRecord& record, std::string path);
  void add_folder(std::string path) { bundle_.folders.push_back(std::move(path)); }
  /// The last entry of the log that the names were taken from.
  void set_seq(std::uint64_t seq) { bundle_.seq = seq; }
  void leave_out(std::string path, Error error) { left_out_.add(std::move(path), std::move(error)); }
  const LeftOutFiles& left_out() const { return left_out_; }
  bool is_stopped() const { return stopped_ && stopped_(); }

  /// All that was added, sealed for `keys`.  `bundle` in the request refers to `sealed`.
  /// Errors: usage past a limit of one share.
  struct Made {
    format::ShareRequest request;
    std::string sealed;
  };
  Result<std::unique_ptr<Made>> make(const format::ShareKeys& keys, const crypto::PublicKey& bridge,
                                     std::int64_t expires_unix_s, bool is_folder, std::string name);

 private:
  Result<crypto::Key> take(const ManifestTable& table);
  void add(format::SharedFile file);
  net::Awaitable<Result<format::SharedManifest>> shared(const format::ManifestRef& manifest);

  Network network_;
  const keys::Key& key_;
  std::vector<transfer::HostAddress> hosts_;
  std::function<bool()> stopped_;
  format::ShareBundle bundle_;
  using Places = std::map<std::pair<HostId, std::uint32_t>, std::set<PieceId>>;  // by Host and uploader
  Places pieces_;
  Places taken_;  // of the file that is being added
  LeftOutFiles left_out_;
};

/// Whose files of a folder.
enum class Take { all, owners };

struct AddedFromTree {
  bool is_folder = false;
  bool has_delegated = false;  // files that delegated machines put
};

/// What stands at `what` (an absolute path) in the tree, into `maker`.  In a folder, what a delegated machine
/// put and nobody can read is left out, and told by the maker; with Take::owners, all that such machines put,
/// and folders without a file of the owner's.
/// Errors: not_found; those of TreeView::record() and of ShareMaker for other files; usage for more files of
/// the owner's than a share holds.
net::Awaitable<Result<AddedFromTree>> add_from_tree(ShareMaker& maker, TreeView& view,
                                                    const std::string& what, Take take = Take::all);

}  // namespace inxt::client
