// SPDX-License-Identifier: LGPL-3.0-or-later
// The manifest of a put that has not ended, kept where inxt-rm finds it when the put dies: without it, what was stored
// would lie at the Hosts until its term ends.  It holds nothing that decrypts.
#pragma once

#include <string>

#include "base/ids.h"
#include "sys/fd.h"

namespace inxt::client {

class PutJournal {
 public:
  /// $XDG_STATE_HOME/inxt/unfinished/, made where it is missing.
  static Result<PutJournal> in_state_folder();

  /// Appends manifest lines; the first call names the file after `file`.  Not synced: a power cut costs the journal's last
  /// lines, and with them the knowledge of pieces, never a piece.
  Result<void> write(const FileId& file, std::string_view lines);
  /// The put has ended well.
  void remove();
  /// Empty before the first write.
  const std::string& path() const { return path_; }

 private:
  explicit PutJournal(std::string folder) : folder_(std::move(folder)) {}

  std::string folder_;
  std::string path_;
  sys::Fd fd_;
};

}  // namespace inxt::client
