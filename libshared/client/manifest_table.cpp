// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/manifest_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "format/descriptor.h"

namespace inxt::client {
namespace {

constexpr std::size_t kAddressesPerHostMax = 8;
constexpr std::size_t kManifestHostsMax = 100'000;
constexpr std::uint32_t kOfTheFile = UINT32_MAX;  // no uploader's number

}  // namespace

Result<ManifestTable> ManifestTable::read(LineReader& lines, const std::string& name, format::WriterCheck check,
                                          Seal seal, Contracts contracts) {
  ManifestTable table;
  format::ManifestReader reader(std::move(check));
  std::optional<Error> upstream;
  while (auto text = TRY_IN(name, lines.next())) {
    if (upstream) continue;  // the first cause; what a failed tool leaves behind it is not judged
    auto read = reader.next(*text);
    // Whoever deletes takes what there is: a last line that was cut names nothing.
    if (!read && seal == Seal::optional && lines.without_newline()) break;
    auto line = TRY_IN(name, std::move(read));
    if (const auto* piece = std::get_if<format::PieceLine>(&line)) {
      table.ids_.push_back(piece->id);
      table.sizes_.push_back(piece->size);
    } else if (const auto* place = std::get_if<format::PlaceLine>(&line)) {
      // chain() is where piece numbers come from until the reader is done.
      const auto& layout = *reader.chain().layout;
      const auto number = place->place.segment * layout.pieces_per_segment() +
                          place->place.shard * layout.mirrors + place->place.mirror;
      TRY_IN(name, table.add_place(*place, number, contracts));
    } else if (auto* file = std::get_if<format::FileLine>(&line)) {
      const auto& layout = *reader.chain().layout;
      const auto number = file->place.segment * layout.pieces_per_segment() + file->place.shard * layout.mirrors +
                          file->place.mirror;
      table.files_[number] = std::move(*file);
    } else if (const auto* error = std::get_if<format::ErrorLine>(&line)) {
      if (seal == Seal::optional) break;  // its writer failed: that is why it has no end
      upstream = Error{error->code, fmt::format("{}: {} failed: {}", name, error->tool, error->message)};
    }
  }
  if (upstream) return std::unexpected(*std::move(upstream));
  if (seal == Seal::required) TRY_IN(name, reader.finish());
  table.sealed_ = reader.sealed();
  table.chain_ = std::move(reader).take_chain();
  if (!table.chain_.layout)
    return fail(Code::integrity, fmt::format("{}: no pieces are described yet", name),
                "inxt-shard makes pieces of what inxt-encrypt gives");
  std::ranges::stable_sort(table.places_, {}, &PlaceEntry::piece);
  return table;
}

Result<void> ManifestTable::add_place(const format::PlaceLine& place, std::uint64_t piece,
                                      Contracts contracts) {
  auto [known, fresh] = host_index_.try_emplace(place.host, static_cast<std::uint32_t>(hosts_.size()));
  if (fresh) {
    if (hosts_.size() == kManifestHostsMax) {
      host_index_.erase(known);
      return fail(Code::integrity, fmt::format("more than {} Hosts (kManifestHostsMax)", kManifestHostsMax));
    }
    hosts_.push_back({place.host, {}});
  }
  auto& addresses = hosts_[known->second].addresses;
  if (format::is_address(place.address) && addresses.size() < kAddressesPerHostMax &&
      std::ranges::find(addresses, place.address) == addresses.end())
    addresses.push_back(place.address);
  places_.push_back({piece, known->second, place.uploader.value_or(kOfTheFile)});
  if (contracts == Contracts::kept) contracts_.push_back({piece, known->second, place.contract});
  return {};
}

void ManifestTable::add_places(std::span<const format::PlaceLine> places) {
  std::unordered_map<std::uint64_t, std::size_t> added;
  for (const format::PlaceLine& place : places) {
    if (place.place.segment >= segments() || place.place.shard >= layout().shards() ||
        place.place.mirror >= layout().mirrors)
      continue;
    const std::uint64_t piece = number_of(place.place);
    if (piece >= pieces() || added[piece]++ >= kPlacesAddedPerPieceMax) continue;
    (void)add_place(place, piece, Contracts::left_out);
  }
  std::ranges::stable_sort(places_, {}, &PlaceEntry::piece);
}

ManifestTable ManifestTable::elsewhere(std::span<const format::PlaceLine> places) const {
  ManifestTable other = *this;
  other.places_.clear();
  other.contracts_.clear();
  other.hosts_.clear();
  other.host_index_.clear();
  other.add_places(places);
  return other;
}

std::uint64_t ManifestTable::segments() const {
  const auto each = layout().pieces_per_segment();
  return (ids_.size() + each - 1) / each;
}

std::uint64_t ManifestTable::ciphertext_bytes(std::uint64_t segment) const {
  if (chain_.last_segment && segment == *chain_.last_segment)
    return chain_.ciphertext_bytes - segment * layout().segment_bytes();
  return layout().segment_bytes();
}

std::uint64_t ManifestTable::number_of(const Place& place) const {
  return place.segment * layout().pieces_per_segment() + place.shard * layout().mirrors + place.mirror;
}

Place ManifestTable::place_of(std::uint64_t piece) const {
  const auto within = piece % layout().pieces_per_segment();
  return {.segment = piece / layout().pieces_per_segment(),
          .shard = static_cast<std::uint32_t>(within / layout().mirrors),
          .mirror = static_cast<std::uint32_t>(within % layout().mirrors)};
}

std::vector<ManifestTable::PlacedAt> ManifestTable::places_of(std::uint64_t piece) const {
  std::vector<PlacedAt> out;
  const auto entries = std::ranges::equal_range(places_, piece, {}, &PlaceEntry::piece);
  for (auto entry = entries.end(); entry != entries.begin();) {
    --entry;
    const PlacedAt at{.host = entry->host, .uploader = entry->uploader == kOfTheFile ? header().uploader : entry->uploader};
    if (std::ranges::find(out, at) == out.end()) out.push_back(at);
  }
  return out;
}

std::vector<std::uint32_t> ManifestTable::hosts_of(std::uint64_t piece) const {
  std::vector<std::uint32_t> out;
  for (const auto& at : places_of(piece))
    if (std::ranges::find(out, at.host) == out.end()) out.push_back(at.host);
  return out;
}

}  // namespace inxt::client
