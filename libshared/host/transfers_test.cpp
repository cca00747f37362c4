// SPDX-License-Identifier: AGPL-3.0-or-later
// Receipts for what a Host has served: which it believes, and what it keeps.
#include "format/transfer.h"
#include "host/record_keeper.h"
#include "support/host_world.h"

using namespace inxt;           // NOLINT
using namespace inxt::testing;  // NOLINT

namespace {

struct TransferWorld : HostWorld {
  TransferWorld() {
    body = noise(kPieceMax, 5);
    REQUIRE(put(body).status == 201);
    piece = proof::piece_id_of(body);
  }
  /// Reads the piece: what an honest receipt says then.
  format::TransferReceipt read(std::vector<Header> headers = {}) {
    const net::Response response = get(piece, std::move(headers));
    REQUIRE(response.ok());
    format::TransferReceipt receipt;
    receipt.account = peer.id;
    receipt.host = HostId{host_key.public_key()};
    receipt.piece = piece;
    receipt.bytes = response.body.size();
    receipt.request = *response.header("Inxt-Request-Id");
    receipt.issued_unix_s = clock.unix_s();
    return receipt;
  }
  net::Response give(std::string token, const net::TlsIdentity* as) {
    net::Request request(Method::post, "/v1/transfers");
    request.headers.push_back(Header("Inxt-Transfer", std::move(token)));
    return send(std::move(request), as);
  }
  net::Response give(const format::TransferReceipt& receipt) {
    return give(*format::sign_transfer(receipt, peer.key), &peer.tls);
  }
  std::vector<std::string> kept() {
    RecordKeeper keeper(*engine, *directory, [] { return false; });
    keeper.finish();
    std::vector<RecordReader> readers;
    readers.emplace_back(*directory, std::string(kTransfersFolder), std::string(kTransfersSeries));
    std::vector<std::string> lines;
    const auto read_all = read_records(readers, [&](const std::string& line) -> Result<void> {
      lines.push_back(line);
      return {};
    });
    REQUIRE(read_all.has_value());
    return lines;
  }

  Bytes body;
  PieceId piece;
};

TEST_CASE("a receipt for what was served is taken once and kept") {
  TransferWorld world;
  const format::TransferReceipt receipt = world.read();
  CHECK(receipt.bytes == kPieceMax);
  CHECK(world.give(receipt).status == 200);
  check_refusal(world.give(receipt), 404, "not_found", "lately");
  // A range, under an id that the reader chose.
  const format::TransferReceipt part =
      world.read({{"Range", "bytes=4096-8191"}, {"Inxt-Request-Id", "mine-1"}});
  CHECK(part.bytes == 4096);
  CHECK(part.request == "mine-1");
  CHECK(world.give(part).status == 200);

  const auto kept = world.kept();
  REQUIRE(kept.size() == 2);
  const format::Json json = *format::parse_object(kept[0]);
  CHECK(json["type"] == "transfer");
  CHECK(json["piece"] == world.piece.hex());
  CHECK(json["account"] == world.peer.id.hex());
  CHECK(json["bytes"] == kPieceMax);
  const auto opened = format::open_transfer(json["transfer"].get<std::string>(), std::nullopt);
  REQUIRE(opened.has_value());
  CHECK(opened->request == receipt.request);
  CHECK(world.engine->counters().transfers.receipts == 2);
  CHECK(world.engine->counters().transfers.bytes == kPieceMax + 4096);
  CHECK(world.engine->counters().transfers.refused == 1);
}

TEST_CASE("a receipt about anything else is refused, and spoils nothing") {
  TransferWorld world;
  const format::TransferReceipt honest = world.read();
  format::TransferReceipt receipt = honest;
  receipt.bytes = honest.bytes - 1;
  check_refusal(world.give(receipt), 422, "integrity", "were served");
  receipt = honest;
  receipt.request = "another";
  check_refusal(world.give(receipt), 404, "not_found", "lately");
  receipt = honest;
  receipt.piece = PieceId{};
  check_refusal(world.give(receipt), 404, "not_found", "lately");
  receipt = honest;
  receipt.host = HostId{world.peer.key.public_key()};
  check_refusal(world.give(receipt), 403, "denied", "another Host");
  receipt = honest;
  receipt.issued_unix_s += 86400;
  check_refusal(world.give(receipt), 403, "denied", "Inxt-Transfer");
  // Another's receipt, shown by this account; this one's, shown by another.
  receipt = honest;
  receipt.account = world.stranger.id;
  const std::string of_stranger = *format::sign_transfer(receipt, world.stranger.key);
  check_refusal(world.give(of_stranger, &world.peer.tls), 403, "denied", "another account");
  const std::string of_peer = *format::sign_transfer(honest, world.peer.key);
  check_refusal(world.give(of_peer, &world.stranger.tls), 404, "not_found", "nothing was served");
  check_refusal(world.give(of_peer, nullptr), 401, "denied");
  check_refusal(world.give(of_peer + "x", &world.peer.tls), 422, "integrity", "Inxt-Transfer");
  check_refusal(world.ask(Method::post, "/v1/transfers", &world.peer.tls), 400, "usage", "missing");
  check_refusal(world.ask(Method::get, "/v1/transfers", &world.peer.tls), 405, "usage");
  CHECK(world.kept().empty());
  CHECK(world.give(honest).status == 200);
}

TEST_CASE("a receipt that comes too late is none, nor one of a read that was refused") {
  TransferWorld world;
  const format::TransferReceipt receipt = world.read();
  world.clock.advance_ms(kServedMs + 1);
  check_refusal(world.give(receipt), 404, "not_found", "lately");
  CHECK(world.ask(Method::get, world.path(PieceId{}), &world.peer.tls).status == 404);
  CHECK(world.ask(Method::get, world.path(world.piece), &world.stranger.tls).status == 403);
  CHECK_FALSE(world.engine->served().has(world.stranger.id));
}

TEST_CASE("what was served is remembered in bounded memory, the latest") {
  ServedTable table;
  const AccountId account{key_number(1).public_key()};
  const auto transfer = [&](std::size_t number) {
    return ServedTable::Transfer{.account = account, .piece = PieceId{}, .request = std::to_string(number)};
  };
  for (std::size_t i = 0; i < 3 * kServedMax; ++i) table.add(transfer(i), i + 1, 0);
  CHECK(table.size() <= kServedMax);
  CHECK(table.find(transfer(3 * kServedMax - 1), 0) == 3 * kServedMax);
  CHECK_FALSE(table.find(transfer(0), 0));
  // One id used again and again is one entry, and the latest answer counts.
  for (std::size_t i = 0; i < 3 * kServedMax; ++i) table.add(transfer(7), i + 1, 1);
  CHECK(table.find(transfer(7), 1) == 3 * kServedMax);
  CHECK(table.size() <= kServedMax);
  CHECK(table.has(account));
  table.take(transfer(7));
  CHECK_FALSE(table.find(transfer(7), 1));
}

}  // namespace
