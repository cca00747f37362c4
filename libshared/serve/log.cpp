// SPDX-License-Identifier: LGPL-3.0-or-later
#include "serve/log.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>

namespace inxt::serve {

namespace {

bool is_plain(char letter) {
  return letter > ' ' && letter < 0x7f && letter != '"' && letter != '\\' && letter != '=';
}

std::string_view level_name(LogLevel level) {
  switch (level) {
    case LogLevel::error:
      return "error";
    case LogLevel::info:
      return "info";
    case LogLevel::debug:
      return "debug";
  }
  return "error";
}

}  // namespace

std::string log_value(std::string_view value) {
  const bool is_cut = value.size() > kLogValueBytesMax;
  if (!is_cut && !value.empty() && std::ranges::all_of(value, is_plain)) return std::string(value);
  std::string out = "\"";
  for (const char letter : value.substr(0, kLogValueBytesMax)) {
    if (is_plain(letter) || letter == ' ' || letter == '=')
      out += letter;
    else
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(letter));
  }
  return out + (is_cut ? "...\"" : "\"");
}

std::string log_fields(std::span<const LogField> fields) {
  std::string text;
  for (const LogField& field : fields) {
    text += ' ';
    text += field.key;
    text += '=';
    text += log_value(field.value);
  }
  return text;
}

std::string log_line(const LogRecord& record) {
  const std::time_t time = record.unix_s;
  return fmt::format("time={:%Y-%m-%dT%H:%M:%SZ} level={} event={}{}\n", fmt::gmtime(time),
                     level_name(record.level), record.event, log_fields(record.fields));
}

void Log::write(LogLevel level, std::string_view event, std::span<const LogField> fields) {
  if (!shows(level)) return;
  const LogRecord record{.unix_s = clock_.unix_s(), .level = level, .event = event, .fields = fields};
  const std::lock_guard lock(mutex_);
  sink_(record);
}

}  // namespace inxt::serve
