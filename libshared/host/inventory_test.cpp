// SPDX-License-Identifier: LGPL-3.0-or-later
// The inventory as strangers see it: heads, samples, lookups; hour after hour, over restarts, and when pieces
// were rightly let go.
#include "host/inventory.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "format/inventory_requests.h"
#include "host/reaper.h"
#include "host/run_inventory.h"
#include "proof/chain.h"
#include "proof/pages.h"
#include "serve/background.h"
#include "support/host_world.h"

namespace inxt::host {
namespace {

using namespace inxt::testing;  // NOLINT: tests

constexpr std::int64_t kHour = format::kEpochSeconds;

struct Answered {
  std::vector<std::string> lines;  // without the answer line
  format::AnswerLine answer;
};

struct InventoryWorld : HostWorld {
  explicit InventoryWorld(Setup setup = {}) : HostWorld(setup) { start(); }
  ~InventoryWorld() { stop(); }

  void start() {
    inventory.emplace(loop.executor(), InventoryParts{*store, *workers, clock, host_key, log}, *directory);
    REQUIRE(inventory->load().has_value());
    engine->set_inventory(*inventory);
    background.emplace(loop.executor());
    background->start(run_inventory(*engine));
    if (is_head_due(*engine)) loop.run(inventory->ask_for_head());
  }
  void stop() {
    loop.run(background->stop());
    background.reset();
    inventory.reset();
  }
  void restart() {
    stop();
    start();
  }

  PieceId put_piece(std::uint64_t seed, std::size_t size = 5000) {
    const Bytes body = noise(size, seed);
    format::Offer offer = offer_for(body);
    offer.issued_unix_s = clock.unix_s();
    offer.expires_unix_s = clock.unix_s() + 600;
    offer.until_unix_s = clock.unix_s() + 30 * 86400;
    REQUIRE(put(body, offer).status == 201);
    return proof::piece_id_of(body);
  }
  net::Response delete_piece(const PieceId& piece, const AccountId& account) {
    format::Deletion deletion;
    deletion.control = control.public_key();
    deletion.host = engine->id();
    deletion.piece = piece;
    deletion.account = account;
    deletion.issued_unix_s = clock.unix_s();
    deletion.expires_unix_s = clock.unix_s() + 60;
    return ask(Method::delete_, HostWorld::path(piece), &peer.tls,
               {Header("Inxt-Deletion", *format::sign_deletion(deletion, control))});
  }
  net::Response delete_piece(const PieceId& piece) { return delete_piece(piece, peer.id); }

  /// The latest head, as anybody gets it.
  format::SignedHead head() {
    const net::Response response = ask(Method::get, "/v1/inventory", nullptr);
    REQUIRE(response.status == 200);
    return *format::read_head(lines_of(response).at(0), "head");
  }
  format::SignedHead next_hour() {
    clock.advance_ms(kHour * 1000);
    return head();
  }

  net::Response post(std::string path, std::string body) {
    net::Request request(Method::post, std::move(path));
    request.body = view_of(body);
    request.response_bytes_max = 8u << 20;
    return send(std::move(request), &stranger.tls);
  }
  Answered answered(const std::string& path, const std::string& body) {
    const net::Response response = post(path, body);
    CAPTURE(text_of(response.body));
    REQUIRE(response.status == 200);
    Answered out{.lines = lines_of(response), .answer = {}};
    out.answer = *format::read_answer(out.lines.back(), "answer");
    out.lines.pop_back();
    std::string before;
    for (const std::string& line : out.lines) before += line + "\n";
    CHECK(out.answer.hash == crypto::sha256(view_of(before)));
    CHECK(out.answer.request == crypto::sha256(view_of(body)));
    CHECK(out.answer.host == engine->id());
    return out;
  }
  Answered audit(const crypto::Hash& head, std::vector<std::uint64_t> numbers) {
    const format::InventoryRequest request{
        .challenge = crypto::sha256(view_of("c")), .head = head, .numbers = std::move(numbers)};
    return answered("/v1/inventory/audit", format::write_inventory_request(request));
  }
  Answered look_up(const crypto::Hash& head, std::vector<format::LookupPiece> pieces) {
    return answered("/v1/inventory/lookup",
                    format::write_lookup({.head = head, .pieces = std::move(pieces)}));
  }
  format::LookupPiece contract_of(const PieceId& piece) {
    const auto trailer = store->read_trailer(piece, peer.id);
    REQUIRE(trailer.has_value());
    return {.piece = piece, .blinded = proof::blinded_contract(format::contract_hash(trailer->acceptance))};
  }

