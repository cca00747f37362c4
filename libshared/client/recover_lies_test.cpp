// SPDX-License-Identifier: AGPL-3.0-or-later
// Recovery where somebody lies: caretakers in tags, writers in ids, and whoever alters what was noted.
#include <doctest/doctest.h>

#include <fstream>

#include "client/recover_contract.h"
#include "client/recover_manifest.h"
#include "format/generation.h"
#include "format/manifest_writer.h"
#include "net/event_loop.h"
#include "support/scratch_folder.h"
#include "support/storing_hosts.h"
#include "transfer/offer_maker.h"

namespace inxt::client {
namespace {

constexpr std::int64_t kNow = 1'800'000'000;

keys::Key owner() {
  return keys::Key::of_owner(keys::OwnerKeys::from_entropy(Bytes(32, std::byte{1})));
}

HostId host_id(std::uint8_t number) {
  ByteArray<32> seed;
  seed.fill(std::byte{number});
  return HostId{crypto::SigningKey::from_seed(seed).public_key()};
}

/// A file of one segment in two mirrors, as its writer described it.
struct Draft {
  Draft(const keys::Key& key, std::uint64_t number, std::uint32_t uploader = 0,
        std::optional<FileId> as_file = {})
      : random(number) {
    const auto writer_keys = *key.uploader(uploader);
    const auto generation = format::Generation::fresh(random);
    format::ManifestWriter writer(writer_keys.writer());
    format::PrivatePart part;
    part.name = "a name";
    format::Header header{.file = as_file.value_or(generation.file()),
                          .writer = writer_keys.writer_id(),
                          .uploader = uploader,
                          .certificate = {},
                          .commitment = generation.commitment(),
                          .private_part = *generation.seal_private(random, part)};
    REQUIRE(writer.header(header));
    writer.stanza(*generation.stanza_for(key.recipient(), keys::recipient_text(key.recipient())));
    format::Layout layout{.k = 1, .m = 0, .mirrors = 2, .shard_bytes = 4096, .seal_key = {}};
    writer.layout(layout);
    for (std::uint32_t mirror = 0; mirror < 2; ++mirror) {
      format::PieceLine piece;
      piece.place = {.segment = 0, .shard = 0, .mirror = mirror};
      piece.size = 4096;
      random.fill(piece.id.bytes);
      piece.last = 4096;
      writer.piece(piece);
      pieces.push_back(piece);
      lines.push_back(writer.last_piece_line());
    }
    chain = writer.chain();
  }

  /// What a Host shows of one of its pieces, by the account of `uploader`.
  transfer::HeldPiece held(const keys::Key& key, std::uint32_t uploader, const HostId& host,
                           std::size_t piece = 0) {
    const auto account = *key.uploader(uploader);
    const sys::ManualClock clock(kNow);
    const transfer::OfferMaker offers(account, key.recipient(), clock, random, 86400);
    format::Descriptor at;
    at.host = host;
    at.term_seconds_max = 86400;
    transfer::HeldPiece out;
    out.piece = pieces[piece].id;
    out.size = pieces[piece].size;
    out.offer = offers.make(at, chain, pieces[piece], lines[piece])->token;
    return out;
  }
  FoundPiece found(std::size_t piece = 0) const {
    return {.header_line = chain.header_line,
            .layout_line = chain.layout_line,
            .piece_line = lines[piece],
            .sealed_secret = chain.stanzas[0].sealed_secret,
            .file = chain.header->file,
            .uploader = chain.header->uploader,
            .layout = *chain.layout,
            .piece = pieces[piece]};
  }

