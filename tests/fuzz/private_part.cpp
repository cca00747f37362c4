// SPDX-License-Identifier: AGPL-3.0-or-later
// The header's private part, sealed here under a fixed secret; and a Host's accept list.
#include <algorithm>

#include "crypto/labels.h"
#include "format/generation.h"
#include "fuzz/support/fuzz.h"
#include "host/accept_list.h"

namespace inxt::fuzz {

void fuzz(ByteView input) {
  if (const auto list = host::AcceptList::parse(text_of(input))) CHECK_BUG(!list->is_any());

  const ByteArray<32> secret{std::byte{3}};
  crypto::SeededRandom random(1);
  format::Header header;
  const auto commitment = crypto::derive(secret, header.file.bytes, crypto::label::kCommitment);
  std::ranges::copy(commitment.view(), header.commitment.begin());
  const auto key = crypto::derive(secret, header.file.bytes, crypto::label::kPrivateKey);
  header.private_part = crypto::aead_seal(random, key, header.file.bytes, input);
  const auto generation = format::Generation::open(header, secret);
  CHECK_BUG(generation.has_value());
  const auto part = generation->open_private(header);
  if (!part) return;
  CHECK_BUG(part->name.size() <= 255 && part->name.find('/') == part->name.npos &&
            part->name.find('\0') == part->name.npos && part->name != "." && part->name != "..");
  if (part->mode) CHECK_BUG(*part->mode <= 07777);
  const auto again = generation->seal_private(random, *part);
  if (!again) return;
  header.private_part = *again;
  const auto back = generation->open_private(header);
  CHECK_BUG(back && back->name == part->name && back->mtime_unix_s == part->mtime_unix_s && back->mode == part->mode &&
            back->plain_bytes == part->plain_bytes && back->zstd == part->zstd && back->padded == part->padded);
}

}  // namespace inxt::fuzz
