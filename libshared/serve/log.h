// SPDX-License-Identifier: LGPL-3.0-or-later
// A daemon's log: events with fields.  They go out as lines of key=value, fit for grep, or to the journal
// with a field each (serve/journal_log.h).  Text from outside is quoted and escaped.
#pragma once

#include <functional>
#include <initializer_list>
#include <mutex>
#include <span>
#include <string>

#include "sys/clock.h"

namespace inxt::serve {

enum class LogLevel { error, info, debug };

struct LogField {
  std::string_view key;
  std::string value;
};

struct LogRecord {
  std::int64_t unix_s = 0;
  LogLevel level = LogLevel::info;
  std::string_view event;
  std::span<const LogField> fields;
};

/// The value as it stands behind '=': bare where it is plain, else in quotes with \xNN for what is not
/// printable ASCII. Longer than kLogValueBytesMax: cut, with "..." behind it.
std::string log_value(std::string_view value);
inline constexpr std::size_t kLogValueBytesMax = 512;
/// " key=value" for each field.
std::string log_fields(std::span<const LogField> fields);
/// "time=... level=... event=... key=value ...\n".
std::string log_line(const LogRecord& record);

/// Thread-safe.
class Log {
 public:
  using Sink = std::function<void(std::string_view line_with_newline)>;
  using RecordSink = std::function<void(const LogRecord&)>;
  /// Sinks are called by one thread at a time.
  Log(const sys::Clock& clock, LogLevel level, Sink sink)
      : Log(
            clock, level, [sink = std::move(sink)](const LogRecord& record) { sink(log_line(record)); }, 0) {}
  static Log of_records(const sys::Clock& clock, LogLevel level, RecordSink sink) {
    return Log(clock, level, std::move(sink), 0);
  }

  bool shows(LogLevel level) const { return level <= level_; }
  void write(LogLevel level, std::string_view event, std::span<const LogField> fields);
  void write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
    write(level, event, std::span<const LogField>(fields.begin(), fields.size()));
  }

 private:
  Log(const sys::Clock& clock, LogLevel level, RecordSink sink, int)
      : clock_(clock), level_(level), sink_(std::move(sink)) {}
  const sys::Clock& clock_;
  LogLevel level_;
  RecordSink sink_;
  std::mutex mutex_;
};

}  // namespace inxt::serve
