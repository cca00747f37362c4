// SPDX-License-Identifier: AGPL-3.0-or-later
// Key files.  First byte: whether the rest is the whole file, or the secret part of one that is not sealed.
#include "base/encoding.h"
#include "fuzz/support/fuzz.h"
#include "keys/key_file.h"
#include "keys/secret_json.h"

namespace inxt::fuzz {

void fuzz(ByteView input) {
  static const auto owner = keys::OwnerKeys::from_entropy(ByteArray<32>{});
  std::string text;
  if (take_byte(input) % 2 == 0) {
    text = text_of(input);
  } else {
    const auto members = keys::read_secret_json(text_of(input));
    if (members) CHECK_BUG(members->size() <= 4);
    text = R"({"type":"inxt-key","version":1,"kind":"owner","sealed":false,"public":{"owner":")" + owner.id().hex() +
           R"(","recipient":")" + keys::recipient_text(owner.recipient()) + R"("},"secret":")" + to_base64url(input) +
           "\"}\n";
  }
  const auto file = keys::KeyFile::parse(text);
  if (!file) return;
  CHECK_BUG(text.size() <= keys::kKeyFileBytesMax);
  (void)file->fingerprint();
  if (file->sealed()) {
    const crypto::Key key(ByteArray<32>{});
    CHECK_BUG(!file->open_with(key));
    return;
  }
  const auto key = file->open();
  if (key) CHECK_BUG(key->owner_id() == file->public_keys().owner && key->recipient() == file->public_keys().recipient);
}

}  // namespace inxt::fuzz
