// SPDX-License-Identifier: AGPL-3.0-or-later
// The words of an owner, and the nearest words of a misspelt one.
#include <algorithm>

#include "fuzz/support/fuzz.h"
#include "keys/words.h"

namespace inxt::fuzz {

void fuzz(ByteView input) {
  const auto text = text_of(input);
  if (text.size() <= keys::kWordsTextBytesMax) {
    const auto near = keys::nearest_words(text.substr(0, 64));
    CHECK_BUG(near.size() <= 3);
    for (const auto word : near) CHECK_BUG(keys::word_index(word).has_value());
  }
  const auto entropy = keys::entropy_from_words(text);
  if (!entropy) return;
  CHECK_BUG(entropy->size() == 16 || entropy->size() == 32);
  const auto words = keys::words_from_entropy(entropy->view());
  const auto back = keys::entropy_from_words(words.text());
  CHECK_BUG(back && std::ranges::equal(back->view(), entropy->view()));
}

}  // namespace inxt::fuzz
