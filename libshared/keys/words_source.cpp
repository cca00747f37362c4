// SPDX-License-Identifier: LGPL-3.0-or-later
#include "keys/words_source.h"

#include "keys/passphrase.h"
#include "sys/files.h"

namespace inxt::keys {
namespace {

Result<Key> key_of(std::string_view words) {
  const crypto::SecretBytes entropy = TRY(entropy_from_words(words));
  return Key::of_owner(OwnerKeys::from_entropy(entropy.view()));
}

}  // namespace

Result<Key> key_from_words(int fd, std::string_view what) {
  crypto::Secret<kWordsTextBytesMax + 1> text;
  const std::size_t length = TRY(sys::read_full(fd, text.span(), what));
  return key_of(text_of(text.view().first(length)));
}

Result<Key> key_from_asked_words(const std::function<void(const Error& error)>& tell) {
  for (int i = 1;; ++i) {
    const crypto::SecretBytes words =
        TRY(ask_passphrase("The 24 or 12 words on one line (they are not shown): "));
    Result<Key> key = key_of(words.text());
    if (key || i == kWordsTriesMax) return key;
    tell(key.error());
  }
}

}  // namespace inxt::keys
