// SPDX-License-Identifier: LGPL-3.0-or-later
// JSON lines that a Host keeps about its dealings, in files "<series>-<16 hex digits>.jsonl" of one folder of
// the store: ascending numbers, appended to, a new file at each start and when one is large enough, the
// oldest removed when all of the series are more than they may be.  What was appended is durable; a line that
// was cut short by a crash is passed over when it is read.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sys/directory.h"

namespace inxt::host {

// Folders of a store, and the series in them.
inline constexpr std::string_view kAuditsFolder = "audits";
inline constexpr std::string_view kKnownSeries = "known", kOthersSeries = "others";  // by who has asked
inline constexpr std::string_view kTransfersFolder = "transfers";
inline constexpr std::string_view kTransfersSeries = "transfers";

inline constexpr std::uint64_t kRecordFileBytesMin = 64 * 1024;  // a new file is begun when one is this long,
inline constexpr std::uint64_t kRecordFileBytesMax = 4 * 1024 * 1024;  // or a sixteenth of what is kept
inline constexpr std::size_t kRecordLineBytesMax = 512 * 1024;         // longer ones are passed over
inline constexpr std::size_t kRecordFilesMax = 65536;                  // of one series, that are looked at

/// One thread at a time.  Blocking.
class RecordFiles {
 public:
  /// REQUIRES: `directory` outlives this; `folder` and `series` are names.
  RecordFiles(sys::Directory& directory, std::string folder, std::string series)
      : directory_(directory), folder_(std::move(folder)), series_(std::move(series)) {}

  /// Whole lines.  Durable when it returns.  Then what is more than bytes_max is removed, the oldest file
  /// first; at 0 all of them.  Errors: those of the disk; the lines may stand there in part then.
  Result<void> append(std::string_view lines, std::uint64_t bytes_max);
  /// The next append begins a new file: where the old one is must not change under it.
  void close() { file_.reset(); }
  std::uint64_t bytes() const { return bytes_; }  // of all files of the series, once something was appended

 private:
  struct Kept {
    std::uint64_t number = 0, bytes = 0;
  };
  sys::Path path_of(std::uint64_t number) const;
  Result<void> look();
  Result<void> begin_file();
  Result<void> write(std::string_view lines);
  Result<void> remove_oldest(std::uint64_t bytes_max);

  sys::Directory& directory_;
  std::string folder_, series_;
  bool has_looked_ = false;
  std::vector<Kept> kept_;  // ascending; the last is the open one, where one is
  std::uint64_t bytes_ = 0;
  std::unique_ptr<sys::DirectoryFile> file_;
};

/// Reads one series from its oldest line on.  Beside a running Host: what was removed meanwhile is passed
/// over.
class RecordReader {
 public:
  RecordReader(sys::Directory& directory, std::string folder, std::string series)
      : directory_(directory), folder_(std::move(folder)), series_(std::move(series)) {}

  /// Without its newline.  Nothing at the end; ask again later for what has come since.
  /// Errors: those of the disk.
  Result<std::optional<std::string>> next();

 private:
  Result<bool> open_next();
  Result<bool> read_more();

  sys::Directory& directory_;
  std::string folder_, series_;
  std::optional<std::uint64_t> number_;  // of the file that is read
  std::unique_ptr<sys::DirectoryFile> file_;
  std::uint64_t offset_ = 0;
  std::string rest_;  // read, and not given out
  std::size_t begin_ = 0;
  bool is_too_long_ = false;  // the line that is being read
};

/// The lines of several series, merged by their member `time`, until none is left.
Result<void> read_records(std::vector<RecordReader>& readers,
                          const std::function<Result<void>(const std::string& line)>& tell);

}  // namespace inxt::host
