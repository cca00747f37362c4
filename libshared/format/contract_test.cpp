// SPDX-License-Identifier: AGPL-3.0-or-later
#include "format/contract.h"

#include <doctest/doctest.h>

#include "format/certificate.h"
#include "format/token.h"

namespace inxt::format {
namespace {

constexpr std::int64_t kContractedS = 1'700'000'000;

struct World {
  crypto::SigningKey account = crypto::SigningKey::from_seed(Bytes(32, std::byte{1}));
  crypto::SigningKey host = crypto::SigningKey::from_seed(Bytes(32, std::byte{2}));
  crypto::SigningKey control = crypto::SigningKey::from_seed(Bytes(32, std::byte{3}));
  Offer offer{.account = {account.public_key()},
              .host = {host.public_key()},
              .piece = {},
              .size = 16,
              .until_unix_s = kContractedS + 1000,
              .price = 5,
              .control = control.public_key(),
              .tag = Bytes(kTagBytes),
              .jti = {},
              .issued_unix_s = kContractedS,
              .expires_unix_s = kContractedS + 60};
  std::string offer_token = *sign_offer(offer, account);
  Acceptance acceptance{.host = offer.host,
                        .offer = offer_hash(offer_token),
                        .account = offer.account,
                        .piece = offer.piece,
                        .size = 16,
                        .until_unix_s = offer.until_unix_s,
                        .price = 5,
                        .issued_unix_s = kContractedS + 1};
  std::string acceptance_token = *sign_acceptance(acceptance, host);
  Receipt receipt{.host = offer.host,
                  .kind = "stored",
                  .contract = contract_hash(acceptance_token),
                  .piece = offer.piece,
                  .size = 16,
                  .issued_unix_s = kContractedS + 1};
};

TEST_CASE("an offer with the largest tag fits, and opens as it was signed") {
  const World world;
  CHECK(world.offer_token.size() <= kTokenBytesMax);
  const auto opened = open_offer(world.offer_token, kContractedS);
  REQUIRE(opened);
  CHECK(opened->account == world.offer.account);
  CHECK(opened->tag == world.offer.tag);
  CHECK(opened->price == 5);
}

TEST_CASE("clocks may differ by an hour") {
  const World world;
  CHECK(open_offer(world.offer_token, kContractedS - kClockSkewS));
  CHECK(open_offer(world.offer_token, kContractedS - kClockSkewS - 1).error().code == Code::denied);
  CHECK(open_offer(world.offer_token, kContractedS + 60 + kClockSkewS));
  CHECK(open_offer(world.offer_token, kContractedS + 61 + kClockSkewS).error().code == Code::denied);
  CHECK(open_offer(world.offer_token, std::nullopt));
}

TEST_CASE("no token passes for one of another type") {
  const World world;
  CHECK(open_acceptance(world.offer_token).error().code == Code::integrity);
  CHECK(open_offer(world.acceptance_token, std::nullopt).error().code == Code::integrity);
  CHECK(open_certificate(world.acceptance_token).error().code == Code::integrity);
}

TEST_CASE("no letter of a token can be changed") {
  const World world;
  for (std::size_t at = 0; at < world.acceptance_token.size(); at += 5) {
    auto changed = world.acceptance_token;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    CHECK(!open_acceptance(changed));
  }
}

TEST_CASE("an answer must be this Host's to this offer") {
  const World world;
  const auto receipt_token = *sign_receipt(world.receipt, world.host);
  CHECK(check_answer(world.offer_token, world.offer, world.acceptance_token, receipt_token));

  const auto refused = [&](const Acceptance& acceptance, std::string_view part) {
    const auto token = *sign_acceptance(acceptance, world.host);
    auto receipt = world.receipt;
    receipt.contract = contract_hash(token);
    const auto result =
        check_answer(world.offer_token, world.offer, token, *sign_receipt(receipt, world.host));
    CHECK((!result && result.error().code == Code::integrity &&
           result.error().what.find(part) != std::string::npos));
  };
  auto acceptance = world.acceptance;
  acceptance.price = 6;
  refused(acceptance, "term or price");
  acceptance = world.acceptance;
  acceptance.until_unix_s -= 1;
  refused(acceptance, "term or price");
  acceptance = world.acceptance;
  acceptance.size = 17;
  refused(acceptance, "another piece");
  acceptance = world.acceptance;
  acceptance.offer[0] ^= std::byte{1};
  refused(acceptance, "another offer");

  auto receipt = world.receipt;
  receipt.host = {world.control.public_key()};
  const auto foreign = check_answer(world.offer_token, world.offer, world.acceptance_token,
                                    *sign_receipt(receipt, world.control));
  CHECK((!foreign && foreign.error().what.find("another Host") != std::string::npos));
}

TEST_CASE("deletions and capabilities open as they were signed") {
  const World world;
  const Deletion deletion{.control = world.control.public_key(),
                          .host = world.offer.host,
                          .piece = {},
                          .account = world.offer.account,
                          .issued_unix_s = kContractedS,
                          .expires_unix_s = kContractedS + 1};
  const auto opened = open_deletion(*sign_deletion(deletion, world.control), kContractedS);
  REQUIRE(opened);
  CHECK(opened->control == deletion.control);
  CHECK(opened->account == deletion.account);
  const Capability capability{.account = world.offer.account,
                              .host = world.offer.host,
                              .client = world.control.public_key(),
                              .piece = {},
                              .jti = {std::byte{4}},
                              .issued_unix_s = kContractedS,
                              .expires_unix_s = kContractedS + 1};
  const auto read = open_capability(*sign_capability(capability, world.account), kContractedS);
  REQUIRE(read);
  CHECK(read->client == capability.client);
  CHECK(read->jti == capability.jti);
}

}  // namespace
}  // namespace inxt::format
