// SPDX-License-Identifier: LGPL-3.0-or-later
// Batches out of a manifest whose pieces lie in files: what inxt-shard writes, read while it is being written.
#pragma once

#include <map>

#include "client/batch.h"
#include "client/line_reader.h"
#include "client/local_paths.h"
#include "client/spool.h"
#include "format/manifest_reader.h"

namespace inxt::client {

/// Where pieces lie already, by their number in the manifest.
struct KnownPlace {
  HostId host;
  std::string line;  // the place line with its newline, where the manifest itself has not got it; else empty
};
using KnownPlaces = std::map<std::uint64_t, std::vector<KnownPlace>>;

class ManifestBatches final : public BatchSource {
 public:
  /// `lines` and `files` outlive this.  `spool`: files in it are removed once their pieces have places; null removes
  /// nothing.  `known`: from a manifest that is put again, or from journals.
  ManifestBatches(LineReader& lines, std::string name, format::WriterCheck check, const LocalPaths& files,
                  const Spool* spool, KnownPlaces known)
      : lines_(lines), name_(std::move(name)), reader_(std::move(check)), files_(files), spool_(spool), known_(std::move(known)) {}

  /// Errors: the reader's; the upstream's own, when an error line comes; integrity when a file is not the piece that
  /// its line names; not_found, at the end, when a piece has neither a place nor a file.
  Result<std::unique_ptr<Batch>> next() override;
  void give_back(std::unique_ptr<Batch> batch, bool placed) override;
  bool is_repeatable() const override { return true; }
  const format::Chain& chain() const override { return reader_.chain(); }
  Result<std::string> seal() override;

 private:
  Result<void> load(Batch& batch, const format::FileLine& file);
  std::uint64_t number_of(const Place& place) const;
  Result<void> check_all_placed() const;

  LineReader& lines_;
  std::string name_;
  format::ManifestReader reader_;
  const LocalPaths& files_;
  const Spool* spool_;
  KnownPlaces known_;
  std::map<std::uint64_t, PieceId> waiting_;  // pieces without file or place so far: a place may follow anywhere
  std::unique_ptr<Batch> ahead_;  // a segment whose first piece has been read
  std::string pending_text_;
  std::string seal_;
  bool ended_ = false;
};

/// The places in a manifest file that can be read twice, by piece number; the descriptor's position is put back.
/// Nothing for a pipe.
Result<KnownPlaces> places_ahead(int fd, const std::string& name);

}  // namespace inxt::client
