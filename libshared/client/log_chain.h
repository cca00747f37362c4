// SPDX-License-Identifier: LGPL-3.0-or-later
// Holds what a Bridge shows of a log against what its writers signed: every entry is by a writer of this
// owner, is of this log, and hangs on the one before it.  Without IO.  Format: inxt-tree(5), "Reading a log".
#pragma once

#include <map>

#include "format/log_entry.h"
#include "keys/owner.h"

namespace inxt::client {

/// An integrity error that says that the Bridge lies and what to do about it.
std::unexpected<Error> false_log(std::string what);

/// Whose entries and records count.
class LogWriters {
 public:
  /// REQUIRES: `key` outlives this.
  explicit LogWriters(const keys::Key& key) : key_(&key) {}

  /// Why what this writer signed as that uploader does not count; nothing where it does.  A delegated
  /// machine derives its own writer only: of others it asks for the certificate, of uploader 0 nothing.
  std::optional<std::string> fault(std::uint32_t uploader, const WriterId& writer,
                                   std::string_view certificate, std::optional<std::int64_t> time_unix_s);

 private:
  std::optional<std::string> certificate_fault(std::uint32_t uploader, const WriterId& writer,
                                               std::string_view certificate,
                                               std::optional<std::int64_t> time_unix_s) const;
  /// REQUIRES: the key derives it.
  WriterId derived(std::uint32_t uploader);
  const keys::Key* key_;
  std::map<std::uint32_t, WriterId> derived_;  // each costs two key derivations
};

/// An entry that was read: form, signature, and, for the owner, the operations.  Pure, for worker threads.
struct ReadEntry {
  format::OpenedEntryHead opened;
  Result<std::vector<format::Op>> ops;  // an error, too, where there is no key
};
/// `key`: nullptr for a delegated machine.  Errors: integrity, as false_log.
Result<ReadEntry> read_entry(std::string_view line, const format::TreeKey* key);

/// What a log has come to: its last entry, and what later ones are held against.
struct LogState {
  format::LogHead head = {};
  std::int64_t owner_unix_s = 0;             // what the owner's last entry says
  std::optional<WriterId> false_owner = {};  // who began the log as uploader 0, and is another
};

class LogChain {
 public:
  LogChain(const format::LogId& log, LogWriters writers) : log_(log), writers_(std::move(writers)) {}

  struct Accepted {
    std::optional<std::string> refused = {};  // why it changes nothing
    std::int64_t owner_unix_s = 0;            // what the owner's last entry before it says
  };
  /// Takes the next entry: head() is its own then.
  /// Errors: integrity, as false_log: among others of an entry that says uploader 0, and is by another: but
  /// for the writer who began the log so, when the owner had none (a Bridge cannot know the owner's writer
  /// before); of an entry by the owner that this version cannot read, integrity with what to do.
  Result<Accepted> accept(const ReadEntry& entry);
  /// Goes on from there: from a cache, or where accept() got to before.
  void resume(const LogState& from) { state_ = from; }

  const format::LogHead& head() const { return state_.head; }
  const LogState& state() const { return state_; }
  const format::LogId& log() const { return log_; }
  LogWriters& writers() { return writers_; }

 private:
  format::LogId log_;
  LogState state_;
  LogWriters writers_;
};

}  // namespace inxt::client
