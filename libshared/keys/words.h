// SPDX-License-Identifier: LGPL-3.0-or-later
// An owner's words: 12 or 24 words of the English list <-> 16 or 32 bytes of entropy.
// Source: BIP-39 (https://github.com/bitcoin/bips/blob/master/bip-0039.mediawiki), list english.txt.
#pragma once

#include <optional>
#include <vector>

#include "base/result.h"
#include "crypto/secret.h"

namespace inxt::keys {

inline constexpr std::size_t kWordCount = 2048;
inline constexpr std::size_t kWordsTextBytesMax =
    1024;  // 24 words of at most 8 letters, with much space between
using Seed = crypto::Secret<64>;

/// Entry `index` of the list, sorted by letters.  REQUIRES: index < kWordCount.
std::string_view word_at(std::size_t index);
std::optional<std::size_t> word_index(std::string_view word);
/// Up to three list words with the smallest edit distance (at most 3) to `word`, nearest first.
std::vector<std::string_view> nearest_words(std::string_view word);

/// The words of some entropy, one space between.  REQUIRES: 16 or 32 bytes.
crypto::SecretBytes words_from_entropy(ByteView entropy);

/// The inverse.  Any ASCII white space may stand between words; capital letters are taken as small ones, and
/// four or more letters that begin only one list word are not completed: a word is written out. Errors:
/// usage, naming the word that is not in the list, its position from 1 and the nearest list words; or that
/// there
///         are not 12 or 24 words; integrity when every word is in the list but the checksum differs.
/// Limits: kWordsTextBytesMax.
Result<crypto::SecretBytes> entropy_from_words(std::string_view text);

/// PBKDF2-HMAC-SHA512, 2,048 rounds, salt "mnemonic" || passphrase.  inxt uses the empty passphrase.
/// REQUIRES: words as words_from_entropy gives them.  Cost: about a millisecond.
Seed seed_from_words(std::string_view words, std::string_view passphrase = {});

}  // namespace inxt::keys
