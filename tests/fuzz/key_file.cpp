// SPDX-License-Identifier: AGPL-3.0-or-later
// Key files.  First byte, mod 4: 0 the rest is the whole file, 1 it is the secret part of one that is not sealed, 2 it
// is a whole backup of a Host's identity, 3 it is an identity as it stands in a store.
#include "base/encoding.h"
#include "fuzz/support/fuzz.h"
#include "host/identity_backup.h"
#include "keys/key_file.h"
#include "keys/secret_json.h"

namespace inxt::fuzz {
namespace {

void backup(ByteView input) {
  const auto backup = host::Backup::parse(text_of(input));
  if (!backup || backup->sealed()) return;
  const auto identity = backup->open(std::nullopt);
  if (identity) CHECK_BUG(identity->id() == backup->id() && identity->former.size() == identity->succession.size());
}

}  // namespace

void fuzz(ByteView input) {
  static const auto owner = keys::OwnerKeys::from_entropy(ByteArray<32>{});
  std::string text;
  const auto selector = take_byte(input) % 4;
  if (selector == 2) return backup(input);
  if (selector == 3) {
    const auto identity = host::read_identity(text_of(input), "fuzz");
    if (identity) CHECK_BUG(host::identity_text(*identity).text() == text_of(input));
    return;
  }
  if (selector == 0) {
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
