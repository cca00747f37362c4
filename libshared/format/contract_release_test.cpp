// SPDX-License-Identifier: AGPL-3.0-or-later
#include "format/contract_release.h"

#include <doctest/doctest.h>

#include "format/token.h"

namespace inxt::format {
namespace {

constexpr std::int64_t kReleasedS = 1'700'000'000;

crypto::SigningKey key(int number) {
  return crypto::SigningKey::from_seed(Bytes(32, static_cast<std::byte>(number)));
}

ContractRelease example() {
  ContractRelease out;
  out.bridge = key(1).public_key();
  out.host = HostId{key(2).public_key()};
  out.piece.bytes.fill(std::byte{3});
  out.account = AccountId{key(4).public_key()};
  out.contract.fill(std::byte{5});
  out.successor = HostId{key(6).public_key()};
  out.successor_contract.fill(std::byte{7});
  out.issued_unix_s = kReleasedS;
  out.expires_unix_s = kReleasedS + 600;
  return out;
}

}  // namespace

TEST_CASE("a release reads as it was signed, and is short") {
  const ContractRelease release = example();
  const std::string token = *sign_release(release, key(1));
  CHECK(token.size() < kReleaseTokenBytesMax * 3 / 4);
  const ContractRelease read = open_release(token, kReleasedS).value();
  CHECK(read.bridge == release.bridge);
  CHECK(read.host == release.host);
  CHECK(read.piece == release.piece);
  CHECK(read.account == release.account);
  CHECK(read.contract == release.contract);
  CHECK(read.successor == release.successor);
  CHECK(read.successor_contract == release.successor_contract);
  CHECK(read.expires_unix_s == kReleasedS + 600);
}

TEST_CASE("a release that is late, early, another's, long, or to the same Host is none") {
  const std::string token = *sign_release(example(), key(1));
  CHECK(open_release(token, kReleasedS + 600 + kClockSkewS + 1).error().code == Code::denied);
  CHECK(open_release(token, kReleasedS - kClockSkewS - 1).error().code == Code::denied);
  CHECK(open_release(token, std::nullopt).has_value());
  CHECK(open_release(token + std::string(kReleaseTokenBytesMax, 'A'), kReleasedS)
            .error()
            .what.find("kReleaseTokenBytesMax") != std::string::npos);
  ContractRelease same = example();
  same.successor = same.host;
  CHECK(sign_release(same, key(1)).error().what.find("successor") != std::string::npos);
  same = example();
  same.successor_contract = same.contract;
  CHECK(sign_release(same, key(1)).error().what.find("successor_contract") != std::string::npos);
}

}  // namespace inxt::format
