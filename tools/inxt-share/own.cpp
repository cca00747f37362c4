// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-share --list, --revoke, --refresh.
#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

#include "cli/escape.h"
#include "share_tool.h"

namespace inxt::share_tool {
namespace {

struct Listed {
  std::optional<format::ShareInfo> at_bridge;
  const tree::Share* noted = nullptr;
  std::int64_t expires_unix_s() const {
    return at_bridge ? at_bridge->expires_unix_s : noted->expires_unix_s;
  }
};

Result<std::vector<format::ShareInfo>> all_at(Owner& owner) {
  std::vector<format::ShareInfo> out;
  std::optional<format::ShareId> after;
  while (true) {
    auto page = TRY(owner.session().run(owner.shares->list(after, transfer::kSharesPageMax)));
    out.insert(out.end(), page.begin(), page.end());
    if (page.size() < transfer::kSharesPageMax || out.size() >= tree::kSharesMax) return out;
    after = page.back().share;
  }
}

format::Json json_of(const format::ShareId& id, const Listed& share, std::int64_t now_unix_s) {
  format::Json json{{"type", "share"}, {"id", id.hex()}};
  if (share.noted != nullptr) {
    const bool is_path = share.noted->what.starts_with('/');
    json["what"] = is_path ? std::string(client::kTreePathBegins) + share.noted->what : share.noted->what;
    if (!share.noted->recipient.empty()) json["recipient"] = share.noted->recipient;
  }
  json["expires"] = share.expires_unix_s();
  json["state"] = share.expires_unix_s() <= now_unix_s ? "ended"
                  : share.at_bridge                    ? "shared"
                                                       : "not at the Bridge";
  if (share.at_bridge) {
    json["created"] = share.at_bridge->created_unix_s;
    json["pieces"] = share.at_bridge->pieces;
    json["bundle_bytes"] = share.at_bridge->bundle_bytes;
  }
  return json;
}

std::string line_of(const format::Json& json) {
  return fmt::format("{}\t{}\t{}\t{}\t{}", json["id"].get<std::string>(), json["state"].get<std::string>(),
                     json["expires"].get<std::int64_t>(),
                     json.contains("recipient") ? json["recipient"].get<std::string>() : "link",
                     json.contains("what") ? cli::escape(json["what"].get<std::string>()) : "-");
}

}  // namespace

void tell_left_out(cli::World& world, const client::LeftOutFiles& files) {
  for (const auto& file : files.told)
    world.warn(fmt::format("{}: not shared: {}", cli::escape(file.path), cli::escape(file.error.what)));
  if (files.count > files.told.size())
    world.warn(fmt::format("and {} files more are not shared", files.count - files.told.size()));
}

Result<void> print_left_out(cli::World& world, const format::ShareId& share,
                            const client::LeftOutFiles& files) {
  if (!world.common().json) return {};
  for (const auto& file : files.told) {
    const format::Json line{{"type", "left-out"},
                            {"id", share.hex()},
                            {"path", cli::escape(file.path)},
                            {"error", code_name(file.error.code)},
                            {"message", cli::escape(file.error.what)}};
    TRY(world.print_json(line));
  }
  return {};
}

Result<cli::Exit> list(cli::World& world, const Options& options) {
  const auto owner = TRY(open_owner(world, options));
  std::map<format::ShareId, Listed> all;
  for (const auto& [id, share] : owner->tree->tree().shares()) all[id].noted = &share;
  for (const auto& info : TRY(all_at(*owner))) all[info.share].at_bridge = info;
  for (const auto& [id, share] : all) {
    const auto json = json_of(id, share, world.clock().unix_s());
    TRY(world.print(world.common().json ? format::write_compact(json) : line_of(json)));
  }
  return cli::Exit::ok;
}

Result<cli::Exit> revoke(cli::World& world, const Options& options) {
  std::vector<format::ShareId> ids;
  for (const auto& text : options.revoke) {
    const auto id = format::ShareId::parse(text);
    if (!id)
      return fail(Code::usage, fmt::format("--revoke: {} is not a share's id", cli::escape(text)),
                  "inxt-share --list says the ids");
    ids.push_back(*id);
  }
  const auto owner = TRY(open_owner(world, options));
  for (const auto& id : ids)
    TRY_IN(id.hex(), owner->session().run(client::end_share(owner->world(), owner->view(), id)));
  TRY(store_log(world, *owner));
  world.say("nothing is leased any more; what was leased runs out within an hour");
  return cli::Exit::ok;
}

Result<cli::Exit> refresh(cli::World& world, const Options& options) {
  const auto owner = TRY(open_owner(world, options));
  const auto report = owner->session().run(client::refresh_shares(
      owner->world(), owner->view(), {}, [&world] { return world.stop().requested(); }));
  for (const auto& trouble : report.troubles) world.warn(cli::escape(trouble));
  for (const auto& [id, files] : report.left_out) {
    tell_left_out(world, files);
    TRY(print_left_out(world, id, files));
  }
  TRY(store_log(world, *owner));
  world.say(fmt::format("{} shares show what is there now, {} were ended", report.refreshed, report.ended));
  if (report.failed == 0) return report.left_out.empty() ? cli::Exit::ok : cli::Exit::partial;
  return fail(report.refreshed + report.ended > 0 ? Code::partial : Code::try_again,
              fmt::format("{} shares could not be made anew", report.failed), "run it again later");
}

}  // namespace inxt::share_tool
