// SPDX-License-Identifier: LGPL-3.0-or-later
// systemd's journal, spoken to in its native protocol: one datagram of fields for each entry.  libsystemd's
// sd_journal_sendv(3) does the same, to one place only and waiting for ever; here a test can name another
// place, and an entry that the journal has no room for is given up, not waited for.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sys/fd.h"

namespace inxt::sys {

inline constexpr std::string_view kJournalSocket = "/run/systemd/journal/socket";
inline constexpr std::size_t kJournalEntryBytesMax = 65536;  // of one datagram

struct JournalField {
  std::string_view name;   // A-Z, 0-9 and '_', not '_' first, at most 64 bytes
  std::string_view value;  // any bytes
};

/// The datagram for an entry.  A value with a newline in it goes with its length, so that it cannot begin
/// another field.
std::string journal_datagram(std::span<const JournalField> fields);
/// Any text as the name of a field: "used-bytes" is USED_BYTES.
std::string journal_field_name(std::string_view text);

/// One thread at a time.
class Journal {
 public:
  /// Errors: failure when no journal listens there; usage for a path that is no socket's.
  static Result<Journal> open(std::string_view socket_path = kJournalSocket);

  /// Does not wait.  The socket is connected anew once when the journal was started again meanwhile.
  /// Errors: try_again when the journal has no room; usage past kJournalEntryBytesMax; failure.
  Result<void> send(std::span<const JournalField> fields);

 private:
  Journal(std::string path, Fd fd) : path_(std::move(path)), fd_(std::move(fd)) {}
  std::string path_;
  Fd fd_;
};

}  // namespace inxt::sys
