// SPDX-License-Identifier: LGPL-3.0-or-later
// An owner's log out of the segments that were stored as pieces: its entries in their order, the records that
// they name, and the tree that they fold to.  Format: inxt-tree(5), "Segments".
//
// Every entry is held against its writers and the one before it, as where a Bridge shows it.  Only, what no
// segment has any more is passed over: the entries behind a gap still tell most names.
#pragma once

#include "client/byte_stream.h"
#include "client/log_chain.h"
#include "format/object_record.h"
#include "sys/fd.h"
#include "tree/tree.h"

namespace inxt::client {

/// Entries first to last are in no segment that could be read.
struct LogGap {
  std::uint64_t first = 0, last = 0;
};

struct LogFold {
  std::uint64_t entries = 0;
  std::vector<LogGap> gaps = {};
  std::uint64_t other_branches = 0;  // entries that hang on another than the one that was taken before them
  std::vector<std::string> passed = {};  // entries that do not count, and why; the first kLogPassedMax
};
inline constexpr std::size_t kLogPassedMax = 64;

/// Lines lie in a file without a name.  Memory: about 150 bytes an entry or record.
class RecoveredLog {
 public:
  /// `folder`: where its file lies; else the user's spool.  REQUIRES: `key`, an owner's, outlives this.
  /// Errors: those of the spool.
  static Result<RecoveredLog> make(const keys::Key& key, const std::optional<std::string>& folder = {});

  /// A line of a segment, without newline.  What is neither an entry of this log nor a record is passed over.
  Result<void> take(std::string_view line);

  /// The number of the entry that was taken last; 0 where that was none.
  std::uint64_t taken_seq() const { return taken_seq_; }

  /// Folds what was taken.  Errors: those of the file.
  Result<LogFold> fold();

  const tree::Tree& tree() const { return tree_; }
  const format::TreeKey& tree_key() const { return tree_key_; }
  /// The entries that were folded, in their order, up to the first gap: what another Bridge can be given.
  std::uint64_t whole_until() const { return whole_until_; }
  Result<std::string> entry_line(std::uint64_t seq) const;
  const format::LogHead& head_at(std::uint64_t seq) const { return heads_.at(seq); }

  bool has_record(const format::RecordId& id) const { return records_.contains(id); }
  /// Errors: not_found.
  Result<std::string> record_line(const format::RecordId& id) const;
  /// That of a version in the tree, opened, its writer checked.
  /// Errors: not_found; denied for another's, also where a delegated machine named what it did not write;
  /// integrity.
  Result<format::ObjectRecord> record(const tree::Version& version) const;
  std::size_t records() const { return records_.size(); }

 private:
  struct At {
    std::uint64_t offset = 0;
    std::uint32_t bytes = 0;
  };
  struct Entry {
    At at;
    crypto::Hash hash{};
    crypto::Hash prev{};
  };

  RecoveredLog(const keys::Key& key, format::TreeKey tree_key, sys::Fd fd)
      : key_(&key), tree_key_(std::move(tree_key)), fd_(std::move(fd)) {}
  Result<At> append(std::string_view line);
  Result<std::string> line_at(const At& at) const;
  const Entry* next(std::uint64_t seq, const crypto::Hash& prev, LogFold& fold) const;
  void apply(const Entry& entry, const std::string& line, LogChain& chain, LogFold& fold);

  const keys::Key* key_;
  format::TreeKey tree_key_;
  sys::Fd fd_;
  std::uint64_t end_ = 0;
  std::uint64_t taken_seq_ = 0;
  std::map<std::uint64_t, std::vector<Entry>> entries_;  // by number; several where the log was forked
  std::unordered_map<format::RecordId, At> records_;
  std::map<std::uint64_t, format::LogHead> heads_;
  std::map<std::uint64_t, At> taken_;
  std::uint64_t whole_until_ = 0;
  tree::Tree tree_;
};

/// What a segment's plaintext is written to.
class LogLinesSink final : public ByteSink {
 public:
  /// `segment`: gets the first and last entry, and how many bytes there were.  REQUIRES: both outlive this.
  explicit LogLinesSink(RecoveredLog& log, tree::Segment* segment = nullptr)
      : log_(log), segment_(segment) {}
  /// Errors: integrity past kRecordLineBytesMax without a newline.
  Result<void> write(ByteView bytes) override;
  Result<void> finish() override;

 private:
  Result<void> take(std::string_view line);

  RecoveredLog& log_;
  tree::Segment* segment_;
  std::string rest_;
};

}  // namespace inxt::client
