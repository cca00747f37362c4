// SPDX-License-Identifier: LGPL-3.0-or-later
// What a contract that a Host lists tells an owner who has nothing left but the words: which piece of which
// file it is about.  Format: inxt-tag(5).
#pragma once

#include <map>
#include <mutex>
#include <set>

#include "format/tag.h"
#include "keys/owner.h"
#include "transfer/piece_service.h"

namespace inxt::client {

/// A piece of the owner's, as the tag of a contract says it.  No secret is in it.
struct FoundPiece {
  std::string header_line;  // exact lines without newline, by the file's writer
  std::string layout_line;
  std::string piece_line;
  Bytes sealed_secret;  // S, sealed to the owner
  FileId file;
  std::uint32_t uploader = 0;  // who wrote the file
  format::Layout layout;
  format::PieceLine piece;
  crypto::Hash contract{};
  crypto::Hash receipt{};
};

/// The owner's writers and the secrets of their files, each looked at once.  Thread-safe.
class OwnWriters {
 public:
  /// REQUIRES: `key` outlives this.
  explicit OwnWriters(const keys::Key& key) : key_(key) {}
  bool has(std::uint32_t number, const WriterId& writer);
  /// That the sealed secret is the one that the tag's header commits to.  Nobody signs it: a caretaker, who
  /// makes tags out of what a manifest says, could name another, and the file would not open.
  /// Errors: wrong_key.
  Result<void> check_secret(const format::OpenedTag& tag);

 private:
  const keys::Key& key_;
  std::mutex mutex_;
  std::map<std::uint32_t, WriterId> known_;
  std::set<crypto::Hash> true_;  // header and sealed secret
};

/// Reads one contract of `account` at `host`.  Thread-safe.  Cost: four signature checks and a sealed box,
/// 0.4 ms. Errors: integrity for what this account did not sign, or a tag that is none or about another
/// piece; wrong_key for a tag that is sealed to another; denied where its file is by a writer who is not the
/// owner's, or the tag names a secret that is not the file's: anybody can seal to a public key.
Result<FoundPiece> read_contract(const keys::Key& key, OwnWriters& writers, const transfer::HeldPiece& held,
                                 const HostId& host, const AccountId& account);

}  // namespace inxt::client
