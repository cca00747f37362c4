// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/share_link.h"

#include <fmt/format.h>

#include "base/check.h"
#include "format/descriptor.h"

namespace inxt::format {
namespace {

constexpr std::string_view kScheme = "https://";
constexpr std::string_view kFolder = "/s/";
constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kFragmentBytes = 3 * kKeyBytes;
constexpr std::size_t kFragmentLetters = kFragmentBytes / 3 * 4;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const auto first = text.find_first_not_of(kSpace);
  return first == text.npos ? std::string_view()
                            : text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

std::unexpected<Error> no_link(std::string_view why) {
  return fail(Code::usage, fmt::format("not a share's link: {}", why),
              "a link is https://ADDRESS/s/ID#SECRET, whole, with what stands behind the #");
}

}  // namespace

crypto::SecretBytes write_share_link(const ShareAccess& access) {
  CHECK_BUG(!access.addresses.empty());
  crypto::SecretBytes fragment;
  fragment.append(access.keys.secret().view());
  fragment.append(access.bridge);
  fragment.append(access.writer.view());
  crypto::SecretBytes out;
  out.append(
      view_of(fmt::format("{}{}{}{}#", kScheme, access.addresses.front(), kFolder, access.keys.id().hex())));
  std::string text = to_base64url(fragment.view());
  out.append(view_of(text));
  crypto::wipe(std::as_writable_bytes(std::span(text)));
  return out;
}

Result<ShareAccess> read_share_link(std::string_view text) {
  text = trimmed(text);
  if (text.size() > kShareLinkBytesMax)
    return no_link(fmt::format("longer than {} bytes (kShareLinkBytesMax)", kShareLinkBytesMax));
  if (!text.starts_with(kScheme)) return no_link("it does not begin with https://");
  text.remove_prefix(kScheme.size());
  const auto folder = text.find(kFolder);
  const auto hash = text.find('#');
  if (hash == text.npos) return no_link("nothing stands behind a #: the secret is missing");
  if (folder == text.npos || folder > hash) return no_link("no /s/ID in it");
  const std::string address(text.substr(0, folder));
  if (!is_address(address)) return no_link("no address and port behind https://");
  const auto id = ShareId::parse(text.substr(folder + kFolder.size(), hash - folder - kFolder.size()));
  if (!id) return no_link("the ID is not 32 lower-case hex digits");

  const auto letters = text.substr(hash + 1);
  ByteArray<kFragmentBytes> fragment{};
  if (letters.size() != kFragmentLetters || !from_base64url(letters, fragment))
    return no_link(fmt::format("what stands behind the # is not {} letters of base64url", kFragmentLetters));
  const ByteView bytes(fragment);
  ShareAccess out{
      .keys = ShareKeys::of(bytes.first(kKeyBytes)), .bridge = {}, .addresses = {address}, .writer = {}};
  std::memcpy(out.bridge.data(), bytes.data() + kKeyBytes, kKeyBytes);
  std::memcpy(out.writer.bytes.data(), bytes.data() + 2 * kKeyBytes, kKeyBytes);
  crypto::wipe(fragment);
  if (out.keys.id() != *id)
    return no_link("its ID is not that of its secret: it was changed, or is of two links");
  if (!crypto::is_valid_public_key(out.bridge) || !crypto::is_valid_public_key(out.writer.bytes))
    return no_link("what stands behind the # was changed");
  return out;
}

}  // namespace inxt::format
