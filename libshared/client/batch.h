// SPDX-License-Identifier: LGPL-3.0-or-later
// The pieces of one segment on their way to Hosts, wherever they come from: made from data, or read from files that
// inxt-shard left.
#pragma once

#include <memory>

#include "client/segment_maker.h"
#include "format/manifest_chain.h"

namespace inxt::client {

struct BatchPiece {
  format::PieceLine line;
  std::string line_text;         // exact, without newline: goes into the tag
  ByteView bytes;                // empty where the piece needs no upload
  std::vector<HostId> at = {};   // where it lies already: then it is not sent again
  std::optional<HostId> perhaps_at = {};  // who may have it, unacknowledged, and is asked first
};

struct Batch {
  std::string text;  // manifest lines to write before the pieces leave, each with its newline
  std::size_t journaled_bytes = 0;   // of text, from its beginning: lines that a journal has already
  std::vector<BatchPiece> pieces;
  std::unique_ptr<Segment> segment;  // holds the bytes of pieces made from data
  std::vector<Bytes> files;          // holds the bytes of pieces read from files
  std::vector<std::string> paths;    // of those files
};

class BatchSource {
 public:
  virtual ~BatchSource() = default;
  /// The next batch; nullptr at the end.  Runs on a worker thread, one call at a time.
  virtual Result<std::unique_ptr<Batch>> next() = 0;
  /// A batch that is done with; `placed`: every piece of it has a place, so what it was made from is needed no more.
  /// Called on the loop's thread, also during next().
  virtual void give_back(std::unique_ptr<Batch> batch, bool placed) = 0;
  /// Whether another put of the same source gives the same pieces: then they go to the same Hosts as long as these answer,
  /// and are not stored twice.
  virtual bool is_repeatable() const { return false; }
  /// Header, layout and stanzas, complete from the first batch on.  Not during next().
  virtual const format::Chain& chain() const = 0;
  /// What stands behind the pieces: the seal with its newline.  REQUIRES: next() has given nullptr.
  virtual Result<std::string> seal() = 0;
};

}  // namespace inxt::client
