// SPDX-License-Identifier: AGPL-3.0-or-later
// Log entries of the owner of the manual's examples, and what they do to a tree.  First byte: 0, the rest is
// an entry; 1, each line is an entry's body, and all of them are folded; 2, it is a tree's state from a
// cache.
#include "format/log_entry.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "crypto/labels.h"
#include "fuzz/support/fuzz.h"
#include "tree/tree.h"

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

void read_line(std::string line) {
  for (const bool again : {false, true}) {
    if (again)
      line = sign_again(with_hex_member(line, "writer", signer_hex()), crypto::label::kEntryLine, {});
    const auto opened = open_entry_head(line);
    if (!opened) continue;
    CHECK_BUG(line.size() <= kEntryLineBytesMax && opened->hash == entry_hash(line) && opened->head.seq > 0);
    const auto ops = open_entry(*opened, tree_key());
    if (!ops) continue;
    CHECK_BUG(ops->size() == opened->head.does.size());
    for (const auto& op : *ops) CHECK_BUG(check_op(op).has_value());
  }
}

Bytes state_of(const tree::Tree& tree) {
  Bytes out;
  const auto saved = tree.save([&](ByteView bytes) -> Result<void> {
    append(out, bytes);
    return {};
  });
  CHECK_BUG(saved.has_value());
  return out;
}

Result<tree::Tree> load(ByteView state) {
  return tree::Tree::load([&](ByteSpan out) -> Result<void> {
    if (out.size() > state.size()) return fail(Code::integrity, "cut short");
    std::ranges::copy(state.first(out.size()), out.begin());
    state = state.subspan(out.size());
    return {};
  });
}

std::vector<Op> ops_of(std::string_view body) {
  std::vector<Op> ops;
  const auto json = parse_object(body, kEntryBodyBytesMax);
  if (!json || !json->contains("ops") || !json->at("ops").is_array()) return ops;
  for (const auto& one : json->at("ops")) {
    auto op = op_from_json(one, "operation");
    if (!op || ops.size() == kOpsMax) break;
    const auto parsed = parse_object(write_compact(to_json(*op)), kEntryBodyBytesMax);
    if (!parsed) break;  // longer than before
    const auto back = op_from_json(*parsed, "operation");
    CHECK_BUG(back && to_json(*back) == to_json(*op) && does_of(*back) == does_of(*op));
    ops.push_back(*std::move(op));
  }
  return ops;
}

/// What was put and not purged is somewhere.
void fold(std::string_view text) {
  tree::Tree tree;
  tree::EntryStamp stamp{.seq = 0, .time_unix_s = 5, .uploader = 0, .owner_unix_s = 0};
  std::set<RecordId> put;
  crypto::SeededRandom random(1);
  for (const auto body : lines_of(text)) {
    ++stamp.seq;
    stamp.uploader = stamp.seq % 5 == 0 ? 3 : 0;
    const auto ops = ops_of(body);
    if (ops.empty()) continue;
    const EntryHead head{.log = tree_key().log(),
                         .seq = stamp.seq,
                         .prev = {},
                         .writer = {signing_key().public_key()},
                         .uploader = 0,
                         .certificate = {},
                         .time_unix_s = 5,
                         .does = {}};
    if (const auto line =
            sign_entry(head, ops, BodySealer::of_owner(tree_key().entry_key()), signing_key(), random)) {
      const auto opened = open_entry_head(*line);
      CHECK_BUG(opened && open_entry(*opened, tree_key()).has_value());
    }
    for (const auto& op : ops) {
      tree.apply(stamp, op);
      if (const auto* one = std::get_if<PutOp>(&op)) put.insert(one->record);
      if (const auto* one = std::get_if<PurgeOp>(&op))
        for (const auto& record : one->records) put.erase(record);
    }
  }
  for (const auto& record : put) CHECK_BUG(tree.has_record(record));
  tree.walk(tree::Names::kRoot, [&](const tree::Item& item) {
    const auto path = tree.path_of(item.node);
    const auto found = tree.find(path);
    CHECK_BUG(split_path(path).has_value() && found && found->node == item.node);
    return true;
  });
  const auto state = state_of(tree);
  const auto again = load(state);
  CHECK_BUG(again && state_of(*again) == state);
}

}  // namespace

void fuzz(ByteView input) {
  const auto kind = take_byte(input) % 3;
  if (kind == 0) return read_line(std::string(text_of(input)));
  if (kind == 1) return fold(text_of(input));
  if (const auto tree = load(input)) (void)state_of(*tree);
}

}  // namespace inxt::fuzz
