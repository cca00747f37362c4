// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/transfer.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "format/tag.h"
#include "format/token.h"
#include "support/key_number.h"

namespace inxt::format {
namespace {

using testing::key_number;

constexpr std::int64_t kTransferredS = 1'800'000'000;

TransferReceipt sample() {
  TransferReceipt receipt;
  receipt.account = AccountId{key_number(1).public_key()};
  receipt.host = HostId{key_number(2).public_key()};
  receipt.piece.bytes.fill(std::byte{7});
  receipt.bytes = 2'097'152;
  receipt.request = "0a1b2c3d4e5f6071";
  receipt.issued_unix_s = kTransferredS;
  return receipt;
}

Json payload_of(const TransferReceipt& receipt) {
  return {{"iss", receipt.account.hex()}, {"aud", receipt.host.hex()},  {"piece", receipt.piece.hex()},
          {"bytes", receipt.bytes},       {"request", receipt.request}, {"iat", receipt.issued_unix_s}};
}

TEST_CASE("a transfer receipt says what it was signed with") {
  const TransferReceipt receipt = sample();
  const auto token = sign_transfer(receipt, key_number(1));
  REQUIRE(token.has_value());
  CHECK(token->size() <= kTransferTokenBytesMax);
  const auto opened = open_transfer(*token, kTransferredS);
  REQUIRE(opened.has_value());
  CHECK(opened->account == receipt.account);
  CHECK(opened->host == receipt.host);
  CHECK(opened->piece == receipt.piece);
  CHECK(opened->bytes == receipt.bytes);
  CHECK(opened->request == receipt.request);
  CHECK(opened->issued_unix_s == kTransferredS);
}

TEST_CASE("every letter of a transfer receipt counts") {
  const std::string token = *sign_transfer(sample(), key_number(1));
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string other = token;
    other[i] = other[i] == 'A' ? 'B' : 'A';
    CAPTURE(i);
    CHECK_FALSE(open_transfer(other, kTransferredS));
  }
}

TEST_CASE("what a transfer receipt must not say") {
  const auto refuses = [](const Json& payload, std::string_view member) {
    CAPTURE(member);
    const auto opened = open_transfer(*sign_token("inxt-transfer", payload, key_number(1)), kTransferredS);
    REQUIRE_FALSE(opened.has_value());
    CHECK(opened.error().code == Code::integrity);
    CHECK(opened.error().what.find(member) != std::string::npos);
  };
  Json payload = payload_of(sample());
  payload["bytes"] = 0;
  refuses(payload, "bytes");
  payload["bytes"] = kShardBytesMax + 1;
  refuses(payload, "bytes");
  payload["bytes"] = "1";
  refuses(payload, "bytes");
  for (const char* id : {"", "a b", "a\nb", "\"", "\u00e4"}) {
    payload = payload_of(sample());
    payload["request"] = id;
    refuses(payload, "request");
  }
  payload["request"] = std::string(kTransferRequestBytesMax + 1, 'a');
  refuses(payload, "request");
  for (const char* member : {"aud", "piece", "bytes", "request", "iat"}) {
    payload = payload_of(sample());
    payload.erase(member);
    refuses(payload, member);
  }
  payload = payload_of(sample());
  payload["more"] = std::string(kTransferTokenBytesMax, 'x');
  refuses(payload, "kTransferTokenBytesMax");

  payload = payload_of(sample());
  CHECK_FALSE(open_transfer(*sign_token("inxt-receipt", payload, key_number(1)), kTransferredS));
  CHECK(open_transfer(*sign_transfer(sample(), key_number(1)), kTransferredS - 7200).error().code ==
        Code::denied);
  CHECK(open_transfer(*sign_transfer(sample(), key_number(1)), kTransferredS + 400 * 86400).has_value());

  TransferReceipt receipt = sample();
  receipt.request = "a b";
  CHECK_FALSE(sign_transfer(receipt, key_number(1)));
  receipt = sample();
  receipt.bytes = 0;
  CHECK_FALSE(sign_transfer(receipt, key_number(1)));
}

}  // namespace
}  // namespace inxt::format
