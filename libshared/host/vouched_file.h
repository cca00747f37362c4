// SPDX-License-Identifier: LGPL-3.0-or-later
// Keeps who came with whose voucher, and how much those let accounts have here: a Host that forgot it would
// not let a Bridge release it, and would hold an account to an older voucher.
//
// Two files of the store: `vouched` is all of it, and `vouched.log` what has come since, appended.  What is
// new is in one of them, durable, before the first piece by it is acknowledged; those that come at the same
// time share a sync, and what is known already costs none.  Text: host/vouched_text.h.
#pragma once

#include "host/host.h"
#include "host/vouched_text.h"
#include "net/event.h"
#include "sys/directory.h"

namespace inxt::host {

inline constexpr std::string_view kVouchedFile = "vouched", kVouchedLogFile = "vouched.log";
inline constexpr std::int64_t kWriteVouchedEveryMs = 60'000;  // the whole file, when something has changed
inline constexpr std::size_t kVouchedLogBytesMax = std::size_t{1} << 20;  // then the whole file is written

struct VouchedWrites {
  std::uint64_t appended = 0;  // to the log; two syncs where it is new, else one
  std::uint64_t whole = 0;
  std::uint64_t failed = 0;
};

/// One thread, the loop's; the disk is waited for on the worker pool.
class VouchedFile {
 public:
  /// `is_moving`: whether new files are made elsewhere now than before; thread-safe.
  /// REQUIRES: host and directory outlive it.
  VouchedFile(const net::Executor& executor, Host& host, sys::Directory& directory,
              std::function<bool()> is_moving);

  /// What was known before this start; waits for the disk.  A log that was cut short is used as far as it is
  /// whole.  REQUIRES: host.vouched() knows the Bridges.  Errors: those of the files; what could be read has
  /// been.
  Result<void> load();
  /// For the end, when run() has ended; waits for the disk.
  Result<void> save();

  /// Resumes when a kill does not lose what is known of this account with this Bridge; at once where it is
  /// kept already.  REQUIRES: run() runs.  Errors: those of the disk.
  net::Awaitable<Result<void>> keep(crypto::PublicKey bridge, AccountId account);
  /// Until it is cancelled.
  net::Awaitable<void> run();

  const VouchedWrites& writes() const { return writes_; }

 private:
  struct Pair {
    crypto::PublicKey bridge;
    AccountId account;
  };
  /// One of `wanted_`, as the text that is written has it.
  struct Written {
    Pair pair;
    bool has_account = false;
    std::optional<ShownVouchers::Most> most;
  };
  struct Work {
    std::vector<Written> written;
    std::string lines;  // about those
    std::string whole;  // where all of it is written
    bool is_whole = false;
    std::uint64_t changes = 0;
  };

  bool is_kept(const Pair& pair) const;
  std::uint64_t changes() const;
  Result<void> read(std::string_view name, std::size_t bytes_max, std::string& text);
  Work take(bool is_whole);
  net::Awaitable<void> write(bool is_whole);
  void mark(const Work& work);

  // ---- on the pool: one job at a time
  Result<void> store(const Work& work);
  Result<void> append(std::string_view lines);
  Result<void> write_whole(std::string_view text);
  std::string place() const;

  Host& host_;
  sys::Directory& directory_;
  std::function<bool()> is_moving_;
  net::Event wanted_something_, written_something_;
  std::vector<Pair> wanted_;
  std::uint64_t began_ = 0, ended_ = 0;  // jobs
  Result<void> last_;                    // of the last job
  std::string trouble_;                  // as it was logged
  std::uint64_t saved_changes_ = 0;
  VouchedWrites writes_;

  std::unique_ptr<sys::DirectoryFile> log_;
  std::uint64_t log_bytes_ = 0;
  bool has_moved_ = false;    // during the last job
  bool is_log_lost_ = false;  // it is not known what it has: all of it is written anew
  std::string place_;         // where the log is
};

}  // namespace inxt::host
