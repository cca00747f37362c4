// SPDX-License-Identifier: LGPL-3.0-or-later
// A whole manifest in memory, as readers of pieces need it.
// Memory: 36 bytes a piece and 16 a place: 40 MB for a terabyte stored 4+2.
#pragma once

#include <unordered_map>

#include "client/line_reader.h"
#include "format/manifest_reader.h"

namespace inxt::client {

class ManifestTable {
 public:
  enum class Seal { required, optional };

  /// Reads to the end and checks everything that manifest_reader.h checks.  Where the seal is optional, a last line
  /// that was cut is left out, and an error line is the end.
  /// Errors: those of the reader, with `name` before; the first error line's own code and text; integrity when the
  /// seal is missing and was required, or the manifest has no layout.
  static Result<ManifestTable> read(LineReader& lines, const std::string& name, format::WriterCheck check,
                                    Seal seal = Seal::required);

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
  /// Indexes into hosts() of the places of a piece.
  std::vector<std::uint32_t> hosts_of(std::uint64_t piece) const;

  /// Local files of pieces, where file lines name them.
  const std::unordered_map<std::uint64_t, format::FileLine>& files() const { return files_; }

 private:
  struct PlaceEntry {
    std::uint64_t piece;
    std::uint32_t host;
  };

  format::Chain chain_;
  bool sealed_ = false;
  std::vector<PieceId> ids_;
  std::vector<std::uint32_t> sizes_;
  std::vector<PlaceEntry> places_;  // by piece once read
  std::vector<Host> hosts_;
  std::unordered_map<HostId, std::uint32_t> host_index_;
  std::unordered_map<std::uint64_t, format::FileLine> files_;
};

}  // namespace inxt::client
