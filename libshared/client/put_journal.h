// SPDX-License-Identifier: LGPL-3.0-or-later
// The manifest of a put that has not ended, kept where the next put of the same file and inxt-rm find it: without it, what
// was stored would lie at the Hosts until its term ends.  It holds nothing that decrypts.
//
// A put that is resumed goes on under the same secret.  Counter mode must never meet two texts under one counter, so a
// piece's line is durable here before a byte of the piece leaves, and a resumed put makes each of them again and compares.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "sys/fd.h"

namespace inxt::client {

inline constexpr int kJournalsOfFileMax = 100;

class PutJournal {
 public:
  /// $XDG_STATE_HOME/inxt/unfinished, made where it is missing.
  static Result<std::string> folder();
  /// What a put made its pieces from.  Only a put of data may go on with a journal of a put of data: the ciphertext of a
  /// manifest lies in files of its own, and what they still hold and the journal does not say must not meet other text
  /// under the same secret.
  enum class Of { data, manifest };
  /// Whether this is the name of a journal of a put of data.
  static bool is_of_data(std::string_view name) { return name.ends_with(".data.inxt"); }

  /// A journal for a new put; nothing is written yet.
  PutJournal(std::string folder, Of of) : folder_(std::move(folder)), of_(of) {}
  /// Takes over an earlier journal of the same file, whose places the new one will have too: it goes when this one goes.
  /// Errors: locked when its put is still running.
  Result<void> supersede(const std::string& path);
  /// Goes on with a journal that a dead put left; a last line that was cut off is taken away.
  /// Errors: locked when that put is still running.
  static Result<PutJournal> reopen(const std::string& path);

  /// Whether no put writes it any more.
  static bool is_left(const std::string& path);

  /// From now on its pieces may belong to a name in the tree, once the log has this record: the file's name says so, and
  /// is durable after sync().  Nobody may go on with it, or remove its pieces, before the log has been looked at.
  /// `record`: the Bridge and the record, without a dot.
  Result<void> set_record(std::string_view record);
  static Result<void> sync(const std::string& folder);
  /// The record that a journal's name says; nothing of others.
  static std::optional<std::string> record_of(std::string_view name);
  /// The log does not have the record: the journal is one like others again.  Errors: locked when its put is still running.
  static Result<void> clear_record(const std::string& path);

  /// Appends lines that must outlive a power cut: pieces that are about to leave.  The first call names the file after
  /// `file` (with a number where that name is taken) and locks it.  Thread-safe with append().
  Result<void> write_durably(const FileId& file, std::string_view lines);
  /// Appends lines that are worth keeping: places.  REQUIRES: something was written durably.
  Result<void> append(std::string_view lines);
  /// The put has ended well: removes it, and what it superseded.
  void remove();
  /// What this put has stored was taken back.  Does nothing where an earlier put's places are in it, too.
  void forget_places() { has_places_ = has_earlier_places_; }
  /// Nothing has been stored, nor was anything about to be.
  bool names_no_place() const { return !has_places_; }
  /// Empty before the first write.
  const std::string& path() const { return path_; }

 private:
  Result<void> create(const FileId& file);

  std::string folder_;
  Of of_;
  std::string path_;
  sys::Fd fd_;
  bool has_places_ = false;
  bool has_earlier_places_ = false;  // perhaps
  std::vector<std::pair<std::string, sys::Fd>> superseded_;
};

}  // namespace inxt::client