  std::optional<Inventory> inventory;
  std::optional<serve::Background> background;
};

/// The block that a sample's two lines show; where it is missing or released, only its inclusion is checked.
struct Shown {
  PieceId piece;
  bool missing = false;
  std::optional<format::ReleasedLine> released;
  Bytes data;
};
Shown check_sample(const format::SignedHead& head, std::uint64_t number, const std::string& inclusion_line,
                   const std::string& second_line) {
  const format::InclusionLine inclusion = *format::read_inclusion(inclusion_line, "inclusion");
  const proof::Included included = *proof::verify_inclusion(inclusion.leaf, inclusion.steps);
  CHECK(included.root == head.head.root);
  REQUIRE(number >= included.first_block);
  const std::uint64_t block = number - included.first_block;
  REQUIRE(block < proof::blocks_in(inclusion.leaf.size_bytes));
  Shown shown{.piece = inclusion.leaf.piece, .missing = false, .released = {}, .data = {}};
  if (format::read_released(second_line, "released")) {
    shown.released = *format::read_released(second_line, "released");
    CHECK(shown.released->piece == inclusion.leaf.piece);
    CHECK(inclusion.leaf.contracts == 1);
    const crypto::Hash blinded = proof::blinded_contract(format::contract_hash(shown.released->acceptance));
    CHECK(inclusion.leaf.contracts_root == proof::contracts_root({&blinded, 1}));
    return shown;
  }
  const format::ProofLine line = *format::read_proof(second_line, "proof");
  CHECK(line.sample.piece == inclusion.leaf.piece);
  CHECK(line.sample.block == block);
  shown.missing = line.missing;
  if (line.missing) return shown;
  CHECK(line.size == inclusion.leaf.size_bytes);
  const auto top =
      proof::head_from_path(proof::leaf_hash(line.data), block, proof::blocks_in(line.size), line.path);
  REQUIRE(top.has_value());
  CHECK(proof::piece_id(line.size, *top) == line.sample.piece);
  shown.data = line.data;
  return shown;
}

TEST_CASE("inventory: a head lists what is here, once an hour, each naming the one before") {
  InventoryWorld world;
  const format::SignedHead empty = world.head();
  CHECK(empty.head.pieces == 0);
  CHECK(empty.head.root == proof::InventoryBranch{});
  CHECK(!empty.head.previous);
  CHECK(empty.head.host == world.engine->id());

  std::set<PieceId> pieces;
  std::uint64_t bytes = 0, blocks = 0;
  for (std::uint64_t i = 0; i < 40; ++i) {
    const std::size_t size = 1 + 700 * i;
    pieces.insert(world.put_piece(i, size));
    bytes += size;
    blocks += proof::blocks_in(size);
  }
  CHECK(world.head().hash == empty.hash);  // the hour has one
  const format::SignedHead full = world.next_hour();
  CHECK(full.head.pieces == 40);
  CHECK(full.head.root.bytes == bytes);
  CHECK(full.head.root.blocks == blocks);
  CHECK(full.head.previous == empty.hash);
  CHECK(format::check_follows(empty, full).has_value());
  CHECK(world.next_hour().hash == full.hash);  // nothing has changed
  CHECK(world.inventory->heads_made() == 2);

  // What goes and comes back within the hour changes nothing; what is renewed neither.
  world.clock.advance_ms(kHour * 1000);
  const PieceId brief = world.put_piece(1000);
  REQUIRE(world.delete_piece(brief).status == 200);
  CHECK(world.head().hash == full.hash);

  // Every block of it can be asked for.
  std::vector<std::uint64_t> numbers;
  std::set<PieceId> seen;
  for (std::uint64_t number = 0; number < blocks; ++number) {
    numbers.push_back(number);
    if (numbers.size() < 100 && number + 1 < blocks) continue;
    const Answered answer = world.audit(full.hash, numbers);
    CHECK(answer.answer.proofs == numbers.size());
    REQUIRE(answer.lines.size() == 2 * numbers.size());
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      const Shown shown = check_sample(full, numbers[i], answer.lines[2 * i], answer.lines[2 * i + 1]);
      CHECK(!shown.data.empty());
      seen.insert(shown.piece);
    }
    numbers.clear();
  }
  CHECK(seen == pieces);
}

TEST_CASE("inventory: heads by epoch and in rows") {
  InventoryWorld world;
  std::vector<std::string> lines;
  for (std::uint64_t i = 0; i < 5; ++i) {
    if (i > 0) world.put_piece(i);
    if (i > 0) world.next_hour();
    lines.push_back(lines_of(world.ask(Method::get, "/v1/inventory", nullptr)).at(0));
  }
  const auto at = [&](std::string target) { return world.ask(Method::get, std::move(target), nullptr); };
  const std::int64_t last = format::read_head(lines.back(), "head")->head.epoch();
  CHECK(lines_of(at("/v1/inventory/heads")) == lines);
  CHECK(lines_of(at(fmt::format("/v1/inventory/heads?after={}", last - 2))) ==
        std::vector(lines.end() - 2, lines.end()));
  CHECK(lines_of(at("/v1/inventory/heads?after=0&limit=1")) == std::vector{lines[0]});
  CHECK(lines_of(at(fmt::format("/v1/inventory?epoch={}", last - 3))).at(0) == lines[1]);
  check_refusal(at(fmt::format("/v1/inventory?epoch={}", last + 1)), 404, "not_found");
  for (const char* bad : {"limit=0", "limit=65", "limit=x", "after=-1", "after=99999999999999999999"})
    check_refusal(at(fmt::format("/v1/inventory/heads?{}", bad)), 400, "usage");
  check_refusal(at("/v1/inventory?epoch=1x"), 400, "usage");
  check_refusal(world.ask(Method::delete_, "/v1/inventory", nullptr), 405, "usage");
  check_refusal(world.ask(Method::get, "/v1/inventory/audit", nullptr), 405, "usage");

  world.restart();
  CHECK(lines_of(at("/v1/inventory/heads")) == lines);
  CHECK(world.head().head.epoch() == last);
}

TEST_CASE("inventory: a chain of samples, in parts") {
  InventoryWorld world;
  for (std::uint64_t i = 0; i < 10; ++i) world.put_piece(i, 20'000);
  const format::SignedHead head = world.next_hour();
  const crypto::Hash challenge = crypto::sha256(view_of("challenge"));
  proof::ChainLink link = proof::kChainStart;
  std::uint64_t first = 0;
  for (const std::uint64_t count : {1, 40, 3}) {
    const format::ChainRequest request{
        .challenge = challenge, .head = head.hash, .first = first, .count = count, .previous = link.hash};
    const Answered answer = world.answered("/v1/inventory/audit", format::write_chain_request(request));
    REQUIRE(answer.lines.size() == 2 * count);
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint64_t number = proof::chain_draw(challenge, first + i, link, head.head.root.blocks);
      const Shown shown = check_sample(head, number, answer.lines[2 * i], answer.lines[2 * i + 1]);
      REQUIRE(!shown.data.empty());
      link = proof::chain_link(challenge, shown.data);
    }
    first += count;
  }
  CHECK(world.engine->audits().latest(1).at(0).kind == "inventory-chain");
  CHECK(world.engine->counters().audits.passed == 3);
}

TEST_CASE("inventory: owners find their pieces and contracts, and that others are not there") {
  InventoryWorld world({.accept_any = true});
  std::vector<PieceId> pieces;
  for (std::uint64_t i = 0; i < 20; ++i) pieces.push_back(world.put_piece(i));
  // A second contract about the first piece.
  const Bytes body = noise(5000, 0);
  format::Offer offer = world.offer_for(body);
  offer.account = world.stranger.id;
  REQUIRE(world.put(pieces[0], body, *format::sign_offer(offer, world.stranger.key), &world.stranger.tls)
              .status == 201);
  const format::SignedHead head = world.next_hour();
  CHECK(head.head.pieces == 20);

  std::vector<format::LookupPiece> asked;
  for (const PieceId& piece : pieces) asked.push_back(world.contract_of(piece));
  asked.push_back({.piece = pieces[3], .blinded = std::nullopt});
  asked.push_back({.piece = pieces[0], .blinded = crypto::sha256(view_of("no contract"))});
  asked.push_back({.piece = proof::piece_id_of(noise(5000, 99)), .blinded = std::nullopt});
  asked.push_back({.piece = proof::piece_id_of(noise(5000, 98)), .blinded = crypto::Hash{}});
  const Answered answer = world.look_up(head.hash, asked);
  CHECK(answer.answer.challenge == crypto::Hash{});
  CHECK(answer.answer.proofs == asked.size());
  REQUIRE(answer.lines.size() == asked.size());
  for (std::size_t i = 0; i < 22; ++i) {
    CAPTURE(i);
    const format::InclusionLine line = *format::read_inclusion(answer.lines[i], "line");
    CHECK(line.leaf.piece == asked[i].piece);
    CHECK(proof::verify_inclusion(line.leaf, line.steps)->root == head.head.root);
    CHECK(line.leaf.contracts == (asked[i].piece == pieces[0] ? 2 : 1));
    const auto finding =
        i == 20 ? format::ContractFinding::not_asked : *format::check_contract(line, *asked[i].blinded);
    CHECK(finding == (i < 20    ? format::ContractFinding::listed
                      : i == 20 ? format::ContractFinding::not_asked
                                : format::ContractFinding::absent));
  }
  for (std::size_t i = 22; i < 24; ++i) {
    const format::ExclusionLine line = *format::read_exclusion(answer.lines[i], "line");
    CHECK(*proof::verify_exclusion(asked[i].piece, line.path) == head.head.root);
  }
  CHECK(world.engine->counters().audits.passed == 0);  // it proves nothing about what is held
}

TEST_CASE("inventory: heads stay answerable for two hours, over restarts") {
  InventoryWorld world;
  std::vector<format::SignedHead> heads;
  for (std::uint64_t i = 0; i < 5; ++i) {
    world.put_piece(i);
    heads.push_back(world.next_hour());
  }
  const auto status_of = [&](std::size_t i) {
    const format::InventoryRequest request{.challenge = {}, .head = heads[i].hash, .numbers = {0}};
    return world.post("/v1/inventory/audit", format::write_inventory_request(request)).status;
  };
  for (int round = 0; round < 2; ++round) {
    CHECK(status_of(4) == 200);
    CHECK(status_of(3) == 200);  // superseded now
    CHECK(status_of(2) == 200);  // an hour ago
    CHECK(status_of(1) == 410);  // two hours ago
    CHECK(status_of(0) == 410);
    const Answered answer = world.audit(heads[2].hash, {0, heads[2].head.root.blocks - 1});
    check_sample(heads[2], 0, answer.lines[0], answer.lines[1]);
    check_sample(heads[2], heads[2].head.root.blocks - 1, answer.lines[2], answer.lines[3]);
    world.restart();
  }
  const auto files = [&] {
    std::size_t count = 0;
    for (const auto& entry : fs::directory_iterator(fs::path(world.folder.path()) / "inventory"))
      count += entry.path().filename().string().starts_with("head-");
    return count;
  };
  CHECK(files() == 3);
  world.clock.advance_ms(3 * kHour * 1000);
  CHECK(status_of(3) == 410);
  CHECK(status_of(4) == 200);  // the latest stays so
  world.restart();
  CHECK(files() == 1);
  format::InventoryRequest unknown{.challenge = {}, .head = crypto::sha256(view_of("x")), .numbers = {0}};
  check_refusal(world.post("/v1/inventory/audit", format::write_inventory_request(unknown)), 404,
                "not_found");
}

TEST_CASE("inventory: bad questions") {
  InventoryWorld world;
  const format::SignedHead empty = world.head();
  const auto numbers = [&](const crypto::Hash& head, std::vector<std::uint64_t> of) {
    return world.post("/v1/inventory/audit",
                      format::write_inventory_request({.challenge = {}, .head = head, .numbers = of}));
  };
  check_refusal(numbers(empty.hash, {0}), 400, "usage", "lists nothing");
  world.put_piece(1);
  const format::SignedHead head = world.next_hour();
  check_refusal(numbers(head.hash, {0, 2}), 400, "usage", "lists 2 blocks");
  check_refusal(world.post("/v1/inventory/audit", "{}"), 400, "integrity");
  check_refusal(world.post("/v1/inventory/audit", R"({"type":"inventory-challenge","challenge":0})"), 400,
                "integrity");
  check_refusal(world.post("/v1/inventory/audit", std::string(70'000, ' ')), 413, "usage");
  check_refusal(world.post("/v1/inventory/lookup", "[]"), 400, "integrity");
  check_refusal(world.post("/v1/inventory/lookup", std::string(70'000, ' ')), 413, "usage");
  check_refusal(world.post("/v1/witness", "{\"hash\":\"00\"}"), 400, "integrity");
  check_refusal(world.post("/v1/witness", std::string(300, ' ')), 413, "usage");
  net::Request request(Method::post, "/v1/witness");
  check_refusal(world.send(std::move(request), nullptr), 401, "denied");
}

TEST_CASE("a Host witnesses a hash, and its rates hold for everything that anybody may ask") {
  InventoryWorld world;
  const crypto::Hash hash = crypto::sha256(view_of("a head"));
  const net::Response response = world.post("/v1/witness", format::write_witness_request(hash));
  REQUIRE(response.status == 200);
  const format::WitnessLine line = *format::read_witness(lines_of(response).at(0), "witness");
  CHECK(line == format::WitnessLine{.hash = hash, .witness = world.engine->id(), .time_unix_s = kNow});

  world.put_piece(1);
  const format::SignedHead head = world.next_hour();
  Options options = world.engine->options();
  options.audit_rates = {.bytes_per_s = 1, .bytes_per_s_per_peer = 1};
  world.engine->set_options(options);
  bool refused = false;
  for (int i = 0; i < 10 && !refused; ++i)
    refused = world.ask(Method::get, "/v1/inventory", nullptr).status == 429;
  CHECK(refused);
  check_refusal(world.ask(Method::get, "/v1/inventory/heads", nullptr), 429, "try_again", "audit_rate");
  check_refusal(world.post("/v1/witness", format::write_witness_request(hash)), 429, "try_again",
                "audit_rate");
  const format::InventoryRequest request{.challenge = {}, .head = head.hash, .numbers = {0}};
  check_refusal(world.post("/v1/inventory/audit", format::write_inventory_request(request)), 429, "try_again",
                "audit_rate");
  check_refusal(world.post("/v1/inventory/lookup",
                           format::write_lookup({.head = head.hash, .pieces = {{PieceId{}, std::nullopt}}})),
                429, "try_again", "audit_rate");
}

TEST_CASE("a piece that was deleted is released, not missing; one that was lost is missing") {
  InventoryWorld world;
  std::vector<PieceId> pieces;
  for (std::uint64_t i = 0; i < 6; ++i) pieces.push_back(world.put_piece(i, 4096));
  const format::SignedHead head = world.next_hour();
  REQUIRE(head.head.root.blocks == 6);
  const PieceId late = world.put_piece(100);  // in no head
  REQUIRE(world.delete_piece(late).status == 200);
  CHECK(world.inventory->releases().size() == 0);
  REQUIRE(world.delete_piece(pieces[0]).status == 200);
  fs::remove(world.file_of(pieces[1]));
  REQUIRE(world.delete_piece(pieces[2]).status == 200);
  CHECK(world.put_piece(2, 4096) == pieces[2]);  // and put again: the block is there
  world.damage(pieces[3], 100);
  CHECK(world.inventory->releases().size() == 2);

  const auto check = [&] {
    const Answered answer = world.audit(head.hash, {0, 1, 2, 3, 4, 5});
    std::size_t released = 0, missing = 0, shown = 0;
    for (std::size_t i = 0; i < 6; ++i) {
      const Shown one = check_sample(head, i, answer.lines[2 * i], answer.lines[2 * i + 1]);
      if (one.released) {
        ++released;
        CHECK(one.piece == pieces[0]);
        const format::Offer offer = *format::open_offer(one.released->offer, std::nullopt);
        const format::Deletion deletion = *format::open_deletion(*one.released->deletion, std::nullopt);
        CHECK(offer.control == deletion.control);
        CHECK(deletion.piece == pieces[0]);
        CHECK(one.released->succession.empty());
      } else if (one.missing) {
        ++missing;
        CHECK((one.piece == pieces[1] || one.piece == pieces[3]));
      } else {
        ++shown;
      }
    }
    CHECK(released == 1);
    CHECK(missing == 2);
    CHECK(shown == 3);
  };
  check();
  CHECK(world.engine->counters().audits.released == 1);
  world.restart();
  check();
  const format::SignedHead next = world.next_hour();
  CHECK(next.head.pieces == 4);  // the lost one is not listed, the damaged one was not found yet
  check();
  // Nobody can ask any more: what was kept goes.
  for (std::uint64_t i = 0; i < 4; ++i) {
    world.put_piece(200 + i);
    world.next_hour();
  }
  world.loop.run(world.inventory->forget_old());
  CHECK(world.inventory->releases().size() == 0);
}

TEST_CASE("a piece whose term is over is released, with its renewal") {
  InventoryWorld world;
  std::optional<Reaper> reaper;
  reaper.emplace(*world.engine, *world.directory, [&world] {
    return plan::ClockReading{world.clock.unix_s(), world.clock.steady_ms(), true};
  });
  world.loop.run(reaper->begin());
  const PieceId piece = world.put_piece(1, 4096);
  const PieceId other = world.put_piece(2, 4096);
  world.next_hour();
  const auto live = [&](std::int64_t days) {
    for (std::int64_t i = 0; i < days * 24; ++i) {
      world.clock.advance_ms(3600 * 1000);
      world.loop.run(reaper->look());
    }
  };
  live(44);
  world.put_piece(3, 4096);
  const format::SignedHead head = world.next_hour();
  CHECK(head.head.pieces == 3);
  live(1);
  CHECK(world.loop.run(reaper->reap()) == 2);
  CHECK(!fs::exists(world.file_of(piece)));
  CHECK(world.inventory->releases().size() == 2);
  const Answered answer = world.audit(head.hash, {0, 1, 2});
  std::set<PieceId> released;
  for (std::size_t i = 0; i < 3; ++i) {
    const Shown shown = check_sample(head, i, answer.lines[2 * i], answer.lines[2 * i + 1]);
    CHECK(!shown.missing);
    if (shown.released) CHECK(!shown.released->deletion);
    if (shown.released) released.insert(shown.piece);
  }
  CHECK(released == std::set{piece, other});
}

TEST_CASE("of several contracts about a listed piece the last stays until no head lists them together") {
  InventoryWorld world({.accept_any = true});
  const PieceId piece = world.put_piece(1, 4096);
  const Bytes body = noise(4096, 1);
  format::Offer offer = world.offer_for(body);
  offer.account = world.stranger.id;
  REQUIRE(
      world.put(piece, body, *format::sign_offer(offer, world.stranger.key), &world.stranger.tls).status ==
      201);
  const format::SignedHead both = world.next_hour();
  REQUIRE(world.delete_piece(piece, world.peer.id).status == 200);
  check_refusal(world.delete_piece(piece, world.stranger.id), 503, "try_again", "can go later");
  const Answered answer = world.audit(both.hash, {0});
  CHECK(!check_sample(both, 0, answer.lines[0], answer.lines[1]).missing);
  world.next_hour();
  world.clock.advance_ms(2 * kHour * 1000);
  world.loop.run(world.inventory->forget_old());
  CHECK(world.delete_piece(piece, world.stranger.id).status == 200);
}

TEST_CASE("of several contracts about a listed piece that end together the last stays") {
  InventoryWorld world({.accept_any = true});
  std::optional<Reaper> reaper;
  reaper.emplace(*world.engine, *world.directory, [&world] {
    return plan::ClockReading{world.clock.unix_s(), world.clock.steady_ms(), true};
  });
  world.loop.run(reaper->begin());
  const PieceId piece = world.put_piece(1, 4096);
  const Bytes body = noise(4096, 1);
  format::Offer offer = world.offer_for(body);
  offer.account = world.stranger.id;
  offer.until_unix_s = world.clock.unix_s() + 30 * 86400;
  REQUIRE(
      world.put(piece, body, *format::sign_offer(offer, world.stranger.key), &world.stranger.tls).status ==
      201);
  world.next_hour();
  const auto live = [&](std::int64_t days) {
    for (std::int64_t i = 0; i < days * 24; ++i) {
      world.clock.advance_ms(3600 * 1000);
      world.loop.run(reaper->look());
    }
  };
  live(44);
  world.put_piece(3, 4096);
  const format::SignedHead head = world.next_hour();
  REQUIRE(head.head.pieces == 2);
  live(1);
  CHECK(world.loop.run(reaper->reap()) == 1);
  CHECK(world.store->contracts_of(piece) == 1);
  const Answered answer = world.audit(head.hash, {0, 1});
  for (std::size_t i = 0; i < 2; ++i)
    CHECK(!check_sample(head, i, answer.lines[2 * i], answer.lines[2 * i + 1]).missing);
}

TEST_CASE("a Host that cannot open a file just now does not sign that the block is missing") {
  InventoryWorld world;
  world.put_piece(1, 4096);
  const format::SignedHead head = world.next_hour();
  CHECK(!check_sample(head, 0, world.audit(head.hash, {0}).lines[0], world.audit(head.hash, {0}).lines[1])
             .missing);  // all else that it opens once is open
  const format::InventoryRequest request{.challenge = {}, .head = head.hash, .numbers = {0}};
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  const int next = ::dup(0);
  REQUIRE(next >= 0);
  ::close(next);
  const rlimit none{.rlim_cur = static_cast<rlim_t>(next), .rlim_max = before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
  const net::Response refused =
      world.post("/v1/inventory/audit", format::write_inventory_request(request));
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  CHECK(refused.status == 503);
  const Answered answer = world.audit(head.hash, {0});
  CHECK(!check_sample(head, 0, answer.lines[0], answer.lines[1]).missing);
}

TEST_CASE("where deletions leave no room to say why, there is no head rather than a missing piece") {
  InventoryWorld world;
  const PieceId first = world.put_piece(1, 4096), second = world.put_piece(2, 4096);
  world.put_piece(3, 4096);
  const format::SignedHead head = world.next_hour();
  REQUIRE(world.delete_piece(first).status == 200);
  Releases& releases = world.inventory->releases();
  std::vector<format::ReleasedLine> lines(500);
  std::uint64_t number = 0;
  while (releases.has_room(std::uint64_t{500} * 6000)) {
    for (format::ReleasedLine& line : lines) {
      std::ranges::copy(big_endian(number++), line.piece.bytes.begin());
      line.offer = std::string(5500, 'o');
      line.acceptance = std::to_string(number);
      line.deletion = "deletion";
    }
    REQUIRE(releases.keep(lines, world.clock.unix_s()).has_value());
  }
  lines.resize(1);
  while (releases.has_room(4096)) {
    std::ranges::copy(big_endian(number++), lines[0].piece.bytes.begin());
    REQUIRE(releases.keep(lines, world.clock.unix_s()).has_value());
  }
  REQUIRE(world.delete_piece(second).status == 200);
  CHECK(releases.size() == 0);
  const format::InventoryRequest request{.challenge = {}, .head = head.hash, .numbers = {0, 1, 2}};
  const auto body = format::write_inventory_request(request);
  CHECK(world.post("/v1/inventory/audit", body).status == 410);
  world.restart();
  CHECK(world.post("/v1/inventory/audit", body).status == 410);
  const format::SignedHead next = world.next_hour();
  CHECK(next.head.pieces == 1);
  CHECK(next.head.previous == head.hash);
}

TEST_CASE("a clock that runs ahead makes no head of the future") {
  InventoryWorld world;
  const format::SignedHead head = world.head();
  world.put_piece(1);
  world.engine->clock_report().trusted_unix_s = world.clock.unix_s();
  world.engine->clock_report().gap_s = 10 * 86400;
  world.clock.advance_ms(10 * 86400 * 1000LL);
  CHECK(world.head().hash == head.hash);
  world.engine->clock_report().gap_s = 10;
  const format::SignedHead next = world.head();
  CHECK(next.head.previous == head.hash);
  world.put_piece(2);
  world.clock.advance_ms(-20 * 86400 * 1000LL);  // set back
  CHECK(world.head().hash == next.hash);
}

TEST_CASE("released tokens are bounded: the oldest go first, and what can wait does") {
  TemporaryFolder folder;
  const auto directory = *sys::open_directory(folder.path());
  REQUIRE(directory->make_folder(sys::Path{kInventoryFolder}).has_value());
  Releases releases(*directory);
  REQUIRE(releases.load()->empty());
  std::vector<format::ReleasedLine> lines(500);
  std::uint64_t number = 0;
  std::vector<format::ReleasedLine> firsts;
  for (std::int64_t batch = 0; batch < 24; ++batch) {
    for (format::ReleasedLine& line : lines) {
      std::ranges::copy(big_endian(number++), line.piece.bytes.begin());
      line.offer = std::string(5900, 'o');
      line.acceptance = std::to_string(number);
      line.deletion = "deletion";
    }
    firsts.push_back(lines[0]);
    REQUIRE(releases.keep(lines, kNow + batch).has_value());
    CHECK(releases.bytes() <= kReleasedBytesMax);
  }
  CHECK(releases.bytes() > kReleasedBytesMax / 2);
  CHECK(!releases.has_room(std::uint64_t{8} << 20));
  const auto find = [&](Releases& in, const format::ReleasedLine& line) {
    return *in.find(line.piece, proof::blinded_contract(format::contract_hash(line.acceptance)));
  };
  CHECK(!find(releases, firsts.front()));
  REQUIRE(find(releases, firsts.back()));
  CHECK(find(releases, firsts.back())->offer == firsts.back().offer);
  CHECK(!releases.find(firsts.back().piece, crypto::Hash{}).value());

  Releases again(*directory);
  REQUIRE(again.load()->empty());
  CHECK(again.size() == releases.size());
  CHECK(again.bytes() == releases.bytes());
  CHECK(find(again, firsts[20])->piece == firsts[20].piece);
  again.drop_before(kNow + 23);
  CHECK(again.size() == 500);
  again.drop_before(kNow + 24);
  CHECK(again.size() == 0);
  CHECK(fs::is_empty(fs::path(folder.path()) / "inventory"));
}

}  // namespace
}  // namespace inxt::host
