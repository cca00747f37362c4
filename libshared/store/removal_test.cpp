// SPDX-License-Identifier: LGPL-3.0-or-later
// Removing by the contract and by its term: what was renewed or put anew since it was looked at stays.
#include <nlohmann/json.hpp>

#include "format/contract.h"
#include "format/json.h"
#include "store/stored_renewal.h"
#include "support/store_world.h"

namespace inxt::store {
namespace {

using namespace inxt::testing;  // NOLINT: tests

/// Three parts, of which a store reads the payload's `until`.
std::string token_until(std::int64_t until_s, std::uint64_t number) {
  format::Json json;
  json["until"] = until_s;
  json["number"] = number;
  return "e30." + to_base64url(view_of(format::write_compact(json))) + ".x";
}

MadePiece piece_until(std::uint64_t seed, std::int64_t until_s, std::uint64_t number = 0) {
  MadePiece piece(5000, seed, kAlice);
  piece.trailer.offer = token_until(until_s, number);
  return piece;
}

TEST_CASE("only what has ended is removed as ended") {
  Fixture fixture;
  Store& store = *fixture.store;
  MadePiece brief = piece_until(1, 1000), lasting = piece_until(2, 2000), odd(5000, 3, kAlice);
  for (MadePiece* piece : {&brief, &lasting, &odd}) REQUIRE(put(store, *piece).has_value());
  const Key key{brief.id(), kAlice};
  CHECK(store.ended(1000, 10).empty());
  REQUIRE(store.ended(1001, 10) == std::vector<Key>{key});
  CHECK(store.remove_ended(key, 1000).error().code == Code::not_found);
  CHECK(store.remove_ended({lasting.id(), kAlice}, 1500).error().code == Code::not_found);
  CHECK(store.remove_ended({odd.id(), kAlice}, 1'000'000).error().code ==
        Code::not_found);  // no term: no end
  CHECK(store.remove_ended({brief.id(), kBob}, 1500).error().code == Code::not_found);
  const std::uint64_t used = store.stats().used_bytes;
  CHECK(store.remove_ended(key, 1001).has_value());
  CHECK(store.stats().used_bytes == used / 3 * 2);
  CHECK(store.remove_ended(key, 1001).error().code == Code::not_found);
  CHECK(is_whole(store, lasting));
}

TEST_CASE("a renewal between the look and the removal is kept") {
  Fixture fixture;
  MadePiece piece = piece_until(1, 1000);
  REQUIRE(put(*fixture.store, piece).has_value());
  REQUIRE(fixture.store->ended(1500, 10).size() == 1);
  const StoredRenewal renewal{token_until(3000, 1), "acceptance"};
  REQUIRE(
      fixture.store->renew(piece.id(), kAlice, format::offer_hash(piece.trailer.offer), renewal).has_value());
  const Key key{piece.id(), kAlice};
  CHECK(fixture.store->remove_ended(key, 1500).error().code == Code::not_found);
  CHECK(fixture.store->ended(1500, 10).empty());
  CHECK(fixture.store->read_trailer(piece.id(), kAlice)->renewal == renewal);
  // Also by a process that has not read it yet.
  fixture.reopen_and_rebuild();
  CHECK(fixture.store->remove_ended(key, 1500).error().code == Code::not_found);
  CHECK(fixture.store->remove_ended(key, 3001).has_value());
  CHECK(fixture.store->stats().used_bytes == 0);
  // A renewal that cannot be read may be of any length.
  REQUIRE(put(*fixture.store, piece).has_value());
  REQUIRE(
      fixture.store->renew(piece.id(), kAlice, format::offer_hash(piece.trailer.offer), renewal).has_value());
  overwrite(fixture.file_of(piece) + ".renewal", 20, "rot");
  fixture.reopen_and_rebuild();
  CHECK(fixture.store->remove_ended(key, 1'000'000).error().code == Code::not_found);
}

TEST_CASE("an order to delete reaches its contract and no later one") {
  Fixture fixture;
  MadePiece first = piece_until(1, 1000, 1), second = piece_until(1, 1000, 2);
  REQUIRE(put(*fixture.store, first).has_value());
  REQUIRE(fixture.store->remove(first.id(), kAlice).has_value());
  REQUIRE(put(*fixture.store, second).has_value());
  const auto hash = [](const MadePiece& piece) { return format::offer_hash(piece.trailer.offer); };
  CHECK(fixture.store->remove(first.id(), kAlice, hash(first)).error().code == Code::not_found);
  CHECK(is_whole(*fixture.store, second));
  CHECK(fixture.store->remove(first.id(), kAlice, hash(second)).has_value());
}

}  // namespace
}  // namespace inxt::store
