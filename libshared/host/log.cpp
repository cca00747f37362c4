// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/log.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>

namespace inxt::host {

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

void Log::write(LogLevel level, std::string_view event, std::span<const LogField> fields) {
  if (!shows(level)) return;
  const std::time_t now = clock_.unix_s();
  std::string line =
      fmt::format("time={:%Y-%m-%dT%H:%M:%SZ} level={} event={}", fmt::gmtime(now), level_name(level), event);
  for (const LogField& field : fields) {
    line += ' ';
    line += field.key;
    line += '=';
    line += log_value(field.value);
  }
  line += '\n';
  const std::lock_guard lock(mutex_);
  sink_(line);
}

}  // namespace inxt::host
