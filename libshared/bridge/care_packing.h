// SPDX-License-Identifier: LGPL-3.0-or-later
// How a segment's places stand in its row.  For the sources of this room.
#pragma once

#include "bridge/care_segments.h"

namespace inxt::bridge {

/// 8 bytes each: the Host's key u32, the place u16, flags u8 (1 lost, 2 proved, 4 ours), 0; little-endian.
Bytes pack_places(std::span<const PlaceOfCare> places);
std::vector<PlaceOfCare> unpack_places(ByteView packed);

/// Of a place whose contract is one of the accounts of the header's uploader.
inline constexpr std::uint32_t kHeadersUploader = UINT32_MAX;
static_assert(kHeadersUploader > format::kUploaderMax);

/// The same with their contracts and whose accounts have these, in one order.
struct PlacedPieces {
  std::vector<PlaceOfCare> places;
  std::vector<crypto::Hash> contracts;
  std::vector<std::uint32_t> uploaders;

  PlaceOfCare* find(std::uint16_t place, CareHostKey host);
  /// Behind the others.  Where there would be more than kCarePlacesKeptMax of its piece, one goes: the first
  /// that is lost, else the first that was never proved, else the first.  False, and nothing is added, where
  /// that would put a place that is only told in the place of one that was proved.
  bool add(const PlaceOfCare& place, const crypto::Hash& contract, std::uint32_t uploader = kHeadersUploader);
  bool remove(std::uint16_t place, CareHostKey host);
};
/// Column of a row that is NULL where all are the header's: then nothing.
ByteView packed_uploaders(const database::Row& row, std::size_t column);
/// `uploaders`: empty where all are the header's.
PlacedPieces unpack(ByteView places, ByteView contracts, ByteView uploaders);
Bytes pack_contracts(std::span<const crypto::Hash> contracts);
/// Empty where all are the header's.
Bytes pack_uploaders(std::span<const std::uint32_t> uploaders);

/// Of `pieces` pieces, those that lie nowhere: every place that they have or had is lost, or none is known.
std::int64_t count_lacking(std::span<const PlaceOfCare> places, std::uint32_t pieces);

/// The next number.  Whoever takes one is alone with that until its transaction ends, so numbers are
/// committed in their order.
Result<std::int64_t> next_care_change(database::Transaction& transaction);

}  // namespace inxt::bridge
