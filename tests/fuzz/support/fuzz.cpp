// SPDX-License-Identifier: AGPL-3.0-or-later
#include "fuzz/support/fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

#include "base/encoding.h"
#include "crypto/box.h"
#include "crypto/labels.h"
#include "format/manifest_chain.h"

namespace inxt::fuzz {
namespace {

constexpr std::string_view kSigStart = R"(,"sig":")";
constexpr std::size_t kSigBytes = kSigStart.size() + 86 + 2;  // with the closing quote and brace

bool is_type(std::string_view line, std::string_view type) {
  return line.find("\"type\":\"" + std::string(type) + '"') != line.npos;
}

}  // namespace

const crypto::SigningKey& signing_key() {
  static const auto key = crypto::SigningKey::from_seed(ByteArray<32>{std::byte{1}});
  return key;
}

std::string signer_hex() {
  return to_hex(signing_key().public_key());
}

ByteView recipient_secret() {
  static constexpr ByteArray<32> kSecret{std::byte{2}};
  return kSecret;
}

ByteArray<32> recipient_public() {
  static const auto key = crypto::x25519_public(recipient_secret());
  return key;
}

std::uint8_t take_byte(ByteView& input) {
  if (input.empty()) return 0;
  const auto byte = std::to_integer<std::uint8_t>(input[0]);
  input = input.subspan(1);
  return byte;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

sys::Fd fd_of(std::string_view text) {
  sys::Fd fd(::memfd_create("fuzz", MFD_CLOEXEC));
  CHECK_BUG(fd && ::write(fd.number(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  CHECK_BUG(::lseek(fd.number(), 0, SEEK_SET) == 0);
  return fd;
}

std::string sign_again(std::string_view line, std::string_view label, ByteView context) {
  if (line.size() >= kSigBytes && line.substr(line.size() - kSigBytes).starts_with(kSigStart))
    line.remove_suffix(kSigBytes);
  else if (line.ends_with('}'))
    line.remove_suffix(1);
  const auto signature = signing_key().sign(label, {context, view_of(line)});
  return std::string(line) + std::string(kSigStart) + to_base64url(signature) + "\"}";
}

std::string with_hex_member(std::string text, std::string_view key, std::string_view hex) {
  const std::string start = "\"" + std::string(key) + "\":\"";
  const auto at = text.find(start);
  if (at == text.npos) return text;
  const auto value = at + start.size();
  if (text.find('"', value) == value + hex.size()) text.replace(value, hex.size(), hex);
  return text;
}

std::string sign_manifest_again(std::string_view text) {
  std::string out;
  crypto::Hash header_hash{};
  crypto::Sha256 running;
  bool has_header = false;
  for (const auto line : lines_of(text)) {
    std::string made(line);
    if (is_type(line, "header")) {
      made = sign_again(with_hex_member(std::move(made), "writer", signer_hex()), crypto::label::kHeaderLine, {});
      if (!has_header) header_hash = format::header_hash(made);
      has_header = true;
    } else if (is_type(line, "seal")) {
      made = sign_again(with_hex_member(std::move(made), "hash", to_hex(running.digest())),
                        crypto::label::kManifestLine, header_hash);
    } else if (!is_type(line, "place") && !is_type(line, "file") && !is_type(line, "error")) {
      made = sign_again(made, crypto::label::kManifestLine, header_hash);
    }
    made += '\n';
    if (is_type(line, "header") || is_type(line, "layout") || is_type(line, "piece")) running.update(view_of(made));
    out += made;
  }
  return out;
}

}  // namespace inxt::fuzz
