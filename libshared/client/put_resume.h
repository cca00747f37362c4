// SPDX-License-Identifier: LGPL-3.0-or-later
// Finds the put that was cut off and goes on where it stopped.
#pragma once

#include <map>
#include <tuple>

#include "client/manifest_batches.h"
#include "client/manifest_head.h"
#include "client/put_journal.h"

namespace inxt::client {

/// What a journal knows of pieces, by their number in the manifest.
struct JournaledPieces {
  struct At {
    HostId host;
    std::string line;  // the place line with its newline
  };
  std::vector<PieceId> ids;  // from 0 on: these may have left
  std::map<std::uint64_t, std::vector<At>> places;
  std::map<std::uint64_t, HostId> asked;  // whom they were last sent to, where no answer came
};

struct UnfinishedPut {
  PutJournal journal;
  format::Generation generation;
  format::PrivatePart part;
  format::ManifestWriter writer;  // stands behind the layout
  std::string text;               // header, stanzas and layout lines as they were
  format::Layout layout;
  JournaledPieces pieces;
};

/// What a put must have in common with an earlier one to go on with it.
struct WantedPut {
  SourceFacts facts;  // of a regular file
  Content content;
  std::vector<keys::Recipient> recipients;
  std::optional<format::Layout> layout;  // but for the seal key; none: any
};

/// The unfinished put of this key that fits, the one with the most pieces; nothing when there is none, or the key reads
/// nothing (a delegated machine cannot open the secret again).  Journals of others, of running puts, and damaged ones are
/// passed over.  Errors: failure to read the folder.
Result<std::optional<UnfinishedPut>> find_unfinished(const std::string& folder, const keys::Key& key,
                                                     const WantedPut& wanted);

/// The same for many files: each journal is read once, and then only where it may be the file's.
class UnfinishedPuts {
 public:
  /// What dead puts of this key left, but for journals that say a record: see settle_namings() of put_naming.h.
  /// Errors: failure to read the folder.
  static Result<UnfinishedPuts> read(const std::string& folder, const keys::Key& key);
  /// How many of them nobody went on with.
  std::size_t left() const;
  /// As find_unfinished().  Thread-safe.
  Result<std::optional<UnfinishedPut>> find(const keys::Key& key, const WantedPut& wanted) const;

 private:
  using Facts = std::tuple<std::string, std::optional<std::int64_t>, std::optional<std::uint64_t>>;
  std::multimap<Facts, std::string> paths_;  // by name, time and length
};

/// Whether a journal was begun by this key.
bool is_journal_of(const std::string& path, const keys::Key& key);

/// Adds to `known` the places that unfinished puts of this manifest's file journaled, and lets `journal` supersede theirs.
/// Errors: locked when one of these puts is still running.
Result<void> add_journaled_places(const std::string& folder, const FileId& file, PutJournal& journal, KnownPlaces& known);

}  // namespace inxt::client
