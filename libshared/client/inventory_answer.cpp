// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/inventory_answer.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "format/contract_release.h"
#include "format/release.h"
#include "format/token.h"
#include "format/transcript_lines.h"
#include "proof/chain.h"
#include "transfer/signed_answer.h"

namespace inxt::client {
namespace {

constexpr std::uint64_t kPartSamples = format::kSamplesPerRequestMax;

/// The block of a piece that a number falls on, if the line leads to the head.
struct Location {
  proof::InventoryLeaf leaf;
  std::uint64_t block = 0;
};

std::optional<Location> locate(const proof::InventoryBranch& root, std::uint64_t number,
                               std::string_view line) {
  const auto read = format::read_inclusion(line, "inclusion");
  if (!read) return std::nullopt;
  const auto included = proof::verify_inclusion(read->leaf, read->steps);
  if (!included || included->root != root) return std::nullopt;
  if (number < included->first_block) return std::nullopt;
  const auto block = number - included->first_block;
  if (block >= proof::blocks_in(read->leaf.size_bytes)) return std::nullopt;
  return Location{read->leaf, block};
}

proof::Outcome judge_released(const InventoryChallenge& challenge, const proof::InventoryLeaf& leaf,
                              std::string_view line, std::int64_t answered_unix_s) {
  const auto released = format::read_released(line, "released");
  if (!released || !format::check_released(*released, leaf, challenge.host, answered_unix_s))
    return proof::Outcome::bad_release;
  return proof::Outcome::released;
}

proof::Outcome judge_shown(const InventoryChallenge& challenge, const Location& at, std::string_view line,
                           std::int64_t answered_unix_s) {
  auto read = format::read_proof(line, "proof");  // first, as nearly all are
  if (!read)
    return format::type_of(line, kInventoryLineBytesMax - 1) == "released"
               ? judge_released(challenge, at.leaf, line, answered_unix_s)
               : proof::Outcome::malformed;
  const proof::Proof shown{.piece = read->sample.piece,
                           .block = read->sample.block,
                           .missing = read->missing,
                           .size_bytes = read->size,
                           .data = std::move(read->data),
                           .path = std::move(read->path)};
  return proof::verify(at.leaf.piece, at.leaf.size_bytes, at.block, shown);
}

/// Whether the term's end, by the Host's clock, is what releases it.
bool relies_on_time(std::string_view line) {
  const auto released = format::read_released(line, "released");
  return released && !released->deletion && !released->release;
}

/// Of a released line that has been checked.
std::optional<crypto::PublicKey> bridge_in(std::string_view line) {
  const auto released = format::read_released(line, "released");
  if (!released || !released->release) return std::nullopt;
  const auto release = format::open_release(*released->release, std::nullopt);
  return release ? std::optional(release->bridge) : std::nullopt;
}

}  // namespace

Result<InventoryChallenge> derive_inventory_challenge(const proof::Beacon& beacon,
                                                      const format::SignedHead& head, std::uint64_t asked,
                                                      Sampling sampling) {
  if (asked < 1 || asked > proof::kSamplesMax)
    return fail(Code::usage,
                fmt::format("{} samples are not between 1 and {} (kSamplesMax)", asked, proof::kSamplesMax));
  InventoryChallenge challenge;
  challenge.head = head.hash;
  challenge.host = head.head.host;
  challenge.root = head.head.root;
  challenge.sampling = sampling;
  const auto blocks = challenge.root.blocks;
  challenge.samples = std::min(asked, blocks);
  challenge.hash = proof::challenge_hash(beacon, challenge.host, challenge.head, challenge.samples);
  if (sampling == Sampling::drawn)
    challenge.numbers = proof::draw_numbers(challenge.hash, blocks, challenge.samples);
  return challenge;
}

std::uint64_t number_of(const InventoryChallenge& challenge, std::uint64_t sample,
                        const proof::ChainLink& previous) {
  if (challenge.sampling == Sampling::drawn) return challenge.numbers[sample];
  return proof::chain_draw(challenge.hash, sample, previous, challenge.root.blocks);
}

std::uint64_t parts_of(const InventoryChallenge& challenge) {
  return (challenge.samples + kPartSamples - 1) / kPartSamples;
}

InventoryPart inventory_part(const InventoryChallenge& challenge, std::uint64_t part,
                             const proof::ChainLink& previous) {
  CHECK_BUG(part < parts_of(challenge));
  InventoryPart out{.first = part * kPartSamples, .count = 0, .previous = previous, .body = {}};
  out.count = std::min(kPartSamples, challenge.samples - out.first);
  if (challenge.sampling == Sampling::chained) {
    out.body = format::write_chain_request({.challenge = challenge.hash,
                                            .head = challenge.head,
                                            .first = out.first,
                                            .count = out.count,
                                            .previous = previous.hash});
    return out;
  }
  const auto numbers = std::span(challenge.numbers).subspan(out.first, out.count);
  out.body = format::write_inventory_request(
      {.challenge = challenge.hash, .head = challenge.head, .numbers = {numbers.begin(), numbers.end()}});
  return out;
}

Finding judge_sample(const InventoryChallenge& challenge, std::uint64_t number, std::string_view inclusion,
                     std::string_view shown, std::int64_t answered_unix_s) {
  Finding finding{.number = number, .outcome = proof::Outcome::bad_inclusion, .piece = {}, .block = 0};
  const auto at = locate(challenge.root, number, inclusion);
  if (!at) return finding;
  finding.piece = at->leaf.piece;
  finding.block = at->block;
  finding.outcome = judge_shown(challenge, *at, shown, answered_unix_s);
  if (finding.outcome == proof::Outcome::released) finding.released_by = bridge_in(shown);
  return finding;
}

proof::ChainLink link_of(const InventoryChallenge& challenge, std::string_view shown) {
  const auto read = format::read_proof(shown, "proof");
  return read && !read->missing ? proof::chain_link(challenge.hash, read->data) : proof::kChainStart;
}

Result<InventoryAnswer> check_inventory_answer(const InventoryChallenge& challenge, const InventoryPart& part,
                                               std::string_view answer, std::int64_t received_unix_s) {
  if (answer.size() > kInventoryAnswerBytesMax)
    return fail(Code::integrity, fmt::format("the answer does not count (answer-long): it is longer than "
                                             "{} bytes (kInventoryAnswerBytesMax)",
                                             kInventoryAnswerBytesMax));
  const auto opened = TRY(transfer::open_answer({.host = challenge.host,
                                                 .challenge = challenge.hash,
                                                 .body = part.body,
                                                 .proofs = part.count,
                                                 .lines = 2 * part.count,
                                                 .line_bytes_max = kInventoryLineBytesMax},
                                                answer));
  InventoryAnswer out;
  out.time_unix_s = opened.time_unix_s;
  out.link = part.previous;
  out.findings.reserve(part.count);
  for (std::uint64_t i = 0; i < part.count; ++i) {
    const auto shown = opened.lines[2 * i + 1];
    const auto number = number_of(challenge, part.first + i, out.link);
    out.findings.push_back(judge_sample(challenge, number, opened.lines[2 * i], shown, opened.time_unix_s));
    if (out.findings.back().outcome == proof::Outcome::released && relies_on_time(shown) &&
        opened.time_unix_s - received_unix_s > format::kClockSkewS)
      return fail(
          Code::integrity,
          fmt::format("the answer does not count (answer-time): it says that a term is over, and is dated {} "
                      "seconds ahead",
                      opened.time_unix_s - received_unix_s));
    if (challenge.sampling == Sampling::chained) out.link = link_of(challenge, shown);
  }
  return out;
}

std::string_view listing_name(Listing listing) {
  switch (listing) {
    case Listing::listed:
      return "listed";
    case Listing::piece_absent:
      return "piece_absent";
    case Listing::contract_absent:
      return "contract_absent";
    case Listing::contract_denied:
      return "contract_denied";
    case Listing::wrong:
      return "wrong";
  }
  check_failed("listing is one of the enum", __FILE__, __LINE__);
}

Listing judge_listing(const proof::InventoryBranch& root, const format::LookupPiece& asked,
                      std::string_view line) {
  if (format::type_of(line, kInventoryLineBytesMax - 1) == "exclusion") {
    const auto read = format::read_exclusion(line, "exclusion");
    if (!read || read->piece != asked.piece) return Listing::wrong;
    const auto shown = proof::verify_exclusion(asked.piece, read->path);
    return shown && *shown == root ? Listing::piece_absent : Listing::wrong;
  }
  const auto read = format::read_inclusion(line, "inclusion");
  if (!read || read->leaf.piece != asked.piece) return Listing::wrong;
  const auto included = proof::verify_inclusion(read->leaf, read->steps);
  if (!included || included->root != root) return Listing::wrong;
  if (!asked.blinded) return Listing::listed;
  const auto found = format::check_contract(*read, *asked.blinded);
  if (!found) return Listing::wrong;
  switch (*found) {
    case format::ContractFinding::listed:
      return Listing::listed;
    case format::ContractFinding::absent:
      return Listing::contract_absent;
    case format::ContractFinding::absent_by_word:
    case format::ContractFinding::not_asked:  // it was: no answer is a denial
      return Listing::contract_denied;
  }
  check_failed("finding is one of the enum", __FILE__, __LINE__);
}

Result<LookupAnswer> check_lookup_answer(const format::SignedHead& head,
                                         std::span<const format::LookupPiece> asked, std::string_view body,
                                         std::string_view answer) {
  const auto opened = TRY(transfer::open_answer({.host = head.head.host,
                                                 .challenge = {},
                                                 .body = body,
                                                 .proofs = asked.size(),
                                                 .lines = asked.size(),
                                                 .line_bytes_max = kInventoryLineBytesMax},
                                                answer));
  LookupAnswer out;
  out.time_unix_s = opened.time_unix_s;
  out.listings.reserve(asked.size());
  for (std::size_t i = 0; i < asked.size(); ++i)
    out.listings.push_back(judge_listing(head.head.root, asked[i], opened.lines[i]));
  return out;
}

}  // namespace inxt::client
