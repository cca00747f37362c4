// SPDX-License-Identifier: LGPL-3.0-or-later
// A whole manifest in memory, as readers of pieces need it.
// Memory: 36 bytes a piece and 16 a place: 40 MB for a terabyte stored 4+2.
#pragma once

#include <unordered_map>

#include "client/line_reader.h"
#include "format/manifest_reader.h"

namespace inxt::client {

/// Places that are added to those of the manifest, of one piece.
inline constexpr std::size_t kPlacesAddedPerPieceMax = 16;

class ManifestTable {
 public:
  enum class Seal { required, optional };
  enum class Contracts { left_out, kept };

  /// Reads to the end and checks everything that manifest_reader.h checks.  Where the seal is optional, a last line
  /// that was cut is left out, and an error line is the end.
  /// Errors: those of the reader, with `name` before; the first error line's own code and text; integrity when the
  /// seal is missing and was required, or the manifest has no layout.
  static Result<ManifestTable> read(LineReader& lines, const std::string& name, format::WriterCheck check,
                                    Seal seal = Seal::required, Contracts contracts = Contracts::left_out);

  const format::Header& header() const { return *chain_.header; }
  const format::Layout& layout() const { return *chain_.layout; }
  const format::Chain& chain() const { return chain_; }
  bool sealed() const { return sealed_; }

  std::uint64_t segments() const;
  std::uint64_t ciphertext_bytes() const { return chain_.ciphertext_bytes; }
  /// Ciphertext in one segment.  REQUIRES: segment < segments(), and the manifest is sealed.
  std::uint64_t ciphertext_bytes(std::uint64_t segment) const;
  std::uint64_t pieces() const { return ids_.size(); }

  std::uint64_t number_of(const Place& place) const;
  Place place_of(std::uint64_t piece) const;
  const PieceId& id(std::uint64_t piece) const { return ids_[piece]; }
  std::uint32_t size(std::uint64_t piece) const { return sizes_[piece]; }

  /// Hosts that places name, in the order they came; addresses as the place lines say.
  struct Host {
    HostId id;
    std::vector<std::string> addresses;
  };
  const std::vector<Host>& hosts() const { return hosts_; }
  /// Where a piece lies: an index into hosts(), and whose contract it is there.
  struct PlacedAt {
    std::uint32_t host;
    std::uint32_t uploader;
    bool operator==(const PlacedAt&) const = default;
  };
  /// Each once; the latest, which is the likeliest to be good, first.
  std::vector<PlacedAt> places_of(std::uint64_t piece) const;
  /// The Hosts of these.
  std::vector<std::uint32_t> hosts_of(std::uint64_t piece) const;

  /// What place lines say of the contract, in their order; empty where contracts were left out: they take 48 bytes each.
  struct PlaceContract {
    std::uint64_t piece;
    std::uint32_t host;  // into hosts()
    crypto::Hash contract;
  };
  const std::vector<PlaceContract>& contracts() const { return contracts_; }

  /// Places behind the others, as if they stood in the manifest; those of no piece are passed over, and past
  /// kPlacesAddedPerPieceMax of one piece.  Indexes of hosts() stay what they are.
  void add_places(std::span<const format::PlaceLine> places);
  /// The same manifest, whose pieces lie at these places and no others.
  ManifestTable elsewhere(std::span<const format::PlaceLine> places) const;

  /// Local files of pieces, where file lines name them.
  const std::unordered_map<std::uint64_t, format::FileLine>& files() const { return files_; }

 private:
  struct PlaceEntry {
    std::uint64_t piece;
    std::uint32_t host;
    std::uint32_t uploader;
  };

  Result<void> add_place(const format::PlaceLine& place, std::uint64_t piece, Contracts contracts);

  format::Chain chain_;
  bool sealed_ = false;
  std::vector<PieceId> ids_;
  std::vector<std::uint32_t> sizes_;
  std::vector<PlaceEntry> places_;  // by piece once read
  std::vector<PlaceContract> contracts_;
  std::vector<Host> hosts_;
  std::unordered_map<HostId, std::uint32_t> host_index_;
  std::unordered_map<std::uint64_t, format::FileLine> files_;
};

}  // namespace inxt::client
