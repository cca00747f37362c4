// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/bridge_file.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace inxt::format {
namespace {

constexpr std::size_t kTypeBytesMax = 32;

/// The next line that says something, and its number; nothing at the end.
std::optional<std::string_view> next_line(std::string_view& text, std::size_t& number) {
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    ++number;
    if (line.find_first_not_of(" \t\r") != line.npos && line.front() != '#') return line;
  }
  return std::nullopt;
}

Result<std::string> capability_in(const Fields& fields) {
  TRY(fields.expect("type", "capability"));
  return TRY(fields.text("token", kPermitTokenBytesMax));
}

/// The log that a line names; nothing for a line of another type.
Result<std::optional<LogId>> log_in(const Fields& fields) {
  if (TRY(fields.text("type", kTypeBytesMax)) != "log") return std::nullopt;
  return TRY(fields.id<LogId>("log"));
}

}  // namespace

Result<BridgeFile> read_bridge_file(std::string_view text) {
  if (text.size() > kBridgeFileBytesMax)
    return fail(Code::integrity,
                fmt::format("a bridge file has at most {} bytes (kBridgeFileBytesMax)", kBridgeFileBytesMax));
  std::size_t number = 0;
  const auto first = next_line(text, number);
  if (!first) return fail(Code::integrity, "an empty bridge file");
  BridgeFile out;
  out.bridge = TRY(open_bridge_line(*first, fmt::format("line {}", number)));
  out.line = *first;
  std::string permits;
  std::size_t count = 0;
  while (const auto line = next_line(text, number)) {
    const auto where = fmt::format("line {}", number);
    const auto json = TRY_IN(where, parse_object(*line));
    const Fields fields(json, where);
    if (const auto log = TRY(log_in(fields))) {
      if (out.log) return fail(Code::integrity, where + ": a second log");
      out.log = log;
      continue;
    }
    const auto token = TRY(capability_in(fields));
    if (++count > kPermitChainMax)
      return fail(Code::integrity,
                  fmt::format("line {}: more than {} permits (kPermitChainMax)", number, kPermitChainMax));
    if (!permits.empty()) permits += kPermitSeparator;
    permits += token;
  }
  if (permits.empty()) return out;
  out.permits = TRY(PermitChain::open(permits));
  if (out.permits->bridge() != out.bridge.bridge)
    return fail(Code::integrity, "the permits are another Bridge's than the first line's");
  return out;
}

std::string write_bridge_file(std::string_view bridge_line, std::string_view permits,
                              const std::optional<LogId>& log) {
  std::string out(bridge_line);
  if (!out.ends_with('\n')) out += '\n';
  while (!permits.empty()) {
    const auto token = permits.substr(0, permits.find(kPermitSeparator));
    permits.remove_prefix(std::min(permits.size(), token.size() + 1));
    out += write_compact({{"type", "capability"}, {"token", token}}) + '\n';
  }
  if (log) out += write_compact({{"type", "log"}, {"log", log->hex()}}) + '\n';
  return out;
}

Result<void> check_permit_holder(const BridgeFile& file, const AccountId& account) {
  if (!file.permits || file.permits->last().holder == account) return {};
  return fail(
      Code::wrong_key,
      fmt::format("this bridge file is account {}'s, and the key's is {}",
                  file.permits->last().holder.hex().substr(0, 16), account.hex().substr(0, 16)),
      "use the key that it was made for, or ask for a permit with `inxt-key show --for-host BRIDGEID`");
}

}  // namespace inxt::format
