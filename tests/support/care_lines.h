// SPDX-License-Identifier: AGPL-3.0-or-later
// Files as their owners entrust them to a Bridge: their lines.
#pragma once

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "crypto/random.h"
#include "format/care_answers.h"
#include "format/care_requests.h"
#include "format/manifest_writer.h"

namespace inxt::testing {

inline HostId host_number(std::uint64_t number) {
  return HostId{crypto::SigningKey::from_seed(crypto::SeededRandom(8000 + number).bytes<32>()).public_key()};
}

inline const std::string kSomeRecipient = "inxtr1cekx4f4plga3uvc775g5jmcw4s89c9uhehmcdawjynu9d28kv9sqk3z0t6";

/// A file of `segments` full segments, signed, whose pieces lie at Hosts 0 to K+M-1.
struct CareDraft {
  CareDraft(std::uint64_t number, std::uint64_t segments, std::uint32_t k = 2, std::uint32_t m = 1,
            std::uint32_t uploader = 0, const std::string& recipient = kSomeRecipient)
      : writer(crypto::SigningKey::from_seed(crypto::SeededRandom(number).bytes<32>())),
        layout{.k = k, .m = m, .mirrors = 1, .shard_bytes = 4096, .seal_key = {}} {
    crypto::SeededRandom random(number);
    format::ManifestWriter manifest(writer);
    format::Header header;
    random.fill(header.file.bytes);
    header.writer = WriterId{writer.public_key()};
    header.uploader = uploader;
    header.private_part = Bytes(100);
    file = header.file;
    const auto line = manifest.header(header);
    REQUIRE(line);
    head = *line;
    format::Stanza stanza;
    stanza.recipient = recipient;
    stanza.sealed_secret.resize(format::kSealedSecretBytes);
    head += manifest.stanza(stanza);
    head += manifest.layout(layout);
    for (std::uint64_t segment = 0; segment < segments; ++segment) {
      std::string of_pieces, of_places;
      for (std::uint32_t shard = 0; shard < layout.shards(); ++shard) {
        format::PieceLine piece;
        piece.place = {.segment = segment, .shard = shard, .mirror = 0};
        piece.size = layout.shard_bytes;
        random.fill(piece.id.bytes);
        if (segment + 1 == segments) piece.last = layout.segment_bytes();
        of_pieces += manifest.piece(piece);
        of_places += place_line(segment, shard, shard);
      }
      pieces.push_back(std::move(of_pieces));
      places.push_back(std::move(of_places));
    }
    seal = manifest.seal();
  }

  static std::string place_line(std::uint64_t segment, std::uint32_t shard, std::uint64_t host,
                                std::optional<std::uint32_t> uploader = {}) {
    format::PlaceLine place;
    place.place = {.segment = segment, .shard = shard, .mirror = 0};
    place.host = host_number(host);
    place.address = fmt::format("127.0.0.{}:4251", host + 1);
    place.contract[0] = static_cast<std::byte>(host);
    place.uploader = uploader;
    return format::write_line(place);
  }

  /// Segments [first, end).
  std::string part(std::size_t first, std::size_t end) const {
    std::string lines = head + seal;
    for (std::size_t i = first; i < end; ++i) lines += pieces[i] + places[i];
    return lines;
  }
  std::string whole() const { return part(0, pieces.size()); }

  crypto::SigningKey writer;
  format::Layout layout;
  FileId file;
  std::string head, seal;           // lines
  std::vector<std::string> pieces;  // lines of each segment
  std::vector<std::string> places;
};

}  // namespace inxt::testing
