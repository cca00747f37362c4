// SPDX-License-Identifier: LGPL-3.0-or-later
#include "keys/words.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>

#include "base/check.h"
#include "base/edit_distance.h"
#include "crypto/hash.h"
#include "keys/word_list.h"

namespace inxt::keys {
namespace {

constexpr std::size_t kBitsPerWord = 11;
constexpr std::size_t kShownBytesMax = 32;  // of a mistaken word, in an error
constexpr std::size_t kDistanceMax = 3;
constexpr int kSeedRounds = 2048;  // BIP-39

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::unexpected<Error> not_a_word(std::string_view word, std::size_t position) {
  std::string shown;  // only letters: this may be a paste of anything
  for (char c : word.substr(0, kShownBytesMax)) shown += is_letter(c) ? c : '?';
  std::string hint;
  for (std::string_view near : nearest_words(word))
    hint += fmt::format("{}{}", hint.empty() ? "" : ", ", near);
  return fail(Code::usage, fmt::format("word {} is not in the list: \"{}\"", position, shown),
              hint.empty() ? "write each word out as it was shown" : "did you mean: " + hint);
}

}  // namespace

std::string_view word_at(std::size_t index) {
  CHECK_BUG(index < kWordCount);
  return kWordList[index];
}

std::optional<std::size_t> word_index(std::string_view word) {
  auto found = std::lower_bound(kWordList.begin(), kWordList.end(), word);
  if (found == kWordList.end() || *found != word) return std::nullopt;
  return static_cast<std::size_t>(found - kWordList.begin());
}

std::vector<std::string_view> nearest_words(std::string_view word) {
  if (word.size() > kShownBytesMax) return {};
  std::vector<std::pair<std::size_t, std::string_view>> near;
  for (std::string_view candidate : kWordList)
    if (std::size_t distance = edit_distance(word, candidate); distance <= kDistanceMax)
      near.emplace_back(distance, candidate);
  std::sort(near.begin(), near.end());
  std::vector<std::string_view> words;
  for (const auto& [distance, candidate] : near) {
    // A word as far off as it is long shares nothing with what was written.
    if (words.size() == 3 || distance >= word.size() || distance > near.front().first + 1) break;
    words.push_back(candidate);
  }
  return words;
}

crypto::SecretBytes words_from_entropy(ByteView entropy) {
  CHECK_BUG(entropy.size() == 16 || entropy.size() == 32);
  crypto::Hash checksum = crypto::sha256(entropy);
  crypto::Secret<33> bits;  // entropy, then the first byte of its hash, of which 4 or 8 bits are used
  std::memcpy(bits.span().data(), entropy.data(), entropy.size());
  bits.span()[entropy.size()] = checksum[0];
  crypto::wipe(checksum);

  std::size_t words = entropy.size() * 3 / 4;
  crypto::SecretBytes text;
  for (std::size_t i = 0; i < words; ++i) {
    std::size_t index = 0;
    for (std::size_t bit = i * kBitsPerWord; bit < (i + 1) * kBitsPerWord; ++bit)
      index = index << 1 | (std::to_integer<std::size_t>(bits.view()[bit / 8]) >> (7 - bit % 8) & 1);
    if (i > 0) text.append(view_of(" "));
    text.append(view_of(word_at(index)));
  }
  return text;
}

Result<crypto::SecretBytes> entropy_from_words(std::string_view text) {
  if (text.size() > kWordsTextBytesMax)
    return fail(Code::usage,
                fmt::format("more than {} bytes of words (kWordsTextBytesMax)", kWordsTextBytesMax));
  crypto::Secret<33> bits;
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (is_space(text[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && !is_space(text[end])) ++end;
    std::string_view written = text.substr(at, end - at);
    at = end;
    ++count;

    ByteArray<kShownBytesMax> lower{};
    if (written.size() > lower.size()) return not_a_word(written, count);
    for (std::size_t i = 0; i < written.size(); ++i)
      lower[i] = static_cast<std::byte>(is_letter(written[i]) ? written[i] | 0x20 : written[i]);
    std::string_view word = text_of(lower).substr(0, written.size());
    std::optional<std::size_t> index = word_index(word);
    if (!index) return not_a_word(word, count);
    crypto::wipe(lower);
    if (count > 24) continue;  // counted for the error
    for (std::size_t bit = 0; bit < kBitsPerWord; ++bit)
      if (*index >> (kBitsPerWord - 1 - bit) & 1) {
        std::size_t place = (count - 1) * kBitsPerWord + bit;
        bits.span()[place / 8] |= static_cast<std::byte>(0x80 >> place % 8);
      }
  }
  if (count != 12 && count != 24)
    return fail(Code::usage, fmt::format("{} words; 24 or 12 are needed", count));

  std::size_t entropy_bytes = count * 4 / 3;
  ByteView entropy = bits.view().first(entropy_bytes);
  crypto::Hash checksum = crypto::sha256(entropy);
  std::byte mask = count == 24 ? std::byte{0xff} : std::byte{0xf0};
  bool good = (checksum[0] & mask) == bits.view()[entropy_bytes];
  crypto::wipe(checksum);
  if (!good)
    return fail(Code::integrity, "every word is in the list, but their checksum is wrong",
                "one of the words is another one from the list, or two have changed places");
  return crypto::SecretBytes(entropy);
}

Seed seed_from_words(std::string_view words, std::string_view passphrase) {
  crypto::SecretBytes salt(view_of("mnemonic"));
  salt.append(view_of(passphrase));
  Seed seed;
  int done = PKCS5_PBKDF2_HMAC(words.data(), static_cast<int>(words.size()), raw(salt.view()),
                               static_cast<int>(salt.size()), kSeedRounds, EVP_sha512(),
                               static_cast<int>(seed.view().size()), raw(seed.span()));
  CHECK_BUG(done == 1);
  return seed;
}

}  // namespace inxt::keys
