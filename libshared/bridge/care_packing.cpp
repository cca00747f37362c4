// SPDX-License-Identifier: LGPL-3.0-or-later
#include "bridge/care_packing.h"

#include <algorithm>

#include "base/check.h"

namespace inxt::bridge {
namespace {

constexpr std::size_t kPlaceBytes = 8, kContractBytes = 32, kUploaderBytes = 4;
constexpr unsigned kLost = 1, kProved = 2, kOurs = 4;

std::byte low_byte(std::uint32_t value, unsigned shift) {
  return static_cast<std::byte>(value >> shift & 0xff);
}

}  // namespace

Bytes pack_places(std::span<const PlaceOfCare> places) {
  Bytes out;
  out.reserve(places.size() * kPlaceBytes);
  for (const PlaceOfCare& place : places) {
    for (unsigned shift = 0; shift < 32; shift += 8) out.push_back(low_byte(place.host, shift));
    for (unsigned shift = 0; shift < 16; shift += 8) out.push_back(low_byte(place.place, shift));
    out.push_back(static_cast<std::byte>((place.is_lost ? kLost : 0) | (place.is_proved ? kProved : 0) |
                                         (place.is_ours ? kOurs : 0)));
    out.push_back(std::byte{0});
  }
  return out;
}

std::vector<PlaceOfCare> unpack_places(ByteView packed) {
  CHECK_BUG(packed.size() % kPlaceBytes == 0);
  std::vector<PlaceOfCare> places(packed.size() / kPlaceBytes);
  for (std::size_t i = 0; i < places.size(); ++i) {
    const auto at = [&](std::size_t byte) {
      return std::to_integer<std::uint32_t>(packed[i * kPlaceBytes + byte]);
    };
    places[i].host = at(0) | at(1) << 8 | at(2) << 16 | at(3) << 24;
    places[i].place = static_cast<std::uint16_t>(at(4) | at(5) << 8);
    places[i].is_lost = (at(6) & kLost) != 0;
    places[i].is_proved = (at(6) & kProved) != 0;
    places[i].is_ours = (at(6) & kOurs) != 0;
  }
  return places;
}

Bytes pack_contracts(std::span<const crypto::Hash> contracts) {
  Bytes out;
  out.reserve(contracts.size() * kContractBytes);
  for (const crypto::Hash& contract : contracts) append(out, contract);
  return out;
}

Bytes pack_uploaders(std::span<const std::uint32_t> uploaders) {
  Bytes out;
  if (std::ranges::all_of(uploaders, [](std::uint32_t one) { return one == kHeadersUploader; })) return out;
  out.reserve(uploaders.size() * kUploaderBytes);
  for (const std::uint32_t one : uploaders)
    for (unsigned shift = 0; shift < 32; shift += 8) out.push_back(low_byte(one, shift));
  return out;
}

ByteView packed_uploaders(const database::Row& row, std::size_t column) {
  return row.is_null(column) ? ByteView{} : row.blob(column);
}

PlacedPieces unpack(ByteView places, ByteView contracts, ByteView uploaders) {
  PlacedPieces found{.places = unpack_places(places), .contracts = {}, .uploaders = {}};
  CHECK_BUG(contracts.size() == found.places.size() * kContractBytes);
  found.uploaders.resize(found.places.size(), kHeadersUploader);
  CHECK_BUG(uploaders.empty() || uploaders.size() == found.places.size() * kUploaderBytes);
  for (std::size_t i = 0; i < uploaders.size() / kUploaderBytes; ++i) {
    found.uploaders[i] = 0;
    for (unsigned byte = 0; byte < kUploaderBytes; ++byte)
      found.uploaders[i] |= std::to_integer<std::uint32_t>(uploaders[i * kUploaderBytes + byte]) << 8 * byte;
  }
  found.contracts.resize(found.places.size());
  for (std::size_t i = 0; i < found.contracts.size(); ++i)
    std::ranges::copy(contracts.subspan(i * kContractBytes, kContractBytes), found.contracts[i].begin());
  return found;
}

PlaceOfCare* PlacedPieces::find(std::uint16_t place, CareHostKey host) {
  const auto found = std::ranges::find_if(
      places, [&](const PlaceOfCare& known) { return known.place == place && known.host == host; });
  return found == places.end() ? nullptr : &*found;
}

bool PlacedPieces::add(const PlaceOfCare& place, const crypto::Hash& contract, std::uint32_t uploader) {
  if (static_cast<std::size_t>(std::ranges::count(places, place.place, &PlaceOfCare::place)) >=
      kCarePlacesKeptMax) {
    const auto worth = [&](const PlaceOfCare& known) {
      return known.place != place.place ? 3 : known.is_lost ? 0 : known.is_proved ? 2 : 1;
    };
    const auto least = std::ranges::min_element(places, {}, worth);
    if (worth(*least) > 1 && !place.is_proved && !place.is_ours) return false;
    contracts.erase(contracts.begin() + (least - places.begin()));
    uploaders.erase(uploaders.begin() + (least - places.begin()));
    places.erase(least);
  }
  places.push_back(place);
  contracts.push_back(contract);
  uploaders.push_back(uploader);
  return true;
}

bool PlacedPieces::remove(std::uint16_t place, CareHostKey host) {
  const PlaceOfCare* found = find(place, host);
  if (found == nullptr) return false;
  const auto index = found - places.data();
  contracts.erase(contracts.begin() + index);
  uploaders.erase(uploaders.begin() + index);
  places.erase(places.begin() + index);
  return true;
}

std::int64_t count_lacking(std::span<const PlaceOfCare> places, std::uint32_t pieces) {
  std::vector<bool> is_there(pieces);
  for (const PlaceOfCare& place : places)
    if (!place.is_lost && place.place < pieces) is_there[place.place] = true;
  return std::ranges::count(is_there, false);
}

Result<std::int64_t> next_care_change(database::Transaction& transaction) {
  const auto rows =
      TRY(transaction.query("INSERT INTO care_changes (single, number) VALUES (1, 1) ON CONFLICT (single) DO "
                            "UPDATE SET number = care_changes.number + 1 RETURNING number"));
  return rows[0].integer(0);
}

}  // namespace inxt::bridge
