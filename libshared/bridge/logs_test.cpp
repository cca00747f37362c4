// SPDX-License-Identifier: AGPL-3.0-or-later
// Logs and records over the wire, from the client's class to the database and back.
#include "support/bridge_world.h"
#include "support/log_writer.h"
#include "transfer/http_bridge_log.h"

using namespace inxt;
using namespace inxt::testing;
using format::Ability;
using transfer::HttpBridgeLog;

namespace {

transfer::LogAppend lines(std::vector<std::string> records, std::vector<std::string> entries) {
  return {.records = std::move(records), .entries = std::move(entries)};
}

format::Op folder(std::string path) {
  return format::MkdirOp{.path = std::move(path), .mode = 0755};
}

template <class T>
void refused(const Result<T>& answer, Code code, std::string_view part) {
  REQUIRE(!answer);
  check_error(answer.error(), code, part);
}

}  // namespace

CONTRACT(log_over_the_wire,
         "a log is appended to and read over TLS, and the loser of a race is told the head") {
  BridgeWorld<World> world;
  auto client = world.owner(1);
  HttpBridgeLog log(client);
  LogWriter writer;
  const auto record = writer.record("the first");

  CHECK(world.get(log.entries(writer.log(), 0, 10)).head == format::LogHead{});  // an unknown log is empty
  const auto first = lines({record.line}, {writer.entry({writer.put("/a", record)})});
  auto answer = world.get(log.append(writer.log(), first));
  CHECK(answer.appended);
  CHECK(answer.head == writer.head);
  CHECK(world.get(log.append(writer.log(), first)).head == writer.head);  // a repeat
  CHECK(world.get(log.record(writer.log(), record.id)) == record.line);

  LogWriter other;
  other.head = writer.head;
  const auto mine = lines({}, {writer.entry({folder("/mine")})});
  const auto theirs = lines({}, {other.entry({folder("/theirs")})});
  CHECK(world.get(log.append(writer.log(), mine)).appended);
  answer = world.get(log.append(writer.log(), theirs));
  CHECK(!answer.appended);
  CHECK(answer.head == writer.head);

  const auto page = world.get(log.entries(writer.log(), 0, 10));
  CHECK(page.head == writer.head);
  CHECK(page.entries == std::vector{first.entries[0], mine.entries[0]});
  CHECK(world.get(log.entries(writer.log(), 1, 10)).entries == mine.entries);
  CHECK(world.get(log.entries(writer.log(), 0, 1)).entries == first.entries);
  CHECK(world.get(log.entries(writer.log(), 2, 10)).entries.empty());

  // Another owner sees nothing of it, even by its id.
  auto stranger = world.owner(2);
  HttpBridgeLog elsewhere(stranger);
  CHECK(world.get(elsewhere.entries(writer.log(), 0, 10)).entries.empty());
  refused(world.run(elsewhere.record(writer.log(), record.id)), Code::not_found, "");

  CHECK(world.run(log.remove_record(writer.log(), record.id)));
  CHECK(world.run(log.remove_record(writer.log(), record.id)));  // there is none any more
  refused(world.run(log.record(writer.log(), record.id)), Code::not_found, "no such record");
}

