// SPDX-License-Identifier: AGPL-3.0-or-later
#include <algorithm>

#include "cli/escape.h"
#include "repair_tool.h"
#include "transfer/http_bridge_care.h"

namespace inxt::repair_tool {
namespace {

bool has_place(const client::ManifestTable& manifest, const format::PlaceLine& told) {
  return std::ranges::any_of(manifest.places_of(manifest.number_of(told.place)), [&](const auto& at) {
    return manifest.hosts()[at.host].id == told.host && at.uploader == told.uploader;
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
  if (!work_.bridge || !work_.bridge->permits || is_care_silent_) return {};
  if (!care_)
    care_ = std::make_unique<transfer::HttpBridgeCare>(session_.bridge(*work_.bridge, work_.key.uploader()));
  auto told = session_.run(client::places_told(*care_, manifest));
  if (told) {
    std::erase_if(*told, [&](const format::PlaceLine& place) { return has_place(manifest, place); });
    return *std::move(told);
  }
  is_care_silent_ = true;
  work_.world.detail("the Bridge tells no places: " + cli::escape(told.error().what));
  return {};
}

void Target::end() {
  if (placed_ != nullptr) session_.run(placed_->end());
}

}  // namespace inxt::repair_tool
