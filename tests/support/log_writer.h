// SPDX-License-Identifier: AGPL-3.0-or-later
// An owner who writes entries and records that are real: signed, sealed, one hanging on the other.
#pragma once

#include "base/check.h"
#include "crypto/random.h"
#include "format/log_entry.h"

namespace inxt::testing {

class LogWriter {
 public:
  explicit LogWriter(std::uint64_t number = 5) : LogWriter(number, number) {}
  /// `owner`: whose log.
  LogWriter(std::uint64_t number, std::uint64_t owner)
      : random_(number),
        key_(crypto::SigningKey::from_seed(crypto::SeededRandom(number).bytes<32>())),
        tree_(format::TreeKey::of(crypto::SeededRandom(owner + 1).bytes<32>())) {
    crypto::start();
  }

  const format::LogId& log() const { return tree_.log(); }
  const format::TreeKey& tree() const { return tree_; }

  /// Without `object`: of a new one.
  format::SignedRecord record(std::string_view manifest, std::optional<format::ObjectId> object = {}) {
    format::ObjectRecord record =
        format::whole_object(manifest.size(), format::InlineManifest{std::string(manifest)});
    record.object = object;
    record.previous = object ? std::optional(format::RecordId{object->bytes}) : std::nullopt;
    const auto sealer = format::BodySealer::of_owner(tree_.record_key());
    auto line =
        format::sign_record({.log = log(), .writer = {key_.public_key()}}, record, sealer, key_, random_);
    CHECK_BUG(line);
    return *std::move(line);
  }
  /// Without `object`: the record begins it.
  format::Op put(std::string path, const format::SignedRecord& record,
                 std::optional<format::ObjectId> object = {}) {
    format::PutOp op;
    op.path = std::move(path);
    op.object = object.value_or(format::ObjectId{record.id.bytes});
    op.record = record.id;
    op.mode = 0644;
    return op;
  }
  /// Behind the entry before it.
  std::string entry(const std::vector<format::Op>& ops) {
    const auto sealer = format::BodySealer::of_owner(tree_.entry_key());
    auto line = format::sign_entry({.log = log(),
                                    .seq = head.seq + 1,
                                    .prev = head.hash,
                                    .writer = {key_.public_key()},
                                    .uploader = uploader,
                                    .time_unix_s = 1'800'000'000},
                                   ops, sealer, key_, random_);
    CHECK_BUG(line);
    head = {.seq = head.seq + 1, .hash = format::entry_hash(*line)};
    return *std::move(line);
  }

  format::LogHead head;
  std::uint32_t uploader = 0;  // that entries say

 private:
  crypto::SeededRandom random_;
  crypto::SigningKey key_;
  format::TreeKey tree_;
};

}  // namespace inxt::testing
