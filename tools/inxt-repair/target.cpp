// SPDX-License-Identifier: AGPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>

#include "cli/escape.h"
#include "net/race.h"
#include "repair_tool.h"
#include "transfer/http_bridge_care.h"

namespace inxt::repair_tool {
namespace {

using Places = std::optional<std::vector<format::CarePlace>>;

constexpr std::chrono::seconds kCareWait{30};

net::Awaitable<Result<Places>> ask_in_time(transfer::BridgeCare& care, FileId file) {
  using namespace net;  // operator||
  auto asked = client::places_in_care(care, file);
  auto deadline = net::sleep_for(kCareWait);
  auto first = co_await (std::move(asked) || std::move(deadline));
  if (first.index() == 0) co_return std::get<0>(std::move(first));
  co_return fail(Code::try_again, fmt::format("no answer within {} s", kCareWait.count()));
}

bool has_place(const client::ManifestTable& manifest, const format::CarePlace& told) {
  return std::ranges::any_of(manifest.places_of(manifest.number_of(told.place.place)), [&](const auto& at) {
    return manifest.hosts()[at.host].id == told.place.host && at.uploader == told.uploader;
  });
}

}  // namespace

Target::Target(Work& work, client::Session& session, client::LatestVouchers& vouchers)
    : work_(work), session_(session) {
  if (work.bridge) {
    accounts_ =
        std::make_unique<transfer::HttpBridgeAccounts>(session.bridge(*work.bridge, work.key.uploader()));
    auto placed = std::make_unique<client::PlacedRepairHosts>(*accounts_, work.key.uploader(), vouchers,
                                                              work.options.price_max, work.allow);
    placed_ = placed.get();
    hosts_ = std::move(placed);
    return;
  }
  auto hosts = work.known.for_new_pieces();
  std::erase_if(hosts, [](const auto& host) { return host.addresses.empty(); });
  hosts_ = std::make_unique<client::ListedRepairHosts>(std::move(hosts), work.options.price_max);
}

Result<void> Target::check() const {
  if (work_.options.dry_run || work_.options.hosts) return {};
  if (!work_.bridge)
    return fail(Code::usage, "where shall new pieces go?", "say --hosts FILE or --bridge FILE, or --dry-run");
  return format::check_permit_holder(*work_.bridge,
                                     work_.key.uploader().account_id(HostId{work_.bridge->bridge.bridge}));
}

std::vector<format::PlaceLine> Target::later_places(const client::ManifestTable& manifest) {
  std::vector<format::PlaceLine> out;
  if (!work_.bridge || !work_.bridge->permits || is_care_silent_) return out;
  if (!care_)
    care_ = std::make_unique<transfer::HttpBridgeCare>(session_.bridge(*work_.bridge, work_.key.uploader()));
  const auto told = session_.run(ask_in_time(*care_, manifest.header().file));
  if (!told) {
    is_care_silent_ = true;
    work_.world.detail("the Bridge tells no places: " + cli::escape(told.error().what));
    return out;
  }
  if (!*told) return out;
  std::set<std::uint32_t> caretakers;
  auto places = client::worth_reading(**told, caretakers);
  std::ranges::reverse(places);  // the latest last, as in a manifest
  for (const auto& place : places) {
    const auto& at = place.place.place;
    const auto& layout = manifest.layout();
    const bool is_there = at.segment < manifest.segments() && at.shard < layout.shards() &&
                          at.mirror < layout.mirrors && manifest.number_of(at) < manifest.pieces();
    if (!is_there || has_place(manifest, place)) continue;
    out.push_back(place.place);
    out.back().uploader = place.uploader;
  }
  return out;
}

void Target::end() {
  if (placed_ != nullptr) session_.run(placed_->end());
}

}  // namespace inxt::repair_tool
