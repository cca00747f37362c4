// SPDX-License-Identifier: LGPL-3.0-or-later
// Places that no manifest names: where the Bridge that cares for a file has put its pieces since.
#pragma once

#include <functional>
#include <memory>
#include <set>

#include "client/care.h"
#include "client/manifest_table.h"
#include "client/session.h"

namespace inxt::client {

struct LaterPlace {
  Place place;
  transfer::HostAddress host;
  transfer::PieceService* service = nullptr;  // under whose accounts it is read; null: the reader's
};

/// Whom a reader asks when the places that it knows do not give a segment, and tells what was no good.
class LaterPlaces {
 public:
  virtual ~LaterPlaces() = default;
  /// None where nobody knows any: a reader has no use for an error beside its own.
  virtual net::Awaitable<std::vector<LaterPlace>> find(FileId file, std::uint64_t segment) = 0;
  /// A Host had not got the piece, or gave other bytes.
  virtual void note_bad(const FileId& file, const Place& place, const HostId& host) = 0;
};

inline constexpr std::size_t kBadPiecesToldMax = 16;   // to a Bridge, in one command
inline constexpr std::size_t kCaretakersReadMax = 64;  // as many as an owner can have at a Bridge
/// A Bridge that does not answer holds a reader up no longer than this, once; and at its end.
inline constexpr int kLaterPlacesMsMax = 10'000;
inline constexpr int kBadPiecesMsMax = 3'000;

/// Of what a Bridge tells, which may be anything: the latest first, which are likeliest to be good; of one
/// piece kPlacesAddedPerPieceMax, and of caretakers only, those that were seen before and no more than
/// kCaretakersReadMax in all.
std::vector<format::CarePlace> worth_reading(std::vector<format::CarePlace> places,
                                             std::set<std::uint32_t>& caretakers);

/// For a tool that goes through a whole file; the Bridge is waited for no longer than this.
inline constexpr int kPlacesToldMsMax = 30'000;
/// Where the Bridge has put pieces of a file in its care, the latest last; as worth_reading().  None where
/// the file is not in its care.  REQUIRES: both outlive it. Errors: those of places_in_care(); try_again past
/// kPlacesToldMsMax.
net::Awaitable<Result<std::vector<format::PlaceLine>>> places_told(transfer::BridgeCare& care,
                                                                   const ManifestTable& manifest);

/// Asks a Bridge, from the first segment on that is short; of files that are not in its care, once.
class CaredPlaces final : public LaterPlaces {
 public:
  /// `bridge`: says which, when it is first needed; none: nobody is asked.
  using FindBridge = std::function<std::optional<format::BridgeFile>()>;
  /// REQUIRES: session and key outlive it.
  CaredPlaces(Session& session, const keys::Key& key, FindBridge bridge)
      : session_(session), key_(key), find_bridge_(std::move(bridge)) {}

  net::Awaitable<std::vector<LaterPlace>> find(FileId file, std::uint64_t segment) override;
  void note_bad(const FileId& file, const Place& place, const HostId& host) override;
  /// Tells the Bridge what was noted.  Best effort.
  net::Awaitable<void> report();

 private:
  transfer::BridgeCare* care();
  net::Awaitable<void> report_each(transfer::BridgeCare& bridge);

  Session& session_;
  const keys::Key& key_;
  FindBridge find_bridge_;
  bool is_looked_for_ = false;
  std::unique_ptr<transfer::BridgeCare> care_;
  std::set<FileId> not_in_care_;
  std::set<std::uint32_t> caretakers_;
  std::vector<format::CareReport> bad_;
};

}  // namespace inxt::client
