// SPDX-License-Identifier: LGPL-3.0-or-later
// What is refused of leases, and why, is in tests/vectors/lease.json.
#include "format/lease.h"

#include <doctest/doctest.h>

#include "support/key_number.h"

namespace inxt::format {
namespace {

using testing::key_number;

constexpr std::int64_t kLeasedS = 1'800'000'000;

PieceId piece_number(std::size_t number) {
  PieceId piece;
  piece.bytes.fill(std::byte(number));
  return piece;
}

struct Sample {
  crypto::SigningKey account = key_number(1), bridge = key_number(2), reader = key_number(3);
  HostId host{key_number(4).public_key()};
  LeasingCapability capability;
  Lease lease;

  Sample() {
    capability.account = AccountId{account.public_key()};
    capability.host = host;
    capability.bridge = bridge.public_key();
    capability.issued_unix_s = kLeasedS - 86400;
    capability.expires_unix_s = kLeasedS + 86400;
    lease.bridge = bridge.public_key();
    lease.host = host;
    lease.client = reader.public_key();
    lease.account = capability.account;
    for (std::size_t i = 0; i < kLeasePiecesMax; ++i) lease.pieces.push_back(piece_number(i));
    lease.issued_unix_s = kLeasedS;
    lease.expires_unix_s = kLeasedS + kLeaseSecondsMax;
  }
  std::string header() const {
    return sign_leasing_capability(capability, account).value() + "~" + sign_lease(lease, bridge).value();
  }
};

TEST_CASE("a capability and the largest lease fit a request's head, and let read what they name") {
  const Sample sample;
  const std::string header = sample.header();
  CHECK(header.size() < 6144);
  CHECK(is_leased(header));
  const std::array hosts{HostId{}, sample.host};
  for (std::size_t i = 0; i < kLeasePiecesMax; ++i) {
    const auto leased = open_leased(header, sample.lease.client, hosts, piece_number(i), kLeasedS);
    REQUIRE(leased);
    CHECK(leased->account == sample.capability.account);
    CHECK(leased->bridge == sample.capability.bridge);
    CHECK(leased->expires_unix_s == kLeasedS + kLeaseSecondsMax);
  }
  CHECK(
      open_leased(header, sample.lease.client, hosts, piece_number(kLeasePiecesMax), kLeasedS).error().code ==
      Code::denied);
}

TEST_CASE("every letter of a capability and a lease counts") {
  Sample sample;
  sample.lease.pieces.resize(1);
  const std::string header = sample.header();
  const std::array hosts{sample.host};
  for (std::size_t i = 0; i < header.size(); ++i) {
    std::string other = header;
    other[i] = other[i] == 'A' ? 'B' : 'A';
    CAPTURE(i);
    CHECK_FALSE(open_leased(other, sample.lease.client, hosts, piece_number(0), kLeasedS));
  }
  CHECK(open_leased(header, sample.lease.client, hosts, piece_number(0), kLeasedS));
}

TEST_CASE("no lease is signed that would be refused") {
  Sample sample;
  const auto refused = [&](auto change) {
    Lease lease = sample.lease;
    change(lease);
    return sign_lease(lease, sample.bridge).error().code == Code::failure;
  };
  CHECK(refused([](Lease& lease) { lease.pieces.clear(); }));
  CHECK(refused([](Lease& lease) { lease.pieces.push_back(piece_number(99)); }));
  CHECK(refused([](Lease& lease) { ++lease.expires_unix_s; }));
  CHECK(refused([](Lease& lease) { lease.expires_unix_s = lease.issued_unix_s - 1; }));
}

}  // namespace
}  // namespace inxt::format
