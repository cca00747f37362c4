// SPDX-License-Identifier: AGPL-3.0-or-later
#include "format/bridge_file.h"

#include <doctest/doctest.h>

#include "support/lines.h"

namespace inxt::format {
namespace {

using testing::says;

constexpr std::int64_t kDescribedS = 1'700'000'000;

crypto::SigningKey bridge_key(int number) {
  return crypto::SigningKey::from_seed(Bytes(32, static_cast<std::byte>(number)));
}

std::string line_of(int number) {
  BridgeDescriptor descriptor;
  descriptor.bridge = bridge_key(number).public_key();
  descriptor.addresses = {"192.0.2.7:4243"};
  descriptor.issued_unix_s = kDescribedS;
  descriptor.expires_unix_s = kDescribedS + 86400;
  return bridge_line(descriptor, *sign_bridge_descriptor(descriptor, bridge_key(number)));
}

std::string permits_by(int bridge) {
  Permit permit;
  permit.issuer = permit.bridge = bridge_key(bridge).public_key();
  permit.holder = AccountId{bridge_key(5).public_key()};
  permit.can = Abilities::all();
  permit.issued_unix_s = kDescribedS;
  permit.expires_unix_s = kDescribedS + 86400;
  const auto root = *sign_permit(permit, bridge_key(bridge));
  Permit more;
  more.holder = AccountId{bridge_key(6).public_key()};
  more.can = {Ability::list};
  more.issued_unix_s = kDescribedS;
  more.expires_unix_s = kDescribedS + 3600;
  return *PermitChain::open(root)->delegate(more, bridge_key(5));
}

TEST_CASE("a bridge file reads as it was written") {
  const auto permits = permits_by(1);
  const auto text = write_bridge_file(line_of(1), permits);
  const auto read = read_bridge_file("# my Bridge\n\n" + text).value();
  CHECK(read.bridge.bridge == bridge_key(1).public_key());
  CHECK(read.bridge.addresses == std::vector<std::string>{"192.0.2.7:4243"});
  CHECK(read.permits_text() == permits);
  CHECK(write_bridge_file(read.line, read.permits_text()) == text);
  CHECK(check_permit_holder(read, AccountId{bridge_key(6).public_key()}));
  CHECK(check_permit_holder(read, AccountId{bridge_key(5).public_key()}).error().code == Code::wrong_key);

  const auto bare = read_bridge_file(line_of(1)).value();
  CHECK(!bare.permits);
  CHECK(bare.permits_text().empty());
  CHECK(check_permit_holder(bare, AccountId{}));
}

TEST_CASE("what is wrong with a bridge file is named") {
  const auto good = write_bridge_file(line_of(1), permits_by(1));
  CHECK(says(read_bridge_file(""), "empty"));
  CHECK(says(read_bridge_file("x\n"), "line 1"));
  CHECK(says(read_bridge_file(line_of(1) + "{\"type\":\"capability\"}\n"), "line 2: token: missing"));
  CHECK(says(read_bridge_file(line_of(1) + line_of(1)), "line 2: type"));
  CHECK(says(read_bridge_file(write_bridge_file(line_of(2), permits_by(1))), "another Bridge"));
  CHECK(says(read_bridge_file(std::string(kBridgeFileBytesMax + 1, '#')), "kBridgeFileBytesMax"));
  // The links in another order.
  const auto first = good.find('\n') + 1, second = good.find('\n', first) + 1;
  CHECK(!read_bridge_file(good.substr(0, first) + good.substr(second) + good.substr(first, second - first)));
}

}  // namespace
}  // namespace inxt::format
