// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/later_places.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "client/host_addresses.h"
#include "format/descriptor.h"
#include "net/race.h"
#include "transfer/http_bridge_care.h"

namespace inxt::client {

using namespace net;  // operator||

std::vector<format::CarePlace> worth_reading(std::vector<format::CarePlace> places,
                                             std::set<std::uint32_t>& caretakers) {
  std::map<Place, std::size_t> of_piece;
  std::ranges::reverse(places);
  std::erase_if(places, [&](const format::CarePlace& place) {
    const bool is_known = caretakers.contains(place.uploader);
    const bool is_caretakers = place.uploader >= format::kCaretakersBegin;
    if (!is_known && (!is_caretakers || caretakers.size() >= kCaretakersReadMax)) return true;
    if (!format::is_address(place.place.address)) return true;
    if (++of_piece[place.place.place] > kPlacesAddedPerPieceMax) return true;
    caretakers.insert(place.uploader);
    return false;
  });
  return places;
}

namespace {

bool is_piece_of(const ManifestTable& manifest, const Place& at) {
  const auto& layout = manifest.layout();
  return at.segment < manifest.segments() && at.shard < layout.shards() && at.mirror < layout.mirrors &&
         manifest.number_of(at) < manifest.pieces();
}

}  // namespace

net::Awaitable<Result<std::vector<format::PlaceLine>>> places_told(transfer::BridgeCare& care,
                                                                   const ManifestTable& manifest) {
  auto asked = places_in_care(care, manifest.header().file);
  auto deadline = net::sleep_for(std::chrono::milliseconds(kPlacesToldMsMax));
  auto first = co_await (std::move(asked) || std::move(deadline));
  if (first.index() == 1)
    co_return fail(Code::try_again,
                   fmt::format("no answer within {} ms (kPlacesToldMsMax)", kPlacesToldMsMax));
  auto told = std::get<0>(std::move(first));
  if (!told) co_return std::unexpected(std::move(told).error());
  std::vector<format::PlaceLine> out;
  if (!*told) co_return out;
  std::set<std::uint32_t> caretakers;
  auto places = worth_reading(**std::move(told), caretakers);
  std::ranges::reverse(places);  // the latest last, as in a manifest
  for (auto& place : places) {
    if (!is_piece_of(manifest, place.place.place)) continue;
    out.push_back(std::move(place.place));
    out.back().uploader = place.uploader;
  }
  co_return out;
}

transfer::BridgeCare* CaredPlaces::care() {
  if (!is_looked_for_) {
    is_looked_for_ = true;
    const auto bridge = find_bridge_();
    if (bridge && bridge->permits)
      care_ = std::make_unique<transfer::HttpBridgeCare>(session_.bridge(*bridge, key_.uploader()));
  }
  return care_.get();
}

net::Awaitable<std::vector<LaterPlace>> CaredPlaces::find(FileId file, std::uint64_t segment) {
  std::vector<LaterPlace> found;
  transfer::BridgeCare* const bridge = not_in_care_.contains(file) ? nullptr : care();
  if (bridge == nullptr) co_return found;
  auto asked = bridge->places(file, 0, segment);
  auto deadline = net::sleep_for(std::chrono::milliseconds(kLaterPlacesMsMax));
  auto first = co_await (std::move(asked) || std::move(deadline));
  if (first.index() == 1) find_bridge_ = {}, care_.reset(), is_looked_for_ = true;
  if (first.index() == 1 || !std::get<0>(first)) {
    not_in_care_.insert(file);
    co_return found;
  }
  for (const auto& place : worth_reading(*std::get<0>(std::move(first)), caretakers_)) {
    LaterPlace one;
    one.place = place.place.place;
    one.host = newest_address(place.place.host, {place.place.address}, {});
    one.service = &session_.network_as(key_, place.uploader).service;
    found.push_back(std::move(one));
  }
  co_return found;
}

void CaredPlaces::note_bad(const FileId& file, const Place& place, const HostId& host) {
  if (bad_.size() < kBadPiecesToldMax) bad_.push_back({.file = file, .place = place, .host = host});
}

net::Awaitable<void> CaredPlaces::report() {
  if (bad_.empty()) co_return;
  transfer::BridgeCare* const bridge = care();
  if (bridge == nullptr) co_return;
  auto telling = report_each(*bridge);
  auto deadline = net::sleep_for(std::chrono::milliseconds(kBadPiecesMsMax));
  (void)co_await (std::move(telling) || std::move(deadline));
  bad_.clear();
}

net::Awaitable<void> CaredPlaces::report_each(transfer::BridgeCare& bridge) {
  for (const format::CareReport& one : bad_) {
    const auto told = co_await bridge.report(one);
    if (!told) break;
  }
}

}  // namespace inxt::client
