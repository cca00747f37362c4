// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/inventory_answer.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "format/contract_release.h"
#include "format/succession.h"
#include "proof/chain.h"
#include "support/inventory_host.h"

namespace inxt::client {
namespace {

using proof::Outcome;
using testing::InventoryHost;
using testing::kAnswerTime;
using testing::SampleLines;

proof::Beacon beacon(unsigned number = 7) {
  proof::Beacon out;
  out.fill(static_cast<std::byte>(number));
  return out;
}

struct Asked {
  InventoryChallenge challenge;
  InventoryPart part;
  std::string answer;
  Result<InventoryAnswer> checked = fail(Code::failure, "not asked");

  std::vector<Outcome> outcomes() const {
    if (!checked) FAIL(checked.error().what);
    std::vector<Outcome> out;
    for (const auto& finding : checked->findings) out.push_back(finding.outcome);
    return out;
  }
  std::size_t count(Outcome outcome) const {
    return static_cast<std::size_t>(std::ranges::count(outcomes(), outcome));
  }
};

Asked ask(const InventoryHost& host, std::uint64_t samples, Sampling sampling,
          std::int64_t received = kAnswerTime) {
  Asked out;
  out.challenge = derive_inventory_challenge(beacon(), host.head, samples, sampling).value();
  out.part = inventory_part(out.challenge, 0, proof::kChainStart);
  out.answer = host.audit(out.part.body);
  out.checked = check_inventory_answer(out.challenge, out.part, out.answer, received);
  return out;
}

const std::vector<std::size_t> kManySizes(40, 8 * 4096);
const std::vector<std::size_t> kSizes{5000, 16, 4096, 12'288, 20'001};  // 2 + 1 + 1 + 3 + 5 blocks

std::string with(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  REQUIRE(at != text.npos);
  return text.replace(at, from.size(), to);
}

/// A released line from its parts.
std::string released_line(const testing::Contract& contract, std::optional<std::string> deletion) {
  return format::write_released({.piece = contract.offer.piece,
                                 .offer = contract.offer_token,
                                 .acceptance = contract.acceptance_token,
                                 .deletion = std::move(deletion)});
}

TEST_CASE("every block of an honest Host is held, and each number falls on the block it should") {
  const InventoryHost host(1, kSizes);
  REQUIRE(host.head.head.root.blocks == 12);
  const auto asked = ask(host, 460, Sampling::drawn);
  CHECK(asked.challenge.samples == 12);
  CHECK(asked.count(Outcome::held) == 12);
  CHECK(asked.checked->time_unix_s == kAnswerTime);
  std::set<std::pair<PieceId, std::uint64_t>> shown;
  std::set<std::uint64_t> numbers;
  for (const auto& finding : asked.checked->findings) {
    shown.insert({finding.piece, finding.block});
    numbers.insert(finding.number);
  }
  CHECK(shown.size() == 12);
  CHECK(*numbers.rbegin() == 11);
  // Two auditors with the same inputs ask the same; another beacon, head, Host or count asks otherwise.
  CHECK(derive_inventory_challenge(beacon(), host.head, 460, Sampling::drawn)->hash == asked.challenge.hash);
  CHECK(derive_inventory_challenge(beacon(8), host.head, 460, Sampling::drawn)->hash != asked.challenge.hash);
  CHECK(derive_inventory_challenge(beacon(), host.head, 11, Sampling::drawn)->hash != asked.challenge.hash);
  CHECK(derive_inventory_challenge(beacon(), InventoryHost(2, kSizes).head, 460, Sampling::drawn)->hash !=
        asked.challenge.hash);
  CHECK(derive_inventory_challenge(beacon(), host.head, 0, Sampling::drawn).error().code == Code::usage);
  CHECK(derive_inventory_challenge(beacon(), host.head, proof::kSamplesMax + 1, Sampling::chained)
            .error()
            .code == Code::usage);
  // An empty inventory has nothing to ask for.
  const InventoryHost empty(3, {});
  for (const auto sampling : {Sampling::drawn, Sampling::chained}) {
    const auto nothing = derive_inventory_challenge(beacon(), empty.head, 460, sampling).value();
    CHECK(nothing.samples == 0);
    CHECK(parts_of(nothing) == 0);
  }
}

TEST_CASE("a chain goes on over the parts, and each number hangs on the block before") {
  const InventoryHost host(1, kManySizes);  // 320 blocks
  const auto challenge = derive_inventory_challenge(beacon(), host.head, 300, Sampling::chained).value();
  CHECK(challenge.samples == 300);
  REQUIRE(parts_of(challenge) == 2);
  auto previous = proof::kChainStart;
  std::vector<std::uint64_t> numbers;
  for (std::uint64_t number = 0; number < 2; ++number) {
    const auto part = inventory_part(challenge, number, previous);
    CHECK(part.count == (number == 0 ? 256 : 44));
    const auto checked = check_inventory_answer(challenge, part, host.audit(part.body), kAnswerTime);
    REQUIRE(checked);
    for (const auto& finding : checked->findings) {
      CHECK(finding.outcome == Outcome::held);
      numbers.push_back(finding.number);
    }
    previous = checked->link;
  }
  CHECK(previous != proof::kChainStart);
  CHECK(std::set(numbers.begin(), numbers.end()).size() < 300);  // some come again
  CHECK(numbers[0] == proof::chain_draw(challenge.hash, 0, proof::kChainStart, 320));

  // Who says that a block is missing changes what comes next, and it is counted.
  InventoryHost cheater(1, kManySizes);
  cheater.cheat = [&](std::uint64_t index, std::uint64_t, SampleLines& lines) {
    if (index == 3)
      lines.shown =
          with(lines.shown, lines.shown.substr(lines.shown.find(",\"size\"")), ",\"missing\":true}\n");
  };
  const auto other = ask(cheater, 300, Sampling::chained);
  CHECK(other.count(Outcome::missing) == 1);
  CHECK(other.count(Outcome::held) == 255);
  CHECK(other.checked->findings[3].number == numbers[3]);
  CHECK(other.checked->findings[4].number == proof::chain_draw(challenge.hash, 4, proof::kChainStart, 320));
  // An answer to the chain with another start is no answer to this one.
  const auto moved = inventory_part(challenge, 0, proof::ChainLink{crypto::sha256({})});
  CHECK_FALSE(check_inventory_answer(challenge, inventory_part(challenge, 0, proof::kChainStart),
                                     host.audit(moved.body), kAnswerTime));
}

TEST_CASE("what a Host signs instead of its block is named, and counts alone") {
  struct Case {
    Outcome outcome;
    std::function<void(const InventoryHost&, std::uint64_t number, SampleLines&)> cheat;
  };
  const auto other_number = [](std::uint64_t number) { return (number + 6) % 12; };
  const auto data_of = [](const std::string& line) {
    const auto begin = line.find("\"data\":\"") + 8;
    return line.substr(begin, line.find('"', begin) - begin);
  };
  const std::vector<Case> cases{
      {Outcome::missing,
       [](const InventoryHost&, std::uint64_t, SampleLines& lines) {
         lines.shown =
             with(lines.shown, lines.shown.substr(lines.shown.find(",\"size\"")), ",\"missing\":true}\n");
       }},
      {Outcome::other_block,  // of another piece
       [&](const InventoryHost& host, std::uint64_t number, SampleLines& lines) {
         lines.shown = host.show(other_number(number)).shown;
       }},
      {Outcome::malformed,  // no proof at all
       [](const InventoryHost&, std::uint64_t, SampleLines& lines) {
         lines.shown = "{\"type\":\"inclusion\"}\n";
       }},
      {Outcome::malformed,
       [](const InventoryHost&, std::uint64_t, SampleLines& lines) { lines.shown = "nothing\n"; }},
      {Outcome::wrong_size,
       [](const InventoryHost&, std::uint64_t, SampleLines& lines) {
         lines.shown = with(lines.shown, "\"size\":", "\"size\":1");
       }},
      {Outcome::wrong_length,
       [&](const InventoryHost&, std::uint64_t, SampleLines& lines) {
         lines.shown = with(lines.shown, data_of(lines.shown), "");
       }},
      {Outcome::wrong_data,
       [&](const InventoryHost&, std::uint64_t, SampleLines& lines) {
         auto data = data_of(lines.shown);
         const auto changed = std::string(1, data[0] == 'A' ? 'B' : 'A') + data.substr(1);
         lines.shown = with(lines.shown, data, changed);
       }},
      {Outcome::wrong_path,
       [&](const InventoryHost&, std::uint64_t, SampleLines& lines) {
         const std::string hash = "\"" + std::string(43, 'A') + "\"";
         lines.shown =
             with(lines.shown, "\"path\":[",
                  lines.shown.contains("\"path\":[]") ? "\"path\":[" + hash : "\"path\":[" + hash + ",");
       }},
      {Outcome::bad_inclusion,  // of a piece that the number does not fall on
       [&](const InventoryHost& host, std::uint64_t number, SampleLines& lines) {
         lines = host.show(other_number(number));
       }},
      {Outcome::bad_inclusion,  // sums that lead to another number
       [](const InventoryHost&, std::uint64_t, SampleLines& lines) {
         const auto at = lines.inclusion.find("\"size\":") + 7;
         lines.inclusion.insert(at, "1");
       }},
      {Outcome::bad_inclusion,
       [](const InventoryHost&, std::uint64_t, SampleLines& lines) {
         lines.inclusion = with(lines.inclusion, "\"count\":1", "\"count\":2");
       }},
      {Outcome::bad_inclusion,
       [](const InventoryHost&, std::uint64_t, SampleLines& lines) { lines.inclusion = "{}\n"; }},
      {Outcome::bad_inclusion,  // of the head before
       [](const InventoryHost& host, std::uint64_t number, SampleLines& lines) {
         InventoryHost before(1, {5000, 16, 4096, 12'288});
         if (number < before.head.head.root.blocks)
           lines = before.show(number);
         else
           lines = host.show((number + 6) % 12);
       }},
      {Outcome::bad_release,  // of a contract that was not ended
       [](const InventoryHost& host, std::uint64_t number, SampleLines& lines) {
         const auto leaf = host.leaves()[proof::locate_leaf(host.leaves(), number)->index];
         lines.shown = released_line(host.pieces.at(leaf.piece).contracts[0], std::nullopt);
       }},
      {Outcome::bad_release, [](const InventoryHost&, std::uint64_t,
                                SampleLines& lines) { lines.shown = "{\"type\":\"released\"}\n"; }},
  };
  for (std::size_t i = 0; i < cases.size(); ++i) {
    CAPTURE(i);
    for (const auto sampling : {Sampling::drawn, Sampling::chained}) {
      InventoryHost host(1, kSizes);
      host.cheat = [&](std::uint64_t index, std::uint64_t number, SampleLines& lines) {
        if (index == 5) cases[i].cheat(host, number, lines);
      };
      const auto asked = ask(host, 12, sampling);
      CHECK(asked.count(Outcome::held) == 11);
      CHECK(asked.outcomes()[5] == cases[i].outcome);
      if (cases[i].outcome == Outcome::bad_inclusion) CHECK(asked.checked->findings[5].piece == PieceId{});
    }
  }
}

TEST_CASE("a piece that its owner deleted is released, and nothing else is taken for that") {
  InventoryHost host(1, {5000});
  const auto& contract = host.pieces.begin()->second.contracts[0];
  const auto piece = contract.offer.piece;
  const auto outcome_of = [&](const std::string& line, std::int64_t received = kAnswerTime) {
    host.released[piece] = line;
    const auto asked = ask(host, 2, Sampling::drawn, received);
    const auto outcomes = asked.outcomes();
    CHECK(outcomes[0] == outcomes[1]);
    // The same on its own, chained, and after it the chain begins anew.
    const auto chained = ask(host, 1, Sampling::chained, received);
    CHECK(chained.outcomes()[0] == outcomes[0]);
    CHECK(chained.checked->link == proof::kChainStart);
    return outcomes[0];
  };
  CHECK(outcome_of(released_line(contract, contract.deletion())) == Outcome::released);

  const auto deletion_by = [&](const crypto::SigningKey& key, const HostId& at, const PieceId& of,
                               const AccountId& whose) {
    return *format::sign_deletion({.control = key.public_key(),
                                   .host = at,
                                   .piece = of,
                                   .account = whose,
                                   .issued_unix_s = kAnswerTime,
                                   .expires_unix_s = kAnswerTime + 1},
                                  key);
  };
  const auto& offer = contract.offer;
  const HostId elsewhere{testing::key_number(77).public_key()};
  const AccountId stranger{testing::key_number(78).public_key()};
  CHECK(outcome_of(released_line(contract, deletion_by(contract.account(), offer.host, piece,
                                                       offer.account))) == Outcome::bad_release);
  CHECK(outcome_of(released_line(contract, deletion_by(contract.control(), elsewhere, piece,
                                                       offer.account))) == Outcome::bad_release);
  CHECK(outcome_of(released_line(contract, deletion_by(contract.control(), offer.host, PieceId{},
                                                       offer.account))) == Outcome::bad_release);
  CHECK(outcome_of(released_line(contract, deletion_by(contract.control(), offer.host, piece, stranger))) ==
        Outcome::bad_release);
  CHECK(outcome_of(released_line(contract, "a.b.c")) == Outcome::bad_release);
  CHECK(outcome_of(released_line(contract, std::nullopt)) == Outcome::bad_release);  // the term is not over
  // A contract that the Host made up with itself afterwards: the inventory has another.
  const auto made_up = testing::make_contract(host.key, piece, 5000, 999);
  CHECK(outcome_of(released_line(made_up, made_up.deletion())) == Outcome::bad_release);
  // One of another Host, of another size, and one that the Host never accepted.
  const auto others = testing::make_contract(testing::key_number(77), piece, 5000, 999);
  CHECK(outcome_of(released_line(others, others.deletion())) == Outcome::bad_release);
  const auto larger = testing::make_contract(host.key, piece, 5001, 999);
  CHECK(outcome_of(released_line(larger, larger.deletion())) == Outcome::bad_release);
  auto unaccepted = contract;
  unaccepted.acceptance_token = made_up.acceptance_token;
  CHECK(outcome_of(released_line(unaccepted, contract.deletion())) == Outcome::bad_release);
  auto line = released_line(contract, contract.deletion());
  CHECK(outcome_of(with(line, piece.hex(), PieceId{}.hex())) == Outcome::bad_release);

  // A second contract about the piece keeps it, whatever became of the first.
  InventoryHost two(1, {});
  const auto& kept = two.add(1, 5000, 2);
  two.make_head(testing::kHeadTime, std::nullopt);
  const auto& first = two.pieces.at(kept).contracts[0];
  two.released[kept] = released_line(first, first.deletion());
  CHECK(ask(two, 2, Sampling::drawn).count(Outcome::bad_release) == 2);
}

TEST_CASE("a Bridge's release lets a contract go, and whose word it is stands in the finding") {
  InventoryHost host(1, {5000});
  const auto piece = host.pieces.begin()->first;
  const auto contract = host.pieces.begin()->second.contracts[0];
  const auto bridge = testing::key_number(60);
  format::ContractRelease good;
  good.bridge = bridge.public_key();
  good.host = host.id();
  good.piece = piece;
  good.account = contract.offer.account;
  good.contract = contract.hash();
  good.successor = HostId{testing::key_number(61).public_key()};
  good.successor_contract.fill(std::byte{9});
  good.issued_unix_s = kAnswerTime - 100;
  good.expires_unix_s = kAnswerTime - 90;  // it was over when it was used as evidence
  const auto finding_of = [&](const auto& change) {
    format::ContractRelease release = good;
    change(release);
    format::ReleasedLine line{
        .piece = piece, .offer = contract.offer_token, .acceptance = contract.acceptance_token};
    line.release = *format::sign_release(release, bridge);
    host.released[piece] = format::write_released(line);
    const auto asked = ask(host, 1, Sampling::drawn);
    REQUIRE(asked.checked);
    return asked.checked->findings[0];
  };
  const auto released = finding_of([](auto&) {});
  CHECK(released.outcome == Outcome::released);
  CHECK(released.released_by == bridge.public_key());
  const auto bad = [&](const auto& change) {
    const auto finding = finding_of(change);
    CHECK_FALSE(finding.released_by.has_value());
    return finding.outcome == Outcome::bad_release;
  };
  CHECK(bad([](auto& release) { release.host = HostId{testing::key_number(62).public_key()}; }));
  CHECK(bad([](auto& release) { release.piece.bytes[0] ^= std::byte{1}; }));
  CHECK(bad([](auto& release) { release.account.bytes[0] ^= std::byte{1}; }));
  CHECK(bad([](auto& release) { release.contract[0] ^= std::byte{1}; }));
}

TEST_CASE("a term that is over releases, with the latest renewal that the Host shows") {
  const auto until = kAnswerTime - 1000;
  InventoryHost host(1, {5000});
  const auto piece = host.pieces.begin()->first;
  const auto contract = testing::make_contract(host.key, piece, 5000, 500, until);
  host.pieces.begin()->second.contracts = {contract};
  host.make_head(testing::kHeadTime, std::nullopt);
  const auto outcome_of = [&](const std::string& line) {
    host.released[piece] = line;
    return ask(host, 1, Sampling::drawn).outcomes()[0];
  };
  CHECK(outcome_of(released_line(contract, std::nullopt)) == Outcome::released);
  host.time_unix_s = until;
  CHECK(outcome_of(released_line(contract, std::nullopt)) == Outcome::bad_release);
  host.time_unix_s = until + 1;
  CHECK(outcome_of(released_line(contract, std::nullopt)) == Outcome::released);
  host.time_unix_s = kAnswerTime;

  const auto renewed_until = [&](std::int64_t end, const crypto::SigningKey& control) {
    const auto renewal = *format::sign_renewal({.control = control.public_key(),
                                                .host = host.id(),
                                                .contract = contract.hash(),
                                                .piece = piece,
                                                .account = contract.offer.account,
                                                .from_unix_s = until,
                                                .until_unix_s = end,
                                                .price = 0,
                                                .issued_unix_s = until - 50,
                                                .expires_unix_s = until},
                                               control);
    format::ReleasedLine line{
        .piece = piece, .offer = contract.offer_token, .acceptance = contract.acceptance_token};
    line.renewal = renewal;
    line.renewal_acceptance = *format::sign_renewal_acceptance({.host = host.id(),
                                                                .renewal = format::renewal_hash(renewal),
                                                                .account = contract.offer.account,
                                                                .piece = piece,
                                                                .size = 5000,
                                                                .until_unix_s = end,
                                                                .price = 0,
                                                                .issued_unix_s = until - 40},
                                                               host.key);
    return format::write_released(line);
  };
  CHECK(outcome_of(renewed_until(kAnswerTime - 10, contract.control())) == Outcome::released);
  CHECK(outcome_of(renewed_until(kAnswerTime, contract.control())) == Outcome::bad_release);
  CHECK(outcome_of(renewed_until(kAnswerTime - 10, contract.account())) == Outcome::bad_release);

  // A Host that dates its answer ahead could end every contract: that is no answer at all.
  host.time_unix_s = kAnswerTime + 3601;
  host.released[piece] = released_line(contract, std::nullopt);
  CHECK(ask(host, 1, Sampling::drawn, kAnswerTime + 1).checked);
  const auto dated = ask(host, 1, Sampling::drawn, kAnswerTime).checked;
  REQUIRE_FALSE(dated);
  CHECK(dated.error().code == Code::integrity);
  CHECK(dated.error().what.contains("3601 seconds ahead"));
  host.released.clear();
  CHECK(
      ask(host, 1, Sampling::drawn, kAnswerTime).checked);  // and a clock that is off harms nobody otherwise
}

TEST_CASE("a Host that has rotated its key shows the contracts of its old one") {
  const auto old_key = testing::key_number(50), middle = testing::key_number(51);
  InventoryHost host(1, {5000});
  const auto piece = host.pieces.begin()->first;
  const auto contract = testing::make_contract(old_key, piece, 5000, 500);
  host.pieces.begin()->second.contracts = {contract};
  host.make_head(testing::kHeadTime, std::nullopt);
  const auto link = [](const crypto::SigningKey& from, const HostId& to) {
    return *format::sign_succession(to, 1'750'000'000, from);
  };
  const HostId middle_id{middle.public_key()};
  format::ReleasedLine line{
      .piece = piece, .offer = contract.offer_token, .acceptance = contract.acceptance_token};
  line.deletion = contract.deletion();
  const auto outcome_of = [&](std::vector<std::string> links) {
    line.succession = std::move(links);
    host.released[piece] = format::write_released(line);
    return ask(host, 1, Sampling::drawn).outcomes()[0];
  };
  CHECK(outcome_of({link(old_key, middle_id), link(middle, host.id())}) == Outcome::released);
  CHECK(outcome_of({link(old_key, host.id())}) == Outcome::released);
  CHECK(outcome_of({}) == Outcome::bad_release);
  CHECK(outcome_of({link(middle, host.id())}) == Outcome::bad_release);
  CHECK(outcome_of({link(old_key, middle_id)}) == Outcome::bad_release);
}

std::string lines_before_answer(const std::string& answer) {
  return answer.substr(0, answer.rfind('\n', answer.size() - 2) + 1);
}

TEST_CASE("only what this Host signed for this very request counts") {
  const InventoryHost host(1, kSizes);
  const auto asked = ask(host, 12, Sampling::drawn);
  const auto refuses = [&](const std::string& answer, std::string_view why) {
    const auto checked = check_inventory_answer(asked.challenge, asked.part, answer, kAnswerTime);
    REQUIRE_FALSE(checked);
    CHECK(checked.error().code == Code::integrity);
    CAPTURE(checked.error().what);
    CHECK(checked.error().what.contains(why));
  };
  CHECK(check_inventory_answer(asked.challenge, asked.part, asked.answer, kAnswerTime));
  refuses("", "answer-sig");
  refuses(asked.answer.substr(asked.answer.find('\n') + 1), "the 12 proofs");
  refuses("{}\n" + asked.answer, "the 12 proofs");
  refuses(with(asked.answer, "\"data\":\"", "\"data\":\"A"), "other proofs were signed");
  refuses(with(asked.answer, "\"proofs\":12", "\"proofs\":11"), "signature");
  auto longer = lines_before_answer(asked.answer);
  longer.replace(0, longer.find('\n'), std::string(kInventoryLineBytesMax, 'x'));
  refuses(host.sign(asked.challenge.hash, asked.part.body, 12, longer), "kInventoryLineBytesMax");
  refuses(std::string(kInventoryAnswerBytesMax + 1, '\n'), "kInventoryAnswerBytesMax");
  refuses(InventoryHost(2, kSizes).audit(asked.part.body), "another Host");
  refuses(
      host.audit(inventory_part(derive_inventory_challenge(beacon(8), host.head, 12, Sampling::drawn).value(),
                                0, proof::kChainStart)
                     .body),
      "another challenge");
  auto fewer = asked.part;
  fewer.count = 11;
  CHECK_FALSE(check_inventory_answer(asked.challenge, fewer, asked.answer, kAnswerTime));
}

TEST_CASE("a lookup tells listed, absent by proof, denied by word, and lies apart") {
  InventoryHost host(1, kSizes);
  const auto& contract = host.pieces.begin()->second.contracts[0];
  const auto piece = contract.offer.piece;
  const PieceId absent{crypto::sha256(view_of("absent"))};
  const auto stranger = proof::blinded_contract(crypto::sha256({}));
  const std::vector<format::LookupPiece> asked{{piece, contract.blinded()},
                                               {piece, stranger},
                                               {piece, std::nullopt},
                                               {absent, contract.blinded()},
                                               {absent, std::nullopt}};
  const auto body = format::write_lookup({.head = host.head.hash, .pieces = asked});
  const auto answer = host.look_up(body);
  const auto checked = check_lookup_answer(host.head, asked, body, answer);
  REQUIRE(checked);
  CHECK(checked->listings == std::vector{Listing::listed, Listing::contract_absent, Listing::listed,
                                         Listing::piece_absent, Listing::piece_absent});
  CHECK(checked->time_unix_s == kAnswerTime);
  CHECK_FALSE(check_lookup_answer(host.head, std::span(asked).first(4), body, answer));
  CHECK_FALSE(check_lookup_answer(InventoryHost(2, kSizes).head, asked, body, answer));

  const auto line_of = [](std::string text) {
    text.pop_back();
    return text;
  };
  const auto judge = [&](const format::LookupPiece& about, std::string line) {
    return judge_listing(host.head.head.root, about, line_of(std::move(line)));
  };
  auto inclusion = host.inclusion_of(piece);
  CHECK(judge({piece, contract.blinded()}, format::write_inclusion(inclusion)) == Listing::contract_denied);
  inclusion.contract = format::ContractAbsent{.blinded = std::nullopt};
  CHECK(judge({piece, contract.blinded()}, format::write_inclusion(inclusion)) == Listing::contract_denied);
  inclusion.contract = format::ContractAbsent{.blinded = std::vector{contract.blinded()}};
  CHECK(judge({piece, contract.blinded()}, format::write_inclusion(inclusion)) == Listing::wrong);
  inclusion.contract = format::ContractAbsent{.blinded = std::vector{stranger}};
  CHECK(judge({piece, contract.blinded()}, format::write_inclusion(inclusion)) == Listing::wrong);
  const auto& other = host.pieces.rbegin()->first;
  CHECK(judge({piece, std::nullopt}, format::write_inclusion(host.inclusion_of(other))) == Listing::wrong);
  CHECK(judge({absent, std::nullopt}, host.look_up_one({piece, std::nullopt})) == Listing::wrong);
  CHECK(judge({piece, std::nullopt}, host.look_up_one({absent, std::nullopt})) == Listing::wrong);
  CHECK(judge({piece, std::nullopt}, "{}\n") == Listing::wrong);
  // The proof of absence from another inventory of the Host, one without the piece.
  InventoryHost without(1, kSizes);
  without.pieces.erase(piece);
  without.make_head(testing::kHeadTime, std::nullopt);
  CHECK(judge({piece, std::nullopt}, without.look_up_one({piece, std::nullopt})) == Listing::wrong);
  CHECK(judge_listing(without.head.head.root, {piece, std::nullopt},
                      line_of(without.look_up_one({piece, std::nullopt}))) == Listing::piece_absent);
  CHECK(judge_listing(InventoryHost(3, {}).head.head.root, {piece, std::nullopt},
                      line_of(InventoryHost(3, {}).look_up_one({piece, std::nullopt}))) ==
        Listing::piece_absent);
}

}  // namespace
}  // namespace inxt::client
