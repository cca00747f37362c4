// SPDX-License-Identifier: AGPL-3.0-or-later
// What the vectors (tests/vectors/renewed.json, voucher.json) cannot show: that tokens come out as they went
// in, and that no letter of them can be changed.
#include "format/renewal.h"

#include <doctest/doctest.h>

#include "format/token.h"
#include "format/voucher.h"

namespace inxt::format {
namespace {

constexpr std::int64_t kRenewedS = 1'700'000'000;

const crypto::SigningKey kHost = crypto::SigningKey::from_seed(Bytes(32, std::byte{2}));
const crypto::SigningKey kControl = crypto::SigningKey::from_seed(Bytes(32, std::byte{3}));

Renewal renewal() {
  return {.control = kControl.public_key(),
          .host = {kHost.public_key()},
          .contract = {std::byte{5}},
          .piece = {},
          .account = {},
          .from_unix_s = kRenewedS,
          .until_unix_s = kRenewedS + 1000,
          .price = kPriceMax,
          .issued_unix_s = kRenewedS,
          .expires_unix_s = kRenewedS + 60};
}

TEST_CASE("a renewal opens as it was signed, within an hour of its times") {
  const auto token = *sign_renewal(renewal(), kControl);
  CHECK(token.size() < kRenewalTokenBytesMax);
  const auto opened = open_renewal(token, kRenewedS);
  REQUIRE(opened);
  CHECK(opened->control == kControl.public_key());
  CHECK(opened->contract == renewal().contract);
  CHECK(opened->from_unix_s == kRenewedS);
  CHECK(opened->until_unix_s == kRenewedS + 1000);
  CHECK(opened->price == kPriceMax);
  CHECK(open_renewal(token, kRenewedS + 60 + kClockSkewS));
  CHECK(open_renewal(token, kRenewedS + 61 + kClockSkewS).error().code == Code::denied);
  CHECK(open_renewal(token, kRenewedS - kClockSkewS - 1).error().code == Code::denied);
  CHECK(open_renewal(token, std::nullopt));
  for (std::size_t at = 0; at < token.size(); at += 5) {
    auto changed = token;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    CHECK_FALSE(open_renewal(changed, std::nullopt));
  }
}

TEST_CASE("a renewal that is longer than a Host keeps is refused for its length") {
  const auto limit = open_renewal(std::string(kRenewalTokenBytesMax + 1, 'A'), std::nullopt);
  REQUIRE_FALSE(limit);
  CHECK(limit.error().code == Code::integrity);
  CHECK(limit.error().what.find("kRenewalTokenBytesMax") != std::string::npos);
}

TEST_CASE("a voucher names one account, and one Host or all") {
  Voucher voucher{.bridge = kControl.public_key(),
                  .account = {kHost.public_key()},
                  .host = std::nullopt,
                  .issued_unix_s = kRenewedS,
                  .expires_unix_s = kRenewedS + 60};
  const HostId host{kHost.public_key()}, other{kControl.public_key()};
  const auto anywhere = *sign_voucher(voucher, kControl);
  CHECK(open_voucher_for(anywhere, voucher.account, host, kRenewedS));
  CHECK(open_voucher_for(anywhere, voucher.account, other, kRenewedS)->bridge == kControl.public_key());
  CHECK(open_voucher_for(anywhere, AccountId{kControl.public_key()}, host, kRenewedS).error().code ==
        Code::denied);
  voucher.host = host;
  const auto here = *sign_voucher(voucher, kControl);
  CHECK(open_voucher_for(here, voucher.account, host, kRenewedS)->host == host);
  CHECK(open_voucher_for(here, voucher.account, other, kRenewedS).error().code == Code::denied);
  CHECK(open_voucher_for(here, voucher.account, host, kRenewedS + 61 + kClockSkewS).error().code ==
        Code::denied);
}

}  // namespace
}  // namespace inxt::format
