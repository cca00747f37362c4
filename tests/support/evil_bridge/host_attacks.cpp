// SPDX-License-Identifier: AGPL-3.0-or-later
// Lies about Hosts.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/encoding.h"
#include "evil_bridge/evil.h"
#include "format/listed_host.h"

namespace inxt::evil {
namespace {

using format::Json;

Answer with_lines(cheat::Told told, const std::vector<std::string>& lines) {
  told.body.clear();
  for (const auto& line : lines) told.body += line + '\n';
  return Answer(std::move(told));
}

/// A Host that the Bridge made up, as far as anybody could.
std::string made_up(Scene& scene, const crypto::SigningKey& key, std::string address) {
  format::Descriptor made;
  made.host = HostId{key.public_key()};
  made.software = "inxt 0.1.0";
  made.addresses = {std::move(address)};
  made.capacity_bytes = made.free_bytes = std::uint64_t{1} << 50;
  made.term_seconds_max = 316'224'000;
  made.issued_unix_s = scene.engine.parts().clock.unix_s();
  made.expires_unix_s = made.issued_unix_s + 86400;
  auto line = format::hosts_line(made, must(format::sign_descriptor(made, key)));
  line.pop_back();
  return line;
}

/// The list with each line changed by KIND.
Awaitable<Answer> lines(Scene& scene, const Args& args, const Asked& asked) {
  auto told = co_await scene.ask(asked);
  auto list = lines_of(told.body);
  const std::string& kind = args.at(0);
  if (list.empty() && kind != "again") co_return Answer(std::move(told));
  if (kind == "reverse") {
    std::ranges::reverse(list);
  } else if (kind == "twice") {
    list.insert(list.begin() + 1, list.front());
  } else if (kind == "again") {  // whatever is asked for, the same
    Asked first = asked;
    first.target = "/v1/hosts?limit=1000";
    told = co_await scene.ask(first);
    list = lines_of(told.body);
  } else if (kind == "key") {  // the Bridge's signature on another's name
    auto json = Json::parse(list.front());
    auto host = must(format::open_hosts_line(list.front(), "line"));
    const auto id = host.host;
    host.host = HostId{scene.key.public_key()};
    json["token"] = must(format::sign_descriptor(host, scene.key));
    json["host"] = id.hex();
    list.front() = json.dump();
  } else if (kind == "address") {  // what anybody can read, and not what was signed
    auto json = Json::parse(list.front());
    json["addresses"] = Json::array({scene.address});
    list.front() = json.dump();
  } else if (kind == "token") {  // one Host's line with another's descriptor
    auto json = Json::parse(list.front());
    json["token"] = Json::parse(list.back())["token"];
    list.front() = json.dump();
  } else if (kind == "better") {  // what only the Bridge says
    for (auto& line : list) {
      auto json = Json::parse(line);
      json["measured"]["uptime_30d"] = 10000;
      json["measured"]["rtt_us"] = 1;
      json["measured"]["audits_passed"] = 1'000'000;
      line = json.dump();
    }
  } else if (kind == "more-than-all") {
    auto json = Json::parse(list.front());
    json["measured"]["uptime_30d"] = 10001;
    list.front() = json.dump();
  } else {
    check_failed("a kind that there is not", __FILE__, __LINE__);
  }
  co_return with_lines(std::move(told), list);
}

/// Page after page of Hosts that it makes up, in order, without end.
Awaitable<Answer> endless_hosts(Scene& scene, const Args&, const Asked&) {
  std::vector<std::pair<HostId, std::string>> made;
  const int page = scene.counts["endless-hosts page"]++;
  for (int i = 0; made.empty() && i < 200'000; ++i) {
    const auto key = crypto::SigningKey::from_seed(scene.random.bytes<32>());
    const HostId id{key.public_key()};
    if (std::to_integer<int>(id.bytes[0]) != page % 256) continue;
    made.emplace_back(id, made_up(scene, key, "192.0.2.1:4242"));
  }
  std::ranges::sort(made);
  std::vector<std::string> list;
  for (auto& [id, line] : made) list.push_back(std::move(line));
  co_return with_lines(told(200, {}, "application/jsonl"), list);
}

constexpr Attack kAttacks[] = {
    {"hosts", About::hosts,
     "changes the list: reverse, twice, again, key, address, token, better, more-than-all", lines},
    {"endless-hosts", About::hosts, "lists Hosts that it makes up, without end", endless_hosts},
};

}  // namespace

std::span<const Attack> host_attacks() {
  return kAttacks;
}

}  // namespace inxt::evil
