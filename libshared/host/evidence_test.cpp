// SPDX-License-Identifier: AGPL-3.0-or-later
// What a store shows about a piece, and the golden lines of evidence and audits (tests/page).
#include "host/evidence.h"

#include <cstdlib>

#include "format/renewal.h"
#include "format/transfer.h"
#include "host/record_keeper.h"
#include "support/host_world.h"
#include "support/tests_dir.h"
#include "sys/files.h"
#include "sys/output_file.h"

using namespace inxt;           // NOLINT
using namespace inxt::testing;  // NOLINT

namespace {

constexpr std::int64_t kTermS = 30 * 86400;  // of HostWorld's offers

/// INXT_WRITE_GOLDEN=1 writes it anew, after a change that is meant.
void check_golden(const std::string& name, const std::string& made) {
  const std::string path = testing::tests_dir() + "/page/" + name;
  if (std::getenv("INXT_WRITE_GOLDEN") != nullptr) {
    auto file = sys::OutputFile::create(path, 0644);
    REQUIRE(file.has_value());
    REQUIRE(file->write(view_of(made)).has_value());
    REQUIRE(file->commit().has_value());
  }
  const auto golden = sys::read_file(path, 1 << 20, name);
  REQUIRE(golden.has_value());
  CHECK(text_of(*golden) == made);
}

struct EvidenceWorld : HostWorld {
  EvidenceWorld() {
    stored = json_of(put(body));
    piece = proof::piece_id_of(body);
  }
  void renew() {
    format::Renewal renewal;
    renewal.control = control.public_key();
    renewal.host = HostId{host_key.public_key()};
    renewal.contract = format::contract_hash(stored.at("acceptance").get<std::string>());
    renewal.piece = piece;
    renewal.account = peer.id;
    renewal.from_unix_s = kNow + kTermS;
    renewal.until_unix_s = kNow + 2 * kTermS;
    renewal.issued_unix_s = kNow;
    renewal.expires_unix_s = kNow + 600;
    const Header header("Inxt-Renewal", *format::sign_renewal(renewal, control));
    REQUIRE(ask(Method::post, "/v1/contracts/" + piece.hex(), &peer.tls, {header}).status == 200);
  }
  void acknowledge(const PieceId& what, const std::string& request_id) {
    const net::Response response = get(what, {{"Inxt-Request-Id", request_id}});
    REQUIRE(response.status == 200);
    format::TransferReceipt receipt;
    receipt.account = peer.id;
    receipt.host = HostId{host_key.public_key()};
    receipt.piece = what;
    receipt.bytes = response.body.size();
    receipt.request = request_id;
    receipt.issued_unix_s = clock.unix_s();
    const Header header("Inxt-Transfer", *format::sign_transfer(receipt, peer.key));
    REQUIRE(ask(Method::post, "/v1/transfers", &peer.tls, {header}).status == 200);
  }
  std::vector<std::string> evidence(const PieceId& what) {
    RecordKeeper keeper(*engine, *directory, [] { return false; });
    keeper.finish();
    std::vector<std::string> lines;
    const auto told = tell_evidence(
        *directory, what,
        [&](const std::string& line) -> Result<void> {
          lines.push_back(line);
          return {};
        },
        [&](const std::string& path, const Error&) { damaged.push_back(path); });
    REQUIRE(told.has_value());
    counts = *told;
    return lines;
  }