  crypto::SeededRandom random;
  format::Chain chain;
  std::vector<format::PieceLine> pieces;
  std::vector<std::string> lines;
};

std::string text_of_file(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}
void write_file(const std::string& path, std::string_view text) {
  std::ofstream(path, std::ios::trunc) << text;
}

TEST_CASE("a caretaker's tag with another secret than the file's is passed over, its true one is not") {
  crypto::start();
  const auto key = owner();
  OwnWriters writers(key);
  const auto host = host_id(1);
  constexpr auto kCaretaker = format::kCaretakersBegin;
  const auto account = key.uploader(kCaretaker)->account_id(host);
  Draft draft(key, 1);
  for (int twice = 0; twice < 2; ++twice)
    CHECK(read_contract(key, writers, draft.held(key, kCaretaker, host), host, account).has_value());

  // It has all lines, and seals a secret of its own to the owner; or none at all.
  Draft lying(key, 1);
  Draft another(key, 2);
  lying.chain.stanzas[0].sealed_secret = another.chain.stanzas[0].sealed_secret;
  for (int twice = 0; twice < 2; ++twice) {
    const auto refused = read_contract(key, writers, lying.held(key, kCaretaker, host), host, account);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == Code::denied);
  }
  lying.chain.stanzas[0].sealed_secret.assign(format::kSealedSecretBytes, std::byte{7});
  CHECK_FALSE(read_contract(key, writers, lying.held(key, kCaretaker, host), host, account).has_value());
}

TEST_CASE("two files of one id are two files, whoever was found first") {
  crypto::start();
  const testing::ScratchFolder folder;
  const auto key = owner();
  auto state = *RecoverState::open((folder.path() / "state").string(), key.owner_id(), kNow);
  Draft mine(key, 1);
  Draft theirs(key, 2, 5, mine.chain.header->file);  // a delegated machine's, which knows the id
  REQUIRE(state.add(host_id(1), 5, {theirs.found()}, {}, true));
  REQUIRE(state.add(host_id(1), 0, {mine.found()}, {}, true));
  CHECK(state.find(theirs.chain.header_line, theirs.chain.layout_line) == 0U);
  CHECK(state.find(mine.chain.header_line, mine.chain.layout_line) == 1U);
  CHECK_FALSE(state.find(mine.chain.header_line, theirs.chain.layout_line + " "));
}

TEST_CASE("a file that is no state is not overwritten; one that was cut off is begun again") {
  crypto::start();
  const testing::ScratchFolder folder;
  const auto path = (folder.path() / "state").string();
  const auto key = owner();
  for (const std::string text : {"something of the owner's", "x", R"({"type":"other")"}) {
    write_file(path, text);
    const auto refused = RecoverState::open(path, key.owner_id(), kNow);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == Code::integrity);
    CHECK(text_of_file(path) == text);
  }
  write_file(path, "");
  REQUIRE(RecoverState::open(path, key.owner_id(), kNow).has_value());
  const auto whole = text_of_file(path);
  for (std::size_t bytes = 1; bytes < whole.size(); ++bytes) {
    write_file(path, std::string_view(whole).substr(0, bytes));
    const auto again = RecoverState::open(path, key.owner_id(), kNow + 1);
    if (!again) FAIL_CHECK(bytes << ": " << again.error().what);
  }
}

struct RecoverLiesWorld {
  RecoverLiesWorld() : account(key.uploader(0)->clone()), hosts(account) { hosts.add(1); }
  Result<RebuiltManifest> rebuild(const RecoverState& state) {
    RecoverWorld world{.network = {hosts, loop.executor(), workers, clock, random},
                       .service_of = [this](std::uint32_t) -> transfer::PieceService& { return hosts; },
                       .key = key,
                       .state = state,
                       .holders = holders,
                       .hosts = {},
                       .stopped = {}};
    return loop.run(rebuild_manifest(world, 0));
  }
  keys::Key key = owner();
  keys::UploaderKeys account;
  sys::ManualClock clock{kNow};
  crypto::SeededRandom random{7};
  net::EventLoop loop;
  net::WorkerPool workers;
  testing::StoringHosts hosts;
  Holders holders;
};

TEST_CASE("a state that was altered is an error, and nothing worse") {
  crypto::start();
  const testing::ScratchFolder folder;
  const auto path = (folder.path() / "state").string();
  RecoverLiesWorld world;
  Draft draft(world.key, 1);
  {
    auto state = *RecoverState::open(path, world.key.owner_id(), kNow);
    REQUIRE(state.add(host_id(1), 0, {draft.found(0), draft.found(1)}, {}, true));
    state.sort();
    REQUIRE(world.rebuild(state).has_value());
  }
  const auto whole = text_of_file(path);
  const auto altered = [&](std::string_view from, std::string_view to) {
    auto text = whole;
    const auto at = text.find(from);
    REQUIRE(at != text.npos);
    write_file(path, text.replace(at, from.size(), to));
    auto state = RecoverState::open(path, world.key.owner_id(), kNow);
    if (!state) return state.error().code;
    state->sort();
    const auto rebuilt = world.rebuild(*state);
    return rebuilt ? Code::failure : rebuilt.error().code;
  };
  CHECK(altered(R"(\"shard\":0,\"mirror\":0)", R"(\"shard\":9,\"mirror\":0)") == Code::integrity);
  CHECK(altered(R"(\"shard\":0,\"mirror\":1)", R"(\"shard\":0,\"mirror\":9)") == Code::integrity);
  CHECK(altered(R"(\"size\":4096)", R"(\"size\":4080)") == Code::integrity);
  CHECK(altered(R"(\"last\":4096)", R"(\"last\":4095)") == Code::integrity);
}

TEST_CASE("a line about a segment far away costs no more than its name") {
  crypto::start();
  const testing::ScratchFolder folder;
  RecoverLiesWorld world;
  Draft draft(world.key, 1);
  auto far = draft.found();
  // As a machine that was stolen can sign it.
  far.piece.place.segment = format::kSegmentsMax - 1;
  const auto at = far.piece_line.find(R"("segment":0)");
  REQUIRE(at != std::string::npos);
  far.piece_line.replace(at, 11, R"("segment":4294967295)");
  auto state = *RecoverState::open((folder.path() / "state").string(), world.key.owner_id(), kNow);
  REQUIRE(state.add(host_id(1), 0, {far}, {}, true));
  state.sort();
  const auto rebuilt = world.rebuild(state);
  REQUIRE_FALSE(rebuilt.has_value());
  CHECK(rebuilt.error().code == Code::too_few_pieces);
  CHECK(rebuilt.error().what.find("and more") != std::string::npos);
}

}  // namespace
}  // namespace inxt::client
