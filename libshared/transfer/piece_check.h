// SPDX-License-Identifier: LGPL-3.0-or-later
// Whether a Host still has pieces: it shows a few random blocks of each, with their paths.  Not evidence that
// a third person would believe; that is an audit's (client/audit.h).  Format of what is asked: inxt-proof(5).
#pragma once

#include <functional>
#include <span>

#include "proof/challenge.h"
#include "transfer/network.h"

namespace inxt::transfer {

inline constexpr unsigned kCheckBlocksDefault = 2;  // of each piece
inline constexpr unsigned kCheckBlocksMax = 64;
inline constexpr int kCheckTries = 2;                  // of a request that gets no answer
inline constexpr std::chrono::seconds kCheckPause{1};  // between them
/// A Host that has no time for it now is asked again for so long: it proves so many bytes a second to each,
/// and no more.
inline constexpr std::int64_t kCheckBusyMs = 600'000;
inline constexpr std::chrono::seconds kCheckBusyPause{10};
inline constexpr std::int64_t kCheckAnswerMs = 120'000;  // one whole answer, of 2 MiB at most

struct CheckedPiece {
  enum class State {
    held,    // every block asked for was shown
    lost,    // the Host says that it has not got it, or shows something else
    silent,  // the Host does not answer at all: nothing is known
    busy,    // it answers, and not this: nothing is known
  };
  State state = State::silent;
  std::string why = {};  // where it is not held
};

struct CheckOptions {
  unsigned blocks = kCheckBlocksDefault;  // of each piece
  std::int64_t busy_ms = kCheckBusyMs;
  std::int64_t answer_ms = kCheckAnswerMs;
  std::function<bool()> stopped = {};  // true: what was not asked yet is silent
};

/// PieceService::audit(), and try_again when the answer takes longer: there is no least rate on the wire, so
/// a Host that sends a byte now and then would never be found.
net::Awaitable<Result<std::string>> audit_in_time(PieceService& service, const HostAddress& host,
                                                  std::string_view body, std::int64_t answer_ms);

/// What `host` shows of each of `pieces`, in their order: some random blocks of each, or all where it has
/// fewer. Which blocks follows from network.random, so the Host cannot know them before.  A piece that stands
/// twice is asked for once.  Errors: usage when `blocks` is 0 or past kCheckBlocksMax; those of
/// proof::AuditSet::make(). Cost: 256 blocks a request, one request at a time; 6 KiB for each block.
net::Awaitable<Result<std::vector<CheckedPiece>>> check_pieces(Network network, const HostAddress& host,
                                                               std::span<const proof::SetPiece> pieces,
                                                               CheckOptions options = {});

}  // namespace inxt::transfer
