// SPDX-License-Identifier: LGPL-3.0-or-later
// A daemon's log: one line an event, key=value, fit for grep and for journald.  Text from outside is quoted
// and escaped.
#pragma once

#include <functional>
#include <initializer_list>
#include <mutex>
#include <span>
#include <string>

#include "sys/clock.h"

namespace inxt::host {

enum class LogLevel { error, info, debug };

struct LogField {
  std::string_view key;
  std::string value;
};

/// The value as it stands behind '=': bare where it is plain, else in quotes with \xNN for what is not
/// printable ASCII. Longer than kLogValueBytesMax: cut, with "..." behind it.
std::string log_value(std::string_view value);
inline constexpr std::size_t kLogValueBytesMax = 512;

/// Thread-safe.
class Log {
 public:
  using Sink = std::function<void(std::string_view line_with_newline)>;
  Log(const sys::Clock& clock, LogLevel level, Sink sink)
      : clock_(clock), level_(level), sink_(std::move(sink)) {}

  bool shows(LogLevel level) const { return level <= level_; }
  /// time=... level=... event=... key=value ...
  void write(LogLevel level, std::string_view event, std::span<const LogField> fields);
  void write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
    write(level, event, std::span<const LogField>(fields.begin(), fields.size()));
  }

 private:
  const sys::Clock& clock_;
  LogLevel level_;
  Sink sink_;
  std::mutex mutex_;
};

}  // namespace inxt::host