CONTRACT(rights, "each entry and record needs the permit that it says") {
  BridgeWorld<World> world;
  const std::string root = root_permit(1);
  auto owner = world.client(1, root);
  HttpBridgeLog log(owner);
  LogWriter writer;
  const auto record = writer.record("r"), another = writer.record("s");
  const format::ObjectId object{record.id.bytes};
  world.get(
      log.append(writer.log(), lines({record.line, another.line},
                                     {writer.entry({writer.put("/r", record), writer.put("/s", another)})})));

  // A machine that may put and list.
  auto uploader =
      world.client(3, handed_on(root, 1, 3, {.can = {Ability::create, Ability::list, Ability::audit}}));
  HttpBridgeLog uploads(uploader);
  LogWriter machine;
  const auto try_one = [&](HttpBridgeLog& as, std::vector<std::string> records, format::Op op) {
    machine.head = writer.head;
    const auto done =
        world.run(as.append(writer.log(), lines(std::move(records), {machine.entry({std::move(op)})})));
    if (done && done->appended) writer.head = machine.head;
    return done;
  };
  const auto fresh = writer.record("fresh");
  CHECK(try_one(uploads, {fresh.line}, writer.put("/fresh", fresh)));
  const auto version = writer.record("version", object);
  refused(try_one(uploads, {version.line}, writer.put("/r", version, object)), Code::denied, "write");
  refused(try_one(uploads, {}, folder("/folder")), Code::denied, "write");
  refused(try_one(uploads, {}, format::RmOp{.path = "/r", .recursive = false}), Code::denied, "delete");
  refused(try_one(uploads, {}, format::UnshareOp{.share = {}}), Code::denied, "share");
  CHECK(world.get(uploads.entries(writer.log(), 0, 10)).head == writer.head);
  refused(world.run(uploads.record(writer.log(), record.id)), Code::denied, "read");
  refused(world.run(uploads.remove_record(writer.log(), record.id)), Code::denied, "delete");

  // One that may read and write one object.
  auto editor =
      world.client(4, handed_on(root, 1, 4, {.can = {Ability::read, Ability::write}, .object = object}));
  HttpBridgeLog edits(editor);
  CHECK(try_one(edits, {version.line}, writer.put("/r", version, object)));
  CHECK(world.get(edits.record(writer.log(), record.id)) == record.line);
  CHECK(world.get(edits.record(writer.log(), version.id)) == version.line);
  refused(world.run(edits.record(writer.log(), another.id)), Code::denied, "object");
  const auto wrong = writer.record("wrong", format::ObjectId{another.id.bytes});
  refused(try_one(edits, {wrong.line}, writer.put("/s", wrong, format::ObjectId{another.id.bytes})),
          Code::denied, "object");
  refused(try_one(edits, {}, folder("/folder")), Code::denied, "object");
  refused(world.run(edits.entries(writer.log(), 0, 10)), Code::denied, "list");

  // Without permits, with those of another, and revoked.
  auto bare = world.client(1, "");
  HttpBridgeLog nothing(bare);
  refused(world.run(nothing.entries(writer.log(), 0, 10)), Code::denied, "permit");
  auto thief = world.client(5, root);
  HttpBridgeLog stolen(thief);
  refused(world.run(stolen.entries(writer.log(), 0, 10)), Code::denied, "Inxt-Permit");
  const auto revoked = world.database->write([&](database::Transaction& transaction) {
    return revoke_permit(transaction, crypto::SeededRandom(4000 + 4).bytes<16>(), key_number(1).public_key(),
                         AccountId{key_number(1).public_key()}, kNow);
  });
  CHECK(revoked);
  refused(try_one(edits, {version.line}, writer.put("/r", version, object)), Code::denied, "revoked");
  refused(world.run(edits.record(writer.log(), record.id)), Code::denied, "revoked");
}

CONTRACT(owner_writer, "with a permit that was handed on nobody writes as the owner but who began the log") {
  BridgeWorld<World> world;
  const std::string root = root_permit(1);
  auto owner = world.client(1, root);
  auto machine = world.client(3, handed_on(root, 1, 3, {.can = {Ability::create, Ability::list}}));
  HttpBridgeLog log(owner), uploads(machine);
  LogWriter writer;
  const auto put_by = [&](LogWriter& by, HttpBridgeLog& as, std::string path) {
    by.head = writer.head;
    const auto record = by.record(path);
    const auto done =
        world.run(as.append(by.log(), lines({record.line}, {by.entry({by.put(std::move(path), record)})})));
    if (done && done->appended) writer.head = by.head;
    return done;
  };
  REQUIRE(put_by(writer, log, "/first"));

  LogWriter forger(6, 5);  // a key of its own, in the same log
  REQUIRE(forger.log() == writer.log());
  refused(put_by(forger, uploads, "/forged"), Code::denied, "entry 2: writer");
  CHECK(world.get(log.entries(writer.log(), 0, 10)).head == writer.head);  // and nothing of it is kept
  CHECK(put_by(writer, uploads, "/second"));  // the same key counts, whoever brings it
  forger.uploader = 3;
  CHECK(put_by(forger, uploads, "/third"));  // as what it is

  // Behind one that may stand there, in one request.
  forger.uploader = 0;
  forger.head = writer.head;
  const auto a = writer.record("a"), b = forger.record("b");
  const std::string good = writer.entry({writer.put("/a", a)});
  forger.head = writer.head;
  const std::string forged = forger.entry({forger.put("/b", b)});
  refused(world.run(uploads.append(writer.log(), lines({a.line, b.line}, {good, forged}))), Code::denied,
          "entry 5: writer");
  writer.head = world.get(log.entries(writer.log(), 0, 1)).head;
  CHECK(writer.head.seq == 3);
  // Whom the Bridge itself gave the permit is not asked.
  CHECK(put_by(forger, log, "/as-owner"));

  // A log that a machine began says nothing of the owner's key, and keeps no owner out.
  LogWriter early(7, 8), late(9, 8);
  early.uploader = 2;
  writer.head = {};
  REQUIRE(put_by(early, uploads, "/early"));
  CHECK(put_by(late, uploads, "/late"));
}

