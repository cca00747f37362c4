// SPDX-License-Identifier: LGPL-3.0-or-later
#include "bridge/repair_control.h"

#include <nlohmann/json.hpp>

#include "bridge/account_control.h"
#include "bridge/repair_rows.h"

namespace inxt::bridge {
namespace {

format::Json json_of(const RepairRecord& repair) {
  auto pieces = format::Json::array();
  for (const RepairedPiece& piece : repair.pieces)
    pieces.push_back({{"place", piece.place},
                      {"from", piece.former.hex()},
                      {"to", piece.host.hex()},
                      {"state", piece.state}});
  format::Json json{{"type", "repair"},
                    {"number", repair.key},
                    {"file", repair.file.hex()},
                    {"segment", repair.segment},
                    {"state", repair.state},
                    {"planned", repair.planned_unix_s},
                    {"changed", repair.changed_unix_s},
                    {"attempts", repair.attempts},
                    {"moved_bytes", repair.moved_bytes}};
  if (!repair.note.empty()) json["note"] = repair.note;
  json["pieces"] = std::move(pieces);
  return json;
}

Result<std::int64_t> read_after(std::string_view body) {
  const auto json = TRY(read_command(body));
  const format::Fields fields(json, "repairs");
  if (!fields.has("after")) return 0;
  return static_cast<std::int64_t>(TRY(fields.integer("after")));
}

}  // namespace

net::Awaitable<Result<std::string>> list_repairs_for_operator(Bridge& bridge, std::string_view body) {
  const Parts& parts = bridge.parts();
  Result<std::int64_t> after = read_after(body);
  if (!after) co_return std::unexpected(std::move(after).error());
  const auto job = [&] {
    return parts.database.read([&](database::Transaction& transaction) {
      return list_repairs(transaction, *after, static_cast<std::int64_t>(kRepairsPerAnswerMax));
    });
  };
  Result<std::vector<RepairRecord>> repairs = co_await parts.workers.run(job);
  if (!repairs) co_return std::unexpected(std::move(repairs).error());
  auto list = format::Json::array();
  for (const RepairRecord& each : *repairs) list.push_back(json_of(each));
  format::Json answer;
  answer["repairs"] = std::move(list);
  co_return format::write_compact(answer);
}

}  // namespace inxt::bridge
