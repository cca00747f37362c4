// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/inventory_requests.h"

#include <doctest/doctest.h>

#include "support/lines.h"

namespace inxt::format {
namespace {

using testing::says;

crypto::Hash hash_of(unsigned number) {
  return crypto::sha256(big_endian(std::uint64_t{number}));
}
std::string hex_of(unsigned number) {
  return to_hex(hash_of(number));
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  REQUIRE(at != text.npos);
  return text.replace(at, from.size(), to);
}

TEST_CASE("requests about an inventory read as they were written, and no other spelling is taken") {
  const InventoryRequest numbers{
      .challenge = hash_of(1), .head = hash_of(2), .numbers = {0, 7, kInventoryBlocksMax - 1}};
  const auto body = write_inventory_request(numbers);
  CHECK(body == R"({"type":"inventory-challenge","challenge":")" + hex_of(1) + R"(","head":")" + hex_of(2) +
                    R"(","numbers":[0,7,1099511627775]})");
  CHECK(read_inventory_request(body).value() == numbers);
  CHECK(!read_inventory_request(body + " "));
  CHECK(says(read_inventory_request(replaced(body, "[0,7", "[0, 7")), "not written as"));
  CHECK(says(read_inventory_request(replaced(body, "]}", "],\"more\":1}")), "not written as"));
  CHECK(
      says(read_inventory_request(replaced(body, "1099511627775", "1099511627776")), "kInventoryBlocksMax"));
  CHECK(says(read_inventory_request(replaced(body, "[0,7", "[-1,7")), "numbers"));
  CHECK(says(read_inventory_request(replaced(body, "0,7,1099511627775", "")), "numbers"));
  CHECK(says(read_inventory_request(replaced(body, "inventory-challenge", "challenge")), "type"));
  InventoryRequest many = numbers;
  many.numbers.assign(kSamplesPerRequestMax, kInventoryBlocksMax - 1);
  CHECK(read_inventory_request(write_inventory_request(many)).value() == many);
  many.numbers.push_back(1);
  CHECK(says(read_inventory_request(write_inventory_request(many)), "kSamplesPerRequestMax"));
  CHECK(says(read_inventory_request(std::string(kAuditRequestBytesMax + 1, ' ')), "kAuditRequestBytesMax"));

  const ChainRequest chain{
      .challenge = hash_of(1), .head = hash_of(2), .first = 65280, .count = 256, .previous = hash_of(3)};
  const auto link = write_chain_request(chain);
  CHECK(link == R"({"type":"inventory-chain","challenge":")" + hex_of(1) + R"(","head":")" + hex_of(2) +
                    R"(","first":65280,"count":256,"previous":")" + hex_of(3) + R"("})");
  CHECK(read_chain_request(link).value() == chain);
  CHECK(says(read_chain_request(replaced(link, "65280", "65281")), "kChainSamplesMax"));
  CHECK(says(read_chain_request(replaced(link, ":256", ":257")), "count"));
  CHECK(says(read_chain_request(replaced(link, ":256", ":0")), "count"));
  CHECK(says(read_chain_request(replaced(link, "{", "{ ")), "not written as"));
}

TEST_CASE("a released line carries tokens, unopened, within their limits") {
  const ReleasedLine deleted{
      .piece = PieceId{hash_of(1)}, .offer = "a.b.c", .acceptance = "d.e.f", .deletion = "g.h.i"};
  auto text = write_released(deleted);
  CHECK(text == R"({"type":"released","piece":")" + hex_of(1) +
                    R"(","offer":"a.b.c","acceptance":"d.e.f","deletion":"g.h.i"})" + "\n");
  text.pop_back();
  const auto read = read_released(text, "line 3");
  REQUIRE(read);
  CHECK(read->deletion == "g.h.i");
  CHECK(!read->renewal);
  const ReleasedLine over{.piece = PieceId{hash_of(1)},
                          .offer = "a",
                          .acceptance = "b",
                          .renewal = "c",
                          .renewal_acceptance = "d",
                          .succession = {"e", "f"}};
  auto second = write_released(over);
  second.pop_back();
  const auto again = read_released(second, "line 3");
  REQUIRE(again);
  CHECK(!again->deletion);
  CHECK(again->renewal == "c");
  CHECK(again->renewal_acceptance == "d");
  CHECK(again->succession == over.succession);

  ReleasedLine moved{.piece = PieceId{hash_of(1)}, .offer = "a", .acceptance = "b"};
  moved.release = "c.d.e";
  auto third = write_released(moved);
  third.pop_back();
  CHECK(third == R"({"type":"released","piece":")" + hex_of(1) +
                     R"(","offer":"a","acceptance":"b","release":"c.d.e"})");
  CHECK(read_released(third, "line 3")->release == "c.d.e");
  CHECK(says(read_released(replaced(third, "\"release\"", "\"deletion\":\"x\",\"release\""), "line 3"),
             "release"));
  CHECK(says(read_released(replaced(third, "c.d.e", std::string(1601, 'x')), "line 3"), "release"));
  CHECK(says(read_released(replaced(second, ",\"renewal_acceptance\":\"d\"", ""), "line 3"), "line 3"));
  CHECK(says(read_released(replaced(text, "a.b.c", std::string(6145, 'x')), "line 3"), "offer"));
  CHECK(says(read_released(replaced(text, "}", ",\"x\":\"" + std::string(kReleasedLineBytesMax, 'x') + "\"}"),
                           "line 3"),
             "line 3"));
  CHECK(says(read_released(replaced(text, "released", "proof"), "line 3"), "type"));
}

}  // namespace
}  // namespace inxt::format
