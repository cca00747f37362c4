// SPDX-License-Identifier: AGPL-3.0-or-later
// A stored piece's file.  First byte: the file as it is; a trailer's JSON, given its length and checksum here; or changes
// to a good file, every one of which has to be found.
#include <algorithm>

#include "crypto/hash.h"
#include "fuzz/support/fuzz.h"
#include "store/names.h"
#include "support/pieces.h"

namespace inxt::fuzz {
namespace {

void trailer(ByteView json) {
  Bytes bytes(store::kTrailerBytes);
  const auto length = std::min(json.size(), store::kTrailerJsonBytesMax);
  std::copy_n(json.begin(), length, bytes.begin());
  const auto count = big_endian(static_cast<std::uint32_t>(length));
  std::ranges::copy(count, bytes.begin() + store::kTrailerJsonBytesMax);
  const auto checksum = crypto::sha256(ByteView(bytes).first(store::kTrailerBytes - 32));
  std::ranges::copy(checksum, bytes.end() - 32);
  const auto read = store::decode_trailer(bytes);
  if (!read) return;
  CHECK_BUG(read->size_bytes >= 1 && read->size_bytes <= proof::kPieceBytesMax);
  Bytes again(store::kTrailerBytes);
  if (!store::encode_trailer(*read, again)) return;  // text that another program wrote shorter
  const auto back = store::decode_trailer(again);
  CHECK_BUG(back && *back == *read);
}

void changes(ByteView input) {
  const std::uint64_t size = 1 + (std::uint64_t{take_byte(input)} << 8) + take_byte(input);
  testing::MadePiece made(size, 1, testing::account_number(1));
  CHECK_BUG(made.buffer.finish(made.tree, made.trailer).has_value());
  const Bytes good = copy_of(made.buffer.image());
  CHECK_BUG(store::check_image(good).has_value());
  Bytes changed = good;
  while (input.size() >= 4) {  // where, and by what
    const auto at = from_big_endian<std::uint32_t>(input) >> 8;
    changed[at % changed.size()] ^= input[3];
    input = input.subspan(4);
  }
  if (input.size() == 1) changed.resize(changed.size() - std::to_integer<std::size_t>(input[0]));
  CHECK_BUG(store::check_image(changed).has_value() == (changed == good));
}

void names(std::string_view name) {
  if (const auto folder = store::folder_from_name(name))
    CHECK_BUG(*folder < store::kFolders && store::folder_name(*folder) == name);
  if (const auto key = store::key_from_name(name)) CHECK_BUG(store::file_name(*key) == name);
}

}  // namespace

void fuzz(ByteView input) {
  switch (take_byte(input) % 4) {
    case 0:
      (void)store::blocks_of_file(input.size());
      (void)store::check_image(input);
      return;
    case 1: return trailer(input);
    case 2: return changes(input);
    default: return names(text_of(input));
  }
}

}  // namespace inxt::fuzz
