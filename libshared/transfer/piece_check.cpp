// SPDX-License-Identifier: LGPL-3.0-or-later
#include "transfer/piece_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "net/race.h"
#include "transfer/audit_answer.h"

namespace inxt::transfer {
namespace {

using net::Awaitable;
using State = CheckedPiece::State;

/// `blocks` blocks of each piece of the set, in the set's order, under a name of our own.
proof::Challenge draw(const proof::AuditSet& set, unsigned blocks, crypto::Random& random) {
  proof::Challenge challenge;
  random.fill(challenge.hash);
  for (std::size_t piece = 0; piece < set.pieces().size(); ++piece) {
    const auto count = proof::blocks_in(set.pieces()[piece].size_bytes);
    std::set<std::uint64_t> drawn;
    while (drawn.size() < std::min<std::uint64_t>(blocks, count))
      drawn.insert(count <= blocks ? drawn.size() : random.below(count));
    for (const auto block : drawn) challenge.samples.push_back({piece, block});
  }
  return challenge;
}

/// A piece is held when all that was asked of it was shown.
void take(std::vector<CheckedPiece>& of_set, const AuditPart& part,
          const std::vector<proof::Outcome>& outcomes) {
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    auto& piece = of_set[part.samples[i].piece];
    if (outcomes[i] == proof::Outcome::held) {
      if (piece.state == State::silent && piece.why.empty()) piece.state = State::held;
    } else {
      piece.state = State::lost;
      piece.why = fmt::format("block {}: {}", part.samples[i].block, proof::outcome_name(outcomes[i]));
    }
  }
}

/// What was asked of these pieces is not known.
void pass_over(std::vector<CheckedPiece>& of_set, const AuditPart& part, const Error& error, State state) {
  for (const auto& sample : part.samples) {
    auto& piece = of_set[sample.piece];
    if (piece.state == State::lost) continue;
    piece.state = state;
    piece.why = error.what;
  }
}

/// An answer, or why there is none.
struct Asked {
  Result<AuditAnswer> answer = fail(Code::try_again, "stopped");
  bool is_busy = false;
};

Awaitable<Asked> ask(Network network, const HostAddress& host, const proof::Challenge& challenge,
                     const proof::AuditSet& set, const AuditPart& part, const CheckOptions& options) {
  Asked out;
  const auto deadline_ms = network.clock.steady_ms() + options.busy_ms;
  const auto stopped = [&] { return options.stopped && options.stopped(); };
  for (int tries = 0; !stopped();) {
    Result<std::string> answer = co_await audit_in_time(network.service, host, part.body, options.answer_ms);
    if (answer)
      out.answer = co_await network.workers.run(
          [&] { return check_answer(host.present_id(), challenge, set, part, *answer); });
    else
      out.answer = std::unexpected(std::move(answer).error());
    out.is_busy = false;
    if (out.answer || out.answer.error().code != Code::try_again) break;
    // Whoever answers other questions has no time for this one: that says nothing of the pieces.
    const Result<std::chrono::nanoseconds> alive = co_await network.service.round_trip(host);
    out.is_busy = alive.has_value();
    if (!out.is_busy && ++tries >= kCheckTries) break;
    if (out.is_busy && network.clock.steady_ms() >= deadline_ms) break;
    const auto pause = out.is_busy ? kCheckBusyPause : kCheckPause;
    for (std::chrono::seconds waited{0}; waited < pause && !stopped(); ++waited)
      co_await net::sleep_for(std::chrono::seconds(1));
  }
  co_return out;
}

}  // namespace

Awaitable<Result<std::string>> audit_in_time(PieceService& service, const HostAddress& host,
                                             std::string_view body, std::int64_t answer_ms) {
  using namespace net;  // operator||
  Awaitable<Result<std::string>> answer = service.audit(host, body);
  Awaitable<void> deadline = net::sleep_for(std::chrono::milliseconds(answer_ms));
  auto first = co_await (std::move(answer) || std::move(deadline));
  if (first.index() == 0) co_return std::get<0>(std::move(first));
  co_return fail(Code::try_again,
                 fmt::format("no whole answer within {} s (kCheckAnswerMs)", answer_ms / 1000));
}

Awaitable<Result<std::vector<CheckedPiece>>> check_pieces(Network network, const HostAddress& host,
                                                          std::span<const proof::SetPiece> pieces,
                                                          CheckOptions options) {
  if (options.blocks == 0 || options.blocks > kCheckBlocksMax)
    co_return fail(Code::usage,
                   fmt::format("blocks of a piece are 1 to {} (kCheckBlocksMax)", kCheckBlocksMax));
  std::vector<CheckedPiece> out(pieces.size());
  if (pieces.empty()) co_return out;
  auto made = proof::AuditSet::make({pieces.begin(), pieces.end()});
  if (!made) co_return std::unexpected(std::move(made).error());
  const proof::AuditSet set = *std::move(made);
  const proof::Challenge challenge = draw(set, options.blocks, network.random);
  std::vector<CheckedPiece> of_set(set.pieces().size());
  std::optional<Asked> given_up;  // a Host that does not answer is not asked the rest
  for (std::uint64_t number = 0; number < parts_of(challenge); ++number) {
    const AuditPart part = audit_part(challenge, set, number);
    if (!given_up) {
      Asked asked = co_await ask(network, host, challenge, set, part, options);
      if (asked.answer) {
        take(of_set, part, asked.answer->outcomes);
        continue;
      }
      given_up = std::move(asked);
    }
    pass_over(of_set, part, given_up->answer.error(), given_up->is_busy ? State::busy : State::silent);
  }
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const auto at = std::ranges::lower_bound(set.pieces(), pieces[i].id, {}, &proof::SetPiece::id);
    out[i] = of_set[static_cast<std::size_t>(at - set.pieces().begin())];
  }
  co_return out;
}

}  // namespace inxt::transfer
