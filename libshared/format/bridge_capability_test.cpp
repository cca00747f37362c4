// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/bridge_capability.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "crypto/random.h"
#include "format/token.h"
#include "support/key_number.h"

namespace inxt::format {
namespace {

using testing::key_number;

constexpr std::int64_t kGrantedS = 1'800'000'000;
constexpr std::int64_t kYearS = 365 * 86400;

AccountId account_number(std::uint64_t number) {
  return AccountId{key_number(number).public_key()};
}

Permit root() {
  Permit permit;
  permit.issuer = permit.bridge = key_number(1).public_key();
  permit.holder = account_number(2);
  permit.can = Abilities::all();
  permit.quota_bytes = 1000;
  permit.issued_unix_s = kGrantedS;
  permit.expires_unix_s = kGrantedS + kYearS;
  permit.id = crypto::SeededRandom(9).bytes<16>();
  return permit;
}

Permit child(std::uint64_t holder) {
  Permit permit;
  permit.holder = account_number(holder);
  permit.can = {Ability::create, Ability::list};
  permit.quota_bytes = 500;
  permit.issued_unix_s = kGrantedS;
  permit.expires_unix_s = kGrantedS + 86400;
  return permit;
}

PermitChain chain_of(const Permit& permit) {
  auto token = sign_permit(permit, key_number(1));
  REQUIRE(token.has_value());
  auto chain = PermitChain::open(*token);
  REQUIRE(chain.has_value());
  return *std::move(chain);
}

TEST_CASE("a permit says what it was signed with, and its abilities stand in one order") {
  auto permit = root();
  permit.can = *Abilities::parse("share,create,audit,create");
  permit.object = ObjectId{crypto::SeededRandom(3).bytes<32>()};
  const auto chain = chain_of(permit);
  const auto& got = chain.last();
  CHECK(got.holder == permit.holder);
  CHECK(got.can == Abilities{Ability::audit, Ability::create, Ability::share});
  CHECK(got.can.text() == "audit,create,share");
  CHECK(got.object == permit.object);
  CHECK(got.quota_bytes == 1000);
  CHECK(got.expires_unix_s == permit.expires_unix_s);
  CHECK(got.id == permit.id);
  CHECK_FALSE(got.parent.has_value());
  CHECK(chain.text().size() <= kPermitTokenBytesMax);

  CHECK(Abilities::parse("create,fly").error().what.find("fly") != std::string::npos);
  CHECK_FALSE(Abilities::parse("").has_value());
  CHECK_FALSE(Abilities::parse("create,").has_value());
  permit.can = {};
  CHECK(sign_permit(permit, key_number(1)).error().code == Code::usage);
}

TEST_CASE("abilities that are unknown, twice or out of order are refused") {
  const auto with = [](Json can) {
    Json payload{{"iss", to_hex(key_number(1).public_key())},
                 {"aud", to_hex(key_number(1).public_key())},
                 {"cnf", account_number(2).hex()},
                 {"can", std::move(can)},
                 {"iat", kGrantedS},
                 {"exp", kGrantedS + 1},
                 {"jti", to_base64url(ByteArray<16>{})}};
    return open_permit(*sign_token("inxt-permit", payload, key_number(1)));
  };
  CHECK(with({"audit", "create"}).has_value());
  for (const Json& bad : {Json{"create", "audit"}, Json{"create", "create"}, Json{"fly"}, Json::array(),
                          Json{1}, Json("create")})
    CHECK(with(bad).error().code == Code::integrity);
}

TEST_CASE("a chain gives on what it has, and never more") {
  const auto chain = chain_of(root());
  const auto handed = chain.delegate(child(3), key_number(2));
  REQUIRE(handed.has_value());
  const auto opened = PermitChain::open(*handed);
  REQUIRE(opened.has_value());
  CHECK(opened->links().size() == 2);
  CHECK(opened->quota_bytes() == 500);
  CHECK(check_permit(*opened, key_number(1).public_key(), account_number(3), kGrantedS).has_value());
  CHECK(check_ability(*opened, Ability::create).has_value());
  CHECK(check_ability(*opened, Ability::delete_).error().code == Code::denied);

  const auto refused = [&](const Permit& more) {
    const auto made = opened->delegate(more, key_number(3));
    REQUIRE_FALSE(made.has_value());
    return made.error().code;
  };
  auto more = child(4);
  more.can.add(Ability::delete_);
  CHECK(refused(more) == Code::denied);
  more = child(4);
  more.quota_bytes = 501;
  CHECK(refused(more) == Code::denied);
  more = child(4);
  more.expires_unix_s += 1;
  CHECK(refused(more) == Code::denied);
  CHECK(opened->delegate(child(4), key_number(4)).error().code == Code::usage);

  auto without_quota = child(4);
  without_quota.quota_bytes.reset();
  const auto third = PermitChain::open(*opened->delegate(without_quota, key_number(3)));
  REQUIRE(third.has_value());
  CHECK(third->quota_bytes() == 500);
  more = child(5);  // no quota of its own is that of the link before it
  more.quota_bytes = 501;
  CHECK(third->delegate(more, key_number(4)).error().code == Code::denied);
  const auto fourth = PermitChain::open(*third->delegate(child(5), key_number(4)));
  REQUIRE(fourth.has_value());
  CHECK(fourth->delegate(child(6), key_number(5)).error().what.find("kPermitChainMax") != std::string::npos);
  CHECK(PermitChain::open(fourth->text() + "~" + chain.text()).error().what.find("kPermitChainMax") !=
        std::string::npos);
}

TEST_CASE("a permit for one object is handed on for this object only") {
  auto permit = root();
  permit.object = ObjectId{crypto::SeededRandom(3).bytes<32>()};
  const auto chain = chain_of(permit);
  CHECK(check_ability(chain, Ability::read, permit.object).has_value());
  CHECK(check_ability(chain, Ability::read).error().code == Code::denied);
  CHECK(check_ability(chain, Ability::read, ObjectId{}).error().code == Code::denied);
  CHECK(chain.delegate(child(3), key_number(2)).error().code == Code::denied);
  auto more = child(3);
  more.object = permit.object;
  CHECK(chain.delegate(more, key_number(2)).has_value());
}

TEST_CASE("links of other chains do not fit, whoever signed them") {
  const auto chain = chain_of(root());
  auto other_root = root();
  other_root.id = crypto::SeededRandom(10).bytes<16>();
  const auto other = chain_of(other_root);
  const auto handed = *chain.delegate(child(3), key_number(2));
  const auto link = handed.substr(handed.rfind('~') + 1);
  CHECK(PermitChain::open(chain.text() + "~" + link).has_value());
  CHECK_FALSE(PermitChain::open(other.text() + "~" + link).has_value());  // same holder, another permit
  CHECK_FALSE(PermitChain::open(link).has_value());
  CHECK_FALSE(PermitChain::open(chain.text() + "~" + chain.text()).has_value());
  CHECK_FALSE(PermitChain::open(chain.text() + "~").has_value());
  CHECK_FALSE(PermitChain::open("").has_value());

  auto stranger = root();  // signed by nobody that the Bridge knows
  stranger.issuer = key_number(7).public_key();
  CHECK_FALSE(PermitChain::open(*sign_permit(stranger, key_number(7))).has_value());
}

TEST_CASE("who, where and when a permit counts") {
  const auto chain = chain_of(root());
  const auto bridge = key_number(1).public_key();
  CHECK(check_permit(chain, bridge, account_number(2), kGrantedS).has_value());
  CHECK(check_permit(chain, bridge, account_number(3), kGrantedS).error().code == Code::denied);
  CHECK(check_permit(chain, key_number(7).public_key(), account_number(2), kGrantedS).error().code ==
        Code::denied);
  CHECK(check_permit(chain, bridge, account_number(2), kGrantedS - kClockSkewS).has_value());
  CHECK_FALSE(check_permit(chain, bridge, account_number(2), kGrantedS - kClockSkewS - 1).has_value());
  CHECK(check_permit(chain, bridge, account_number(2), kGrantedS + kYearS + kClockSkewS).has_value());
  CHECK_FALSE(
      check_permit(chain, bridge, account_number(2), kGrantedS + kYearS + kClockSkewS + 1).has_value());
}

TEST_CASE("every letter of a permit counts") {
  const std::string text = chain_of(root()).text();
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string other = text;
    other[i] = other[i] == 'A' ? 'B' : 'A';
    CAPTURE(i);
    CHECK_FALSE(PermitChain::open(other).has_value());
  }
}

}  // namespace
}  // namespace inxt::format
