// SPDX-License-Identifier: LGPL-3.0-or-later
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

#include "host/vouched_text.h"

namespace inxt::host {
namespace {

crypto::PublicKey bridge_number(std::uint8_t number) {
  crypto::PublicKey bridge{};
  bridge.fill(std::byte{number});
  return bridge;
}

AccountId account_number(std::uint32_t number) {
  AccountId account;
  std::ranges::copy(big_endian(number), account.bytes.begin());
  return account;
}

/// A Host's accounts and their bytes.
struct World {
  explicit World(std::vector<crypto::PublicKey> bridges = {kBridge, kOther}) { vouched.set_bridges(bridges); }
  std::vector<format::AccountBytes> due(std::size_t limit = 32, const crypto::PublicKey& bridge = kBridge) {
    looks = 0;
    return vouched.due(bridge, limit, [&](const AccountId& account) {
      ++looks;
      const auto found = bytes.find(account);
      return found == bytes.end() ? 0 : found->second;
    });
  }
  static inline const crypto::PublicKey kBridge = bridge_number(1), kOther = bridge_number(2),
                                        kStranger = bridge_number(3);
  std::string text() const { return vouched_text(vouched, shown, kNow); }
  Result<void> read(std::string_view from) { return read_vouched(from, vouched, shown, kNow); }
  static constexpr std::int64_t kNow = 1000;
  VouchedAccounts vouched;
  ShownVouchers shown;
  std::map<AccountId, std::uint64_t> bytes;
  std::size_t looks = 0;
};

using Due = std::vector<format::AccountBytes>;

TEST_CASE("a Bridge is told once what each of its accounts has, and again when that changes") {
  World world;
  const AccountId a = account_number(1), b = account_number(2);
  CHECK(world.vouched.note(World::kBridge, a));
  CHECK(world.vouched.note(World::kOther, b));
  CHECK(world.vouched.note(World::kStranger, b));  // this Host does not report to it
  CHECK(world.vouched.size() == 2);
  world.bytes = {{a, 100}, {b, 200}};
  const Due first = world.due();
  CHECK(first == Due{{a, 100}});
  CHECK(world.due() == first);  // it has not been told yet
  world.vouched.told(World::kBridge, first);
  CHECK(world.due().empty());
  CHECK(world.due(32, World::kOther) == Due{{b, 200}});
  CHECK(world.due(32, World::kStranger).empty());
  CHECK(world.vouched.note(World::kBridge, a));
  CHECK(world.due().empty());  // nothing has changed
  world.bytes[a] = 300;
  CHECK(world.due() == Due{{a, 300}});  // also when nobody noted it
  world.vouched.told(World::kBridge, world.due());
  world.vouched.forget_told(World::kBridge);
  CHECK(world.due() == Due{{a, 300}});
}

TEST_CASE("an account that has nothing left is told once and forgotten") {
  World world;
  const AccountId a = account_number(1);
  world.vouched.note(World::kBridge, a);
  world.bytes[a] = 100;
  world.vouched.told(World::kBridge, world.due());
  world.bytes[a] = 0;
  const Due last = world.due();
  CHECK(last == Due{{a, 0}});
  CHECK(world.vouched.size() == 1);
  SUBCASE("for good") {
    world.vouched.told(World::kBridge, last);
    CHECK(world.vouched.size() == 0);
    CHECK(world.text().empty());
    CHECK(world.due().empty());
  }
  SUBCASE("not when it stores again before the Bridge has answered") {
    world.bytes[a] = 50;
    world.vouched.note(World::kBridge, a);
    world.vouched.told(World::kBridge, last);
    CHECK(world.due() == Due{{a, 50}});
  }
}

TEST_CASE("accounts that were noted last come first, and all the others take turns") {
  World world;
  constexpr std::uint32_t kAccounts = 3 * kVouchedLooksMax;
  for (std::uint32_t i = 0; i < kAccounts; ++i) {
    REQUIRE(world.vouched.note(World::kBridge, account_number(i)));
    world.bytes[account_number(i)] = i + 1;
  }
  std::set<AccountId> told;
  for (std::uint32_t i = 0; i * 32 < kAccounts; ++i) {
    const Due due = world.due();
    REQUIRE(due.size() == 32);
    for (const auto& one : due) CHECK(told.insert(one.account).second);
    world.vouched.told(World::kBridge, due);
  }
  CHECK(told.size() == kAccounts);
  CHECK(world.due().empty());
  CHECK(world.looks == kVouchedLooksMax);
  // Somebody deletes, and nobody notes it: found in three rounds; a put is found at once.
  world.bytes[account_number(7)] = 0;
  world.bytes[account_number(kAccounts / 2)] = 5;
  world.vouched.note(World::kBridge, account_number(kAccounts / 2));
  Due found = world.due();
  REQUIRE_FALSE(found.empty());
  CHECK(found.front() == format::AccountBytes{account_number(kAccounts / 2), 5});
  for (int round = 0; round < 3; ++round)
    for (const auto& one : world.due()) found.push_back(one);
  CHECK(std::ranges::find(found, format::AccountBytes{account_number(7), 0}) != found.end());
}

TEST_CASE("no more accounts are known than kVouchedAccountsMax") {
  World world;
  for (std::uint32_t i = 0; i < kVouchedAccountsMax; ++i)
    REQUIRE(world.vouched.note(i % 2 == 0 ? World::kBridge : World::kOther, account_number(i)));
  CHECK_FALSE(world.vouched.note(World::kBridge, account_number(kVouchedAccountsMax)));
  CHECK(world.vouched.note(World::kBridge, account_number(0)));  // known
  CHECK(world.vouched.size() == kVouchedAccountsMax);
  const std::string text = world.text();
  CHECK(text.size() <= kVouchedFileBytesMax);
  World again;
  REQUIRE(again.read(text));
  CHECK(again.text() == text);
  again.vouched.set_bridges(std::vector{World::kOther});
  CHECK(again.vouched.size() == kVouchedAccountsMax / 2);
  CHECK(again.vouched.note(World::kOther, account_number(kVouchedAccountsMax)));
}

TEST_CASE("what was vouched for is read as it was written, and nothing else") {
  World world;
  world.vouched.note(World::kOther, account_number(2));
  world.vouched.note(World::kBridge, account_number(1));
  const std::string text = world.text();
  CHECK(text == "bridge " + to_hex(World::kBridge) + "\naccount " + account_number(1).hex() + "\nbridge " +
                    to_hex(World::kOther) + "\naccount " + account_number(2).hex() + "\n");
  World one({World::kBridge});  // a Bridge that is not reported to any more
  REQUIRE(one.read(text));
  CHECK(one.vouched.size() == 1);
  CHECK(one.vouched.size(World::kBridge) == 1);
  for (const std::string& bad :
       {text + "\n", "account " + account_number(1).hex() + "\n", text.substr(0, text.size() - 2),
        "bridges " + to_hex(World::kBridge) + "\n", text + "bridge\n", text + "x " + to_hex(World::kOther),
        text + "account " + account_number(3).hex(), text + "account " + account_number(3).hex() + " \n",
        "voucher " + account_number(3).hex() + " 1 2\n", text + "voucher " + account_number(3).hex() + "\n",
        text + "voucher " + account_number(3).hex() + " 1\n",
        text + "voucher " + account_number(3).hex() + " 1 -2\n",
        text + "voucher " + account_number(3).hex() + " 1 2 3\n",
        text + "voucher " + account_number(3).hex() + " 18446744073709551616 2\n",
        text + "voucher " + account_number(3).hex() + " 1 9223372036854775808\n"}) {
    World refused;
    CAPTURE(bad);
    const auto read = refused.read(bad);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == Code::integrity);
    CHECK(read.error().what.find("line ") != std::string::npos);
  }
}

TEST_CASE("what accounts showed is read as it was written, also of Bridges that are not reported to") {
  World world;
  const auto note = [](World& in, const crypto::PublicKey& bridge, std::uint32_t account,
                       const ShownVouchers::Most& most) {
    return in.shown.note(bridge, account_number(account), most, World::kNow);
  };
  world.vouched.note(World::kOther, account_number(2));
  note(world, World::kOther, 2, {.bytes = 500, .expires_unix_s = 2000});
  note(world, World::kStranger, 3, {.bytes = UINT64_MAX, .expires_unix_s = INT64_MAX});
  note(world, World::kStranger, 4, {.bytes = 7, .expires_unix_s = World::kNow});  // it has ended
  const std::string text = world.text();
  CHECK(text == "bridge " + to_hex(World::kOther) + "\naccount " + account_number(2).hex() + "\nvoucher " +
                    account_number(2).hex() + " 500 2000\nbridge " + to_hex(World::kStranger) + "\nvoucher " +
                    account_number(3).hex() + " 18446744073709551615 9223372036854775807\n");
  World again;
  REQUIRE(again.read(text));
  CHECK(again.text() == text);
  // Lines that come later, as in a log: the most counts.
  const std::string about = "bridge " + to_hex(World::kOther) + "\nvoucher " + account_number(2).hex();
  REQUIRE(again.read(about + " 900 1500\n" + about + " 800 1700\n"));
  const std::optional most = again.shown.find(World::kOther, account_number(2));
  CHECK(most == ShownVouchers::Most{.bytes = 900, .expires_unix_s = 1500});
}

TEST_CASE("the whole file has room for all that may be known") {
  World world;
  for (std::uint32_t i = 0; i < kShownVouchersMax; ++i) {
    crypto::PublicKey bridge{};
    std::ranges::copy(big_endian(i), bridge.begin());
    const ShownVouchers::Most most{.bytes = UINT64_MAX, .expires_unix_s = INT64_MAX};
    world.shown.note(bridge, account_number(i), most, World::kNow);
  }
  for (std::uint32_t i = 0; i < kVouchedAccountsMax; ++i)
    REQUIRE(world.vouched.note(World::kBridge, account_number(i)));
  CHECK(world.shown.size() == kShownVouchersMax);
  CHECK(world.text().size() <= kVouchedFileBytesMax);
}

}  // namespace
}  // namespace inxt::host
