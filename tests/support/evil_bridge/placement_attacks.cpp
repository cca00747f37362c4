// SPDX-License-Identifier: AGPL-3.0-or-later
// Lies about where pieces go, and about who pays.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/encoding.h"
#include "evil_bridge/evil.h"
#include "format/listed_host.h"
#include "format/placement.h"
#include "format/voucher.h"
#include "sys/files.h"

namespace inxt::evil {
namespace {

using format::Json;

/// The line of a Host whose key is the Bridge's own.
std::string own_line(Scene& scene) {
  format::Descriptor own;
  own.host = HostId{scene.key.public_key()};
  own.software = "inxt 0.1.0";
  own.addresses = {scene.address};
  own.capacity_bytes = own.free_bytes = std::uint64_t{1} << 50;
  own.term_seconds_max = 316'224'000;
  own.issued_unix_s = scene.engine.parts().clock.unix_s();
  own.expires_unix_s = own.issued_unix_s + 86400;
  auto line = format::hosts_line(own, must(format::sign_descriptor(own, scene.key)));
  line.pop_back();
  return line;
}

/// Puts the Hosts of `lines` into all groups, one after the other.
void place_at(Json& json, const std::vector<std::string>& lines) {
  std::vector<std::string> ids;
  for (const auto& line : lines) {
    ids.push_back(Json::parse(line)["host"].get<std::string>());
    const auto known = [&](const Json& other) {
      return Json::parse(other.get<std::string>())["host"] == ids.back();
    };
    if (std::ranges::none_of(json["hosts"], known)) json["hosts"].push_back(line);
  }
  for (auto& group : json["groups"])
    for (std::size_t i = 0; i < group["primary"].size(); ++i) group["primary"][i] = ids[i % ids.size()];
  for (auto& group : json["groups"]) group["secondary"] = Json::array();
}

void change(Scene& scene, const Args& args, Json& json) {
  const std::string& kind = args.at(0);
  auto& first = json["groups"][0];
  if (kind == "twice") {
    first["primary"][1] = first["primary"][0];
  } else if (kind == "stands-in") {  // who stands in for itself
    first["secondary"] = first["primary"];
  } else if (kind == "one-host") {
    for (auto& host : first["primary"]) host = first["primary"][0];
  } else if (kind == "fewer") {
    first["primary"].erase(first["primary"].size() - 1);
  } else if (kind == "more") {
    first["primary"].push_back(first["secondary"][0]);
  } else if (kind == "no-groups") {
    json["groups"] = Json::array();
  } else if (kind == "one-group") {
    json["groups"] = Json::array({first});
  } else if (kind == "layout") {  // K M MIRRORS SHARD_BYTES
    json["layout"] = {{"k", std::stoul(args.at(1))},
                      {"m", std::stoul(args.at(2))},
                      {"mirrors", std::stoul(args.at(3))},
                      {"shard_bytes", std::stoul(args.at(4))}};
    const auto wanted = std::min<std::uint64_t>(
        3000, (std::stoul(args.at(1)) + std::stoul(args.at(2))) * std::stoul(args.at(3)));
    Json all = first["primary"];
    for (const auto& host : first["secondary"]) all.push_back(host);
    for (auto& group : json["groups"]) {
      group["primary"] = Json::array();
      for (std::size_t i = 0; i < wanted; ++i) group["primary"].push_back(all[i % all.size()]);
      group["secondary"] = Json::array();
    }
  } else if (kind == "no-hosts") {
    json["hosts"] = Json::array();
  } else if (kind == "false-host") {  // another address than the Host signed
    auto line = Json::parse(json["hosts"][0].get<std::string>());
    line["addresses"] = Json::array({scene.address});
    json["hosts"][0] = line.dump();
  } else if (kind == "forged-host") {  // the Bridge's signature for a Host
    auto line = Json::parse(json["hosts"][0].get<std::string>());
    line["token"] = Json::parse(own_line(scene))["token"];
    json["hosts"][0] = line.dump();
  } else if (kind == "own-host") {
    place_at(json, {own_line(scene)});
  } else if (kind == "own-for-one") {
    json["hosts"].push_back(own_line(scene));
    first["primary"][0] = to_hex(scene.key.public_key());
  } else if (kind == "hosts-of") {  // those of a hosts file
    const auto text = must(sys::read_file(args.at(1), 1 << 20, "hosts"));
    place_at(json, lines_of(text_of(text)));
  } else if (kind == "other-id") {
    json["placement"] = std::string(32, '5');
  } else if (kind == "reserved") {
    json["reserved_bytes"] = (std::uint64_t{1} << 53) - 1;
    json["expires"] = (std::uint64_t{1} << 53) - 1;
  } else {
    check_failed("a kind that there is not", __FILE__, __LINE__);
  }
}

Awaitable<Answer> place(Scene& scene, const Args& args, const Asked& asked) {
  auto out = co_await scene.ask(asked);
  if (out.status / 100 != 2) co_return Answer(std::move(out));
  auto json = Json::parse(out.body);
  change(scene, args, json);
  out.body = json.dump() + '\n';
  co_return Answer(std::move(out));
}

/// Vouchers that are none: none at all, noise, another account's, another Host's, over, for nothing, by
/// another.
Awaitable<Answer> vouch(Scene& scene, const Args& args, const Asked& asked) {
  auto out = co_await scene.ask(asked);
  if (out.status / 100 != 2) co_return Answer(std::move(out));
  auto json = Json::parse(out.body);
  const std::string& kind = args.at(0);
  if (kind == "none") json["vouchers"] = Json::array();
  if (kind == "soon") json["expires"] = scene.engine.parts().clock.unix_s() + 1;
  const auto stranger = crypto::SigningKey::from_seed(scene.random.bytes<32>());
  for (auto& each : json["vouchers"]) {
    auto voucher = must(format::open_voucher(each["token"].get<std::string>(), std::nullopt));
    if (kind == "noise") {
      each["token"] = "e30.e30.AAAA";
      continue;
    }
    const auto* by = &scene.key;
    if (kind == "account") voucher.account = AccountId{stranger.public_key()};
    if (kind == "host") voucher.host = HostId{stranger.public_key()};
    if (kind == "over") {
      voucher.issued_unix_s -= 200'000;
      voucher.expires_unix_s -= 200'000;
    }
    if (kind == "nothing") voucher.bytes = 0;
    if (kind == "by-another") {
      voucher.bridge = stranger.public_key();
      by = &stranger;
    }
    each["token"] = must(format::sign_voucher(voucher, *by));
  }
  out.body = json.dump() + '\n';
  co_return Answer(std::move(out));
}

/// Says that it is done, and does nothing: an end of a placement, a permit that was to be revoked.
Awaitable<Answer> pretend(Scene&, const Args&, const Asked&) {
  co_return Answer(told(200, "{}\n"));
}

/// As if the account had quota without end, or less than none.
Awaitable<Answer> account(Scene& scene, const Args& args, const Asked& asked) {
  auto out = co_await scene.ask(asked);
  if (out.status / 100 != 2) co_return Answer(std::move(out));
  auto json = Json::parse(out.body);
  if (args.at(0) == "all")
    json["links"][0]["quota_bytes"] = json["left_bytes"] = (std::uint64_t{1} << 53) - 1;
  if (args.at(0) == "other") json["account"] = std::string(64, 'a');
  if (args.at(0) == "no-links") json["links"] = Json::array();
  out.body = json.dump() + '\n';
  co_return Answer(std::move(out));
}

constexpr Attack kAttacks[] = {
    {"place", About::placement, "changes the placement: see change()", place},
    {"vouch", About::vouchers,
     "changes the vouchers: none, noise, account, host, over, nothing, by-another, soon", vouch},
    {"pretend-ended", About::placement_end, "does not end a placement", pretend},
    {"pretend-revoked", About::revocation, "does not revoke a permit", pretend},
    {"account", About::account, "lies about quota: all, other, no-links", account},
};

}  // namespace

std::span<const Attack> placement_attacks() {
  return kAttacks;
}

}  // namespace inxt::evil
