// SPDX-License-Identifier: AGPL-3.0-or-later
#include "command_bridge.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "serve/control_client.h"

namespace inxt::tools {

namespace {

constexpr std::size_t kAnswerBytesMax = std::size_t{1} << 20;
constexpr std::size_t kPagesMax = 1'000'000;

}  // namespace

Result<format::Json> command_bridge(const BridgeOptions& options, const std::string& path,
                                    const format::Json& body) {
  const std::string folder = TRY(data_folder(options));
  std::string text = TRY(serve::command_daemon(folder, kNoun, path, format::write_compact(body)));
  while (text.ends_with('\n')) text.pop_back();
  return TRY_IN("the Bridge's answer", format::parse_object(text, kAnswerBytesMax));
}

Result<void> command_in_pages(const BridgeOptions& options, const std::string& path, const char* member,
                              const TakeItem& take) {
  format::Json body = format::Json::object();
  for (std::size_t page = 0; page < kPagesMax; ++page) {
    const format::Json answer = TRY(command_bridge(options, path, body));
    const auto list = answer.find(member);
    if (list == answer.end() || !list->is_array())
      return fail(Code::integrity, fmt::format("the Bridge's answer: no {}", member));
    if (list->empty()) break;
    for (const format::Json& item : *list) body["after"] = TRY(take(item));
  }
  return {};
}

}  // namespace inxt::tools
