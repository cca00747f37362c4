// SPDX-License-Identifier: AGPL-3.0-or-later
// Shares as their owners give them to a Bridge.
#pragma once

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>

#include "crypto/random.h"
#include "format/share_requests.h"

namespace inxt::testing {

/// A share of `pieces` pieces at each of `hosts` Hosts.
struct ShareDraft {
  ShareDraft(std::uint64_t number, std::size_t hosts, std::size_t pieces)
      : client(crypto::SigningKey::from_seed(crypto::SeededRandom(number).bytes<32>())) {
    crypto::SeededRandom random(number);
    random.fill(share.bytes);
    for (std::size_t i = 0; i < hosts; ++i) {
      format::SharedPieces place;
      random.fill(place.host.bytes);
      random.fill(place.account.bytes);
      place.capability = fmt::format("capability.of.{}", i);
      place.pieces.resize(pieces);
      for (PieceId& piece : place.pieces) random.fill(piece.bytes);
      std::sort(place.pieces.begin(), place.pieces.end());
      places.push_back(std::move(place));
    }
  }

  format::ShareRequest request() const {
    return {.share = share,
            .client = client.public_key(),
            .expires_unix_s = expires_unix_s,
            .object = object,
            .places = places,
            .bundle = bundle};
  }
  std::string body() const {
    auto body = format::write_share_request(request());
    if (!body) FAIL(body.error().what);
    return *std::move(body);
  }

  format::ShareId share;
  crypto::SigningKey client;
  std::int64_t expires_unix_s = 1'800'086'400;
  std::optional<format::ObjectId> object;
  std::vector<format::SharedPieces> places;
  std::string bundle = "a bundle\nof bytes";
};

}  // namespace inxt::testing