  Bytes body = noise(5000, 10);
  format::Json stored;
  PieceId piece;
  EvidenceCounts counts;
  std::vector<std::string> damaged;
};

TEST_CASE("a store shows what was asked, promised, renewed and delivered") {
  EvidenceWorld world;
  const Bytes other = noise(6000, 11);
  REQUIRE(world.put(other).status == 201);
  world.renew();
  world.acknowledge(world.piece, "first");
  world.acknowledge(proof::piece_id_of(other), "another");
  world.acknowledge(world.piece, "second");
  const auto lines = world.evidence(world.piece);
  REQUIRE(lines.size() == 4);
  CHECK(world.counts.contracts == 1);
  CHECK(world.counts.renewals == 1);
  CHECK(world.counts.transfers == 2);
  CHECK(world.damaged.empty());
  const format::Json contract = *format::parse_object(lines[0], kRecordLineBytesMax);
  CHECK(contract["acceptance"] == world.stored["acceptance"]);
  CHECK(contract["receipt"] == world.stored["receipt"]);
  std::string all;
  for (const std::string& line : lines) all += line + '\n';
  check_golden("evidence.jsonl", all);
}

TEST_CASE("a Host shows that it was told to delete") {
  EvidenceWorld world;
  world.acknowledge(world.piece, "first");
  format::Deletion deletion;
  deletion.control = world.control.public_key();
  deletion.host = HostId{world.host_key.public_key()};
  deletion.piece = world.piece;
  deletion.account = world.peer.id;
  deletion.issued_unix_s = kNow;
  deletion.expires_unix_s = kNow + 600;
  const std::string order = *format::sign_deletion(deletion, world.control);
  const Header header("Inxt-Deletion", order);
  REQUIRE(world.ask(Method::delete_, world.path(world.piece), &world.peer.tls, {header}).status == 200);
  const auto lines = world.evidence(world.piece);
  REQUIRE(lines.size() == 2);
  CHECK(world.counts.contracts == 0);
  CHECK(world.counts.transfers == 1);
  CHECK(world.counts.deletions == 1);
  CHECK(world.damaged.empty());
  const format::Json json = *format::parse_object(lines[1], kRecordLineBytesMax);
  CHECK(json["type"] == "deletion");
  CHECK(json["deletion"] == order);
  CHECK(json["acceptance"] == world.stored["acceptance"]);
  // An order about another piece does not excuse this one.
  deletion.piece = PieceId{};
  format::Json forged = json;
  forged["deletion"] = *format::sign_deletion(deletion, world.control);
  world.engine->transfer_records().add(format::write_compact(forged) + '\n');
  CHECK(world.evidence(world.piece).size() == 2);
}

TEST_CASE("evidence leaves out what was deleted or forged, and says what cannot be read") {
  EvidenceWorld world;
  world.acknowledge(world.piece, "first");
  CHECK(world.evidence(PieceId{}).empty());
  CHECK(world.evidence(world.piece).size() == 2);
  // A record whose token is about another piece than it says.
  format::TransferReceipt forged;
  forged.account = world.peer.id;
  forged.host = HostId{world.host_key.public_key()};
  forged.bytes = 1;
  forged.request = "x";
  forged.issued_unix_s = kNow;
  const std::string of_another = *format::sign_transfer(forged, world.peer.key);
  for (const std::string& token : {of_another, std::string("eyJ.x.y")})
    world.engine->transfer_records().add(
        fmt::format("{{\"type\":\"transfer\",\"time\":{},\"piece\":\"{}\",\"transfer\":\"{}\"}}\n", kNow,
                    world.piece.hex(), token));
  CHECK(world.evidence(world.piece).size() == 2);
  CHECK(world.damaged == std::vector<std::string>{"transfers"});
  world.damaged.clear();
  world.damage(world.piece, fs::file_size(world.file_of(world.piece)) - 100);
  CHECK(world.evidence(world.piece).size() == 1);
  CHECK(world.damaged.size() == 2);
  fs::remove(world.file_of(world.piece));
  CHECK(world.evidence(world.piece).size() == 1);  // what was delivered stays
}

TEST_CASE("the golden records of audits") {
  AuditRecord record;
  record.entry.time_unix_s = kNow;
  record.entry.address = "2001:db8::7";
  record.entry.key = AccountId{key_number(3).public_key()};
  record.entry.kind = "inventory-challenge";
  record.entry.samples = 3;
  record.entry.damaged = 1;
  record.entry.released = 1;
  record.entry.piece = PieceId{key_number(4).public_key()};
  record.entry.reason = "the disk gave \"other\" bytes \xff";
  record.is_known = true;
  record.request_id = "0a1b2c3d4e5f6071";
  record.commitment = crypto::sha256({});
  record.outcomes = {SampleOutcome::proved, SampleOutcome::damaged, SampleOutcome::released};
  record.answer_bytes = 19'000;
  record.took_ms = 12;
  record.request = R"({"type":"inventory-challenge"})";
  record.answer = R"({"type":"answer"})";
  AuditRecords records;
  for (int i = 0; i < 3; ++i) records.refused("192.0.2.0/24", false, "audit_rate_per_peer", kNow + i, 0);
  records.settle(0, true);
  check_golden("audits.jsonl", audit_record_line(record) + records.others().take());
}

}  // namespace
