// SPDX-License-Identifier: AGPL-3.0-or-later
// Object records of the owner of the manual's examples.  First byte: whether the rest is a line, or a body
// that is sealed and signed here.
#include "format/object_record.h"

#include <nlohmann/json.hpp>

#include "crypto/labels.h"
#include "fuzz/support/fuzz.h"

namespace inxt::fuzz {
namespace {

using namespace format;

const TreeKey& tree_key() {
  static const TreeKey key = [] {
    ByteArray<32> secret;
    CHECK_BUG(
        from_hex("a63553016f5da162c6e25e08a32b2a2e8155a47696510aa45e79d5ff618b289e", secret).has_value());
    return TreeKey::of(secret);
  }();
  return key;
}

/// What was opened can be signed, and says the same again.
void check_again(const ObjectRecord& record) {
  crypto::SeededRandom random(1);
  const RecordHead head{
      .log = tree_key().log(), .writer = {signing_key().public_key()}, .uploader = 0, .certificate = {}};
  const auto made =
      sign_record(head, record, BodySealer::of_owner(tree_key().record_key()), signing_key(), random);
  if (!made)
    return;  // longer than before: its numbers and texts were spelled more shortly, or it was compressed
             // better
  const auto opened = open_record_head(made->line);
  CHECK_BUG(opened && opened->id == made->id);
  const auto back = open_record(*opened, tree_key());
  CHECK_BUG(back && back->bytes == record.bytes && back->object == record.object &&
            back->previous == record.previous && back->metadata == record.metadata &&
            back->extents.size() == record.extents.size() &&
            back->manifests.size() == record.manifests.size());
}

void check(const ObjectRecord& record) {
  std::uint64_t at = 0;
  for (const auto& extent : record.extents) {
    CHECK_BUG(extent.first == at && extent.bytes > 0 && extent.manifest < record.manifests.size());
    at += extent.bytes;
  }
  CHECK_BUG(at == record.bytes && record.manifests.size() <= kRecordManifestsMax);
  CHECK_BUG(check_metadata(record.metadata).has_value());
  check_again(record);
}

}  // namespace

void fuzz(ByteView input) {
  const bool is_body = take_byte(input) != 0;
  std::string line(text_of(input));
  if (is_body) {
    crypto::SeededRandom random(2);
    Json clear{{"type", "object"},
               {"version", 1},
               {"log", tree_key().log().hex()},
               {"writer", signer_hex()},
               {"uploader", 0}};
    const auto made =
        write_sealed_line(std::move(clear), text_of(input), BodySealer::of_owner(tree_key().record_key()),
                          crypto::label::kRecordLine, signing_key(), kRecordLineBytesMax, random);
    if (!made) return;
    line = *made;
  }
  for (const bool again : {false, true}) {
    if (again)
      line = sign_again(with_hex_member(line, "writer", signer_hex()), crypto::label::kRecordLine, {});
    const auto opened = open_record_head(line);
    if (!opened) continue;
    CHECK_BUG(line.size() <= kRecordLineBytesMax && opened->id == record_id(line));
    if (const auto record = open_record(*opened, tree_key())) check(*record);
  }
}

}  // namespace inxt::fuzz
