// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/placement.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "crypto/random.h"

namespace inxt::format {
namespace {

template <class AnyId>
AnyId id_number(std::uint64_t number) {
  return AnyId{crypto::SeededRandom(number).bytes<32>()};
}

PlacementWish wish() {
  PlacementWish out;
  out.id = crypto::SeededRandom(1).bytes<16>();
  out.bytes = 123'456'789;
  out.layout = Layout{.k = 4, .m = 2, .mirrors = 1, .shard_bytes = 65536, .seal_key = {}};
  out.price_max = 7;
  out.excluded = {id_number<HostId>(2), id_number<HostId>(3)};
  out.allow.same_operator = out.allow.new_hosts = true;
  out.groups_min = 5;
  out.seed = crypto::SeededRandom(4).bytes<32>();
  out.reserve = false;
  out.is_open_ended = true;
  out.explain = true;
  return out;
}

TEST_CASE("a wish for a placement comes out as it went in") {
  const auto there = wish();
  const auto back = read_placement_wish(write_placement_wish(there));
  REQUIRE(back.has_value());
  CHECK(back->id == there.id);
  CHECK(back->bytes == there.bytes);
  CHECK(back->layout == there.layout);
  CHECK(back->price_max == 7);
  CHECK(back->excluded == there.excluded);
  CHECK(back->allow == there.allow);
  CHECK(back->groups_min == 5);
  CHECK(back->seed == there.seed);
  CHECK_FALSE(back->reserve);
  CHECK(back->is_open_ended);
  CHECK(back->explain);

  PlacementWish least;
  least.bytes = 1;
  const auto plain = read_placement_wish(write_placement_wish(least));
  REQUIRE(plain.has_value());
  CHECK_FALSE(plain->layout.has_value());
  CHECK(plain->reserve);
  CHECK(plain->groups_min == 1);
}

TEST_CASE("a wish that makes no sense is refused with the member that is wrong") {
  const auto refused = [](std::string_view members) {
    const auto read = read_placement_wish(fmt::format(R"({{"id":"{}",{}}})", std::string(32, '0'), members));
    REQUIRE_FALSE(read.has_value());
    return read.error().what;
  };
  CHECK(refused(R"("bytes":-1)").find("bytes") != std::string::npos);
  CHECK(refused(R"("bytes":1125899906842625)").find("bytes") != std::string::npos);
  CHECK(refused(R"("bytes":1,"layout":{"k":0,"m":0,"mirrors":1})").find("layout") != std::string::npos);
  CHECK(refused(R"("bytes":1,"layout":{"k":4,"m":2,"mirrors":17})").find("mirrors") != std::string::npos);
  CHECK(refused(R"("bytes":1,"layout":7)").find("layout") != std::string::npos);
  CHECK(refused(R"("bytes":1,"exclude":["00"])").find("exclude") != std::string::npos);
  CHECK(refused(R"("bytes":1,"allow_same":["mind"])").find("allow_same") != std::string::npos);
  CHECK(refused(R"("bytes":1,"groups":65)").find("groups") != std::string::npos);
  CHECK(refused(R"("bytes":1,"seed":"00")").find("seed") != std::string::npos);
  CHECK(refused(R"("bytes":1,"reserve":1)").find("reserve") != std::string::npos);
  CHECK_FALSE(read_placement_wish("").has_value());
  CHECK_FALSE(read_placement_wish("[]").has_value());
}

TEST_CASE("a placement and vouchers come out as they went in") {
  PlacementGiven given;
  given.id = crypto::SeededRandom(1).bytes<16>();
  given.layout = Layout{.k = 1, .m = 0, .mirrors = 2, .shard_bytes = 4096, .seal_key = {}};
  given.groups = {
      {.primary = {id_number<HostId>(1), id_number<HostId>(2)}, .secondary = {id_number<HostId>(3)}},
      {.primary = {id_number<HostId>(4), id_number<HostId>(5)}, .secondary = {}}};
  given.hosts = {R"({"type":"host"})", "x"};
  given.reserved_bytes = 99;
  given.expires_unix_s = 1'700'000'000;
  given.explanation = "why\nnot";
  const auto back = read_placement_given(write_placement_given(given));
  REQUIRE(back.has_value());
  CHECK(back->id == given.id);
  CHECK(back->layout == given.layout);
  CHECK(back->groups == given.groups);
  CHECK(back->hosts == given.hosts);
  CHECK(back->reserved_bytes == 99);
  CHECK(back->expires_unix_s == 1'700'000'000);
  CHECK(back->explanation == given.explanation);

  const std::vector<VoucherWish> wishes{
      {.host = id_number<HostId>(1), .account = id_number<AccountId>(2)},
      {.host = id_number<HostId>(3), .account = id_number<AccountId>(4), .bytes = 5}};
  const auto read = read_voucher_wishes(write_voucher_wishes(wishes));
  REQUIRE(read.has_value());
  REQUIRE(read->size() == 2);
  CHECK((*read)[0].host == wishes[0].host);
  CHECK_FALSE((*read)[0].bytes.has_value());
  CHECK((*read)[1].account == wishes[1].account);
  CHECK((*read)[1].bytes == 5);
  for (const auto* bad :
       {R"({"accounts":[["00","00"]]})", R"({"accounts":[1]})", R"({"accounts":{}})", R"({})"})
    CHECK_FALSE(read_voucher_wishes(bad).has_value());

  const auto vouchers =
      read_vouchers_given(write_vouchers_given({{.host = id_number<HostId>(1), .token = "a.b.c"}}, 5));
  REQUIRE(vouchers.has_value());
  CHECK(vouchers->vouchers[0].token == "a.b.c");
  CHECK(vouchers->expires_unix_s == 5);
}

}  // namespace
}  // namespace inxt::format
