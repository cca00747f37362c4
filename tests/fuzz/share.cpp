// SPDX-License-Identifier: AGPL-3.0-or-later
// What a reader of a share is given.  First byte: 0 a link, 1 a share file (signed here), 2 the JSON of a
// bundle, sealed and signed here with as many secrets as the next byte says, else a bundle as it comes.
#include "base/encoding.h"
#include "crypto/box.h"
#include "crypto/labels.h"
#include "crypto/random.h"
#include "format/share_bundle.h"
#include "format/share_file.h"
#include "format/share_link.h"
#include "format/zstd_text.h"
#include "fuzz/support/fuzz.h"

namespace inxt::fuzz {
namespace {

using namespace format;

const ShareKeys& keys() {
  static const ShareKeys made = ShareKeys::of(signing_key().seed());
  return made;
}

/// What opens can be written and read again.
void check_bundle(ByteView sealed) {
  const WriterId writer{signing_key().public_key()};
  const auto bundle = open_bundle(sealed, keys(), writer);
  if (!bundle) return;
  CHECK_BUG(bundle->is_folder || bundle->files.size() == 1);
  for (const auto& file : bundle->files) CHECK_BUG(split_path("/" + file.path).has_value());
  crypto::SeededRandom random(1);
  const auto again = seal_bundle(*bundle, keys(), signing_key(), random);
  if (!again) return;  // past what is made here
  const auto back = open_bundle(*again, keys(), writer);
  CHECK_BUG(back && back->files.size() == bundle->files.size() && back->name == bundle->name);
}

void check_json(ByteView input) {
  const std::size_t secrets = take_byte(input);
  crypto::SecretBytes inner;
  const ByteArray<4> count{std::byte{0}, std::byte{0}, std::byte{0}, static_cast<std::byte>(secrets)};
  inner.append(count);
  inner.append(Bytes(32 * secrets));
  inner.append(compress_text(text_of(input)));
  crypto::SecretBytes plain;
  plain.append(signing_key().sign(crypto::label::kShareBundle, {keys().id().view(), inner.view()}));
  plain.append(inner.view());
  crypto::SeededRandom random(1);
  check_bundle(crypto::aead_seal(random, keys().bundle_key(), keys().id().view(), plain.view()));
}

}  // namespace

void fuzz(ByteView input) {
  const auto selector = take_byte(input);
  const std::string_view text = text_of(input);
  if (selector == 0) {
    const auto access = read_share_link(text);
    if (!access) return;
    const auto again = write_share_link(*access);
    CHECK_BUG(text.find(again.text()) != text.npos);  // but for white space, there is one text for one link
  } else if (selector == 1) {
    (void)read_share_file(text);
  } else if (selector == 2) {
    check_json(input);
  } else {
    check_bundle(input);
  }
}

}  // namespace inxt::fuzz