CONTRACT(wire_refusals, "what a log cannot take is refused with its limit or line, and nothing is stored") {
  BridgeWorld<World> world;
  auto client = world.client(1, root_permit(1, {.quota_bytes = 100'000}));
  HttpBridgeLog log(client);
  LogWriter writer;
  const auto ask = [&](net::Method method, std::string target, std::string body = {}) {
    transfer::BridgeRequest request(method, std::move(target));
    request.body = std::move(body);
    request.answer_bytes_max = std::size_t{1} << 20;
    return world.run(client.ask(std::move(request)));
  };
  const std::string path = "/v1/logs/" + writer.log().hex();
  refused(ask(net::Method::get, "/v1/logs/xyz"), Code::usage, "log id");
  refused(ask(net::Method::get, path + "?after=x"), Code::usage, "after");
  refused(ask(net::Method::get, path + "?limit=0"), Code::usage, "limit");
  refused(ask(net::Method::get, path + "?limit=1025"), Code::usage, "limit");
  refused(ask(net::Method::put, path), Code::usage, "GET, POST");
  refused(ask(net::Method::post, path), Code::usage, "empty");
  refused(ask(net::Method::post, path, "{}\n"), Code::integrity, "line 1: type");
  refused(ask(net::Method::post, path, std::string((8 << 20) + 1, 'x')), Code::usage, "append_bytes_max");

  const auto big = writer.record(std::string(80'000, 'x'));
  LogWriter noisy;
  std::string noise;
  crypto::SeededRandom random(3);
  for (int i = 0; i < 4000; ++i) noise += to_hex(random.bytes<32>());
  const auto huge = noisy.record(noise);
  refused(world.run(log.append(writer.log(), lines({huge.line}, {noisy.entry({noisy.put("/huge", huge)})}))),
          Code::quota, "over quota");
  CHECK(world.get(log.entries(writer.log(), 0, 1)).head == format::LogHead{});
  CHECK(world.get(log.append(writer.log(), lines({big.line}, {writer.entry({writer.put("/big", big)})})))
            .appended);
  CHECK(world.bridge->memory().used_bytes() == 0);
}

TEST_CASE("where memory is short, appends and pages wait for it, and are told its name") {
  BridgeWorld<SqliteWorld> world;
  auto client = world.owner(1);
  HttpBridgeLog log(client);
  LogWriter writer;
  world.get(log.append(writer.log(), lines({}, {writer.entry({folder("/a")})})));
  const net::TlsIdentity identity = *net::TlsIdentity::make(key_number(1));
  const std::string body = writer.entry({folder("/b")}) + "\n";
  const auto ask = [&](net::Method method) {
    net::Request request(method, "/v1/logs/" + writer.log().hex());
    request.headers.emplace_back("Inxt-Permit", root_permit(1));
    if (method == net::Method::post) request.body = view_of(body);
    auto response = world.run(world.http->send(
        net::Endpoint(world.address, world.key.public_key(), &identity), std::move(request)));
    REQUIRE(response);
    return *std::move(response);
  };
  MemoryBudget& memory = world.bridge->memory();
  {
    const std::size_t small = memory.bytes_max() / kMemoryShares;
    const auto large = memory.room(memory.bytes_max() - small, "others");
    REQUIRE(large);
    std::vector<MemoryBudget::Room> rest;
    for (std::size_t left = small; left > 0; left -= kSmallBytesMax)
      rest.push_back(*memory.room(kSmallBytesMax, "others"));
    for (const net::Method method : {net::Method::get, net::Method::post}) {
      const auto response = ask(method);
      CHECK(response.status == 503);
      CHECK(text_of(response.body).contains(R"("limit":"memory_bytes_max")"));
      CHECK(response.header("Retry-After"));
    }
  }
  CHECK(ask(net::Method::post).status == 201);
  CHECK(ask(net::Method::get).status == 200);
  CHECK(memory.used_bytes() == 0);
}
