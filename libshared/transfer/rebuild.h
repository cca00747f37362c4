// SPDX-License-Identifier: LGPL-3.0-or-later
// Repairs one segment: remakes lost pieces from any K others and stores them at other Hosts.  Reads nothing
// of the file.
// Tool: inxt-repair(1).
//
// A piece is the bytes that its signed id names, or nothing leaves; it counts as stored only when its new
// Host has shown blocks of it.  What is stored stays findable: the candidates' order is the caller's and does
// not change from one try to the next (in_order_for), so a repair that was killed finds what it had stored,
// and pays nothing twice.
#pragma once

#include <functional>

#include "format/descriptor.h"
#include "transfer/network.h"
#include "transfer/offer_maker.h"
#include "transfer/piece_check.h"

namespace inxt::transfer {

inline constexpr std::size_t kRebuildHostsMax = 8;  // Hosts that are tried for one piece
inline constexpr int kRebuildPutTries = 2;          // at one of them, where an answer was lost
inline constexpr int kRebuildGetTries = 2;          // of a piece that its Host did not give
inline constexpr std::int64_t kRebuildPutMsMax =
    600'000;  // one piece at one Host, which then counts as silent

/// Who makes the contracts, and what he gives for them.
struct Repairer {
  const keys::UploaderKeys& uploader;  // its accounts store; any number, also a caretaker's
  keys::Recipient owner;               // the tags are sealed to it
  std::int64_t term_s = 365 * 86400;
  std::uint64_t price_max = 0;
  unsigned proof_blocks = kCheckBlocksDefault;
  std::int64_t put_ms_max = kRebuildPutMsMax;
};

/// Where a piece of the segment is read.
struct PieceSource {
  format::PieceLine line;
  HostAddress host;
  PieceService* service = nullptr;  // under whose account; null: the network's
};

/// A piece that is to lie at one Host more.
struct PieceToRemake {
  format::PieceLine line;
  std::string line_text;  // exact, without newline: goes into the tag
  std::vector<format::Descriptor>
      candidates;  // in the order they are tried; the first kRebuildHostsMax count
};

struct SegmentToRebuild {
  const format::Chain& chain;  // of a manifest that was checked: header, layout, stanzas
  std::uint64_t number = 0;
  std::uint64_t ciphertext_bytes = 0;  // in this segment
  /// In the order they are tried, as many as are known.  A wanted piece that stands here too is copied rather
  /// than remade: a Host that leaves hands it over.
  std::vector<PieceSource> sources;
  std::vector<PieceToRemake> wanted;
};

struct RemadePiece {
  format::PlaceLine place;
  StoredPiece stored;
  bool was_there = false;  // an earlier repair under the same number had stored it: nothing was sent
  std::optional<crypto::SigningKey> control = {};  // of the contract, where it was made now
};

/// Somebody who gave other bytes than the piece's.
struct FalseSource {
  PieceId piece;
  HostId host;
};

struct RebuildReport {
  std::vector<RemadePiece> remade;                  // each has proved itself
  std::vector<std::pair<Place, Error>> not_remade;  // no candidate took it and showed it
  std::vector<FalseSource> false_sources;
  std::uint64_t read_bytes = 0;     // of pieces, also of those that were no use
  std::uint64_t written_bytes = 0;  // of pieces that were acknowledged now
  std::vector<HostId> silent;       // candidates that gave no answer: not worth asking again soon
};

struct RebuildCallbacks {
  /// A piece was acknowledged and has not yet proved itself.  An error ends the rebuild.
  std::function<Result<void>(const RemadePiece&)> on_stored = {};
  std::function<bool()> stopped = {};  // true ends the rebuild with `failure`
};

/// Candidates for a piece in an order that depends on nothing but the piece and their ids, and another for
/// each piece; those dearer than price_max are left out.
std::vector<format::Descriptor> in_order_for(const PieceId& piece, std::vector<format::Descriptor> candidates,
                                             std::uint64_t price_max);

/// No two wanted pieces get one Host.  A candidate that cannot, will not or does not prove costs the next
/// one's try; what it may have stored is taken back, best effort. Errors: too_few_pieces with what each
/// source said; integrity when what K true pieces give is not the piece that was signed: nothing was stored
/// then; failure when it was stopped; on_stored's. Not to be cancelled from outside: `stopped` ends it soon,
/// whatever Hosts do. Cost: reads K pieces (one for each wanted piece that has a source of its own, where no
/// other is wanted), writes the wanted.  Memory: K pieces and the wanted: twice format::kSegmentMemoryBytes
/// in the usual layouts.
net::Awaitable<Result<RebuildReport>> rebuild(Network network, const Repairer& repairer,
                                              const SegmentToRebuild& segment,
                                              RebuildCallbacks callbacks = {});

}  // namespace inxt::transfer
