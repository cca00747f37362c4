// SPDX-License-Identifier: LGPL-3.0-or-later
// Entrusts many files to a Bridge, and leaves none of them in care that was removed from the tree meanwhile:
// the Bridge would bring back what somebody deletes.  Tools: inxt-care(1), inxt-put(1).
#pragma once

#include "client/care.h"
#include "client/manifest_text.h"
#include "client/silent_hosts.h"
#include "client/tree_manifests.h"

namespace inxt::client {

/// Manifests of names are kept until their records have been looked for again: of so many, or so long.
inline constexpr std::size_t kCareLookFilesMax = 256;
inline constexpr std::uint64_t kCareLookBytesMax = 64 * 1024 * 1024;

/// One thread.
class CareAdder {
 public:
  /// Gives the Bridge the caretaker's key.  REQUIRES: all of it outlives what is returned.
  /// Errors: those of BridgeCare::put_key().
  static Result<CareAdder> begin(Session& session, transfer::BridgeCare& care, const keys::Key& key,
                                 const keys::UploaderKeys& caretaker, const crypto::PublicKey& bridge,
                                 const sys::Clock& clock, crypto::Random& random);

  /// A manifest that no name stands for.  `name`: for messages.
  /// Errors: those of CareText::read() and CareSender::add().
  Result<void> add(LineReader& lines, const std::string& name);
  /// One that `record` of the tree names, or a segment of its log where that is nothing.
  /// Errors: also those of reading the tree anew.
  Result<void> add_of(TreeSession& tree, std::optional<format::RecordId> record, LineReader& lines,
                      const std::string& name);
  /// All manifests of a version.  Errors: also those of each_manifest_of().
  Result<void> add_object(TreeSession& tree, const TreeObject& object, const std::string& name);
  /// All segments of the log.
  Result<void> add_log(TreeSession& tree);
  /// Sends what waits.  `tree`: the one that was given; nullptr where there was none.
  Result<void> finish(TreeSession* tree);

  const format::CareTaken& taken() const { return sender_->taken(); }
  std::uint64_t unplaced() const { return unplaced_; }  // pieces that no Host is said to have
  std::uint64_t ended() const { return ended_; }        // manifests that were removed meanwhile

 private:
  struct Named {
    std::optional<format::RecordId> record;
    ManifestText text;
  };

  CareAdder(Session& session, transfer::BridgeCare& care, const keys::Key& key, const sys::Clock& clock)
      : session_(session), care_(care), key_(key), clock_(clock) {}
  Result<CareText> read(const ManifestText& text, const std::string& name) const;
  Result<void> send(const CareText& text);
  Result<void> look(TreeSession& tree);
  Result<void> end_if_gone(const Named& named);

  Session& session_;
  transfer::BridgeCare& care_;
  const keys::Key& key_;
  const sys::Clock& clock_;
  std::unique_ptr<CareSender> sender_;
  SilentHosts silent_{clock_};
  std::vector<Named> named_;  // not looked for yet
  std::uint64_t named_bytes_ = 0;
  std::uint64_t unplaced_ = 0;
  std::uint64_t ended_ = 0;
};

}  // namespace inxt::client
