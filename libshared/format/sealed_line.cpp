// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/sealed_line.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/check.h"
#include "format/manifest_chain.h"
#include "format/zstd_text.h"

namespace inxt::format {
namespace {

constexpr std::string_view kOwnersKey = "owner";
constexpr std::string_view kBodyKey = R"(,"body":")";
constexpr std::size_t kSealedKeyBytes = 32 + crypto::kSealedBoxOverheadBytes;

}  // namespace

Result<std::string> write_sealed_line(Json clear, std::string_view body, const BodySealer& sealer,
                                      std::string_view label, const crypto::SigningKey& writer,
                                      std::size_t line_bytes_max, crypto::Random& random) {
  crypto::Key fresh;
  if (sealer.key_ != nullptr) {
    clear["key"] = kOwnersKey;
  } else {
    random.fill(fresh.span());
    clear["key"] = to_base64url(TRY(crypto::seal_to(sealer.recipient_, fresh.view())));
  }
  std::string associated = write_compact(clear);
  CHECK_BUG(associated.size() > 2 && associated.back() == '}');
  associated.pop_back();
  clear["body"] = to_base64url(crypto::aead_seal(random, sealer.key_ != nullptr ? *sealer.key_ : fresh,
                                                 view_of(associated), compress_text(body)));
  auto line = sign_line(clear, label, {}, writer);
  if (line.size() > line_bytes_max)
    return fail(Code::usage,
                fmt::format("the line takes {} bytes, more than {}", line.size(), line_bytes_max));
  return line;
}

bool SealedLine::verify(const crypto::PublicKey& writer, std::string_view label) const {
  return verify_line(SignedText{.body = signed_text, .signature = signature}, label, {}, writer);
}

Result<SealedLine> read_sealed_line(std::string_view line, std::size_t line_bytes_max,
                                    const std::string& where, Json& clear) {
  SealedLine out;
  clear = TRY_IN(where, parse_object(line, line_bytes_max));
  const auto parts = TRY_IN(where, split_signed(line));
  out.signed_text = parts.body;
  out.signature = parts.signature;

  const Fields fields(clear, where);
  TRY(fields.check_crit({}));
  if (const auto key = TRY(fields.text("key", (kSealedKeyBytes * 8 + 5) / 6)); key != kOwnersKey) {
    out.sealed_key.emplace(kSealedKeyBytes);
    TRY(fields.base64("key", ByteSpan(*out.sealed_key)));
  }
  // A text has a quotation mark in it only behind a backslash, and b64 has neither: what is found here is the
  // last member that is called body, and there is no other.
  const auto at = out.signed_text.rfind(kBodyKey);
  const auto body = at == out.signed_text.npos
                        ? std::string_view()
                        : std::string_view(out.signed_text).substr(at + kBodyKey.size());
  if (body.size() < 2 || body.find('"') != body.size() - 1)
    return fields.bad("body", "not the last member before the signature");
  auto bytes = from_base64url(body.substr(0, body.size() - 1));
  if (!bytes) return fields.bad("body", bytes.error().what);
  out.associated_bytes = at;
  out.body = *std::move(bytes);
  if (!clear.contains("body")) return fields.bad("body", "missing");  // it stood in another object
  clear.erase("body");                                                // a second copy of up to a mebibyte
  return out;
}

Result<std::string> open_body(const SealedLine& line, const crypto::Key& owner_key, ByteView recipient_secret,
                              std::size_t body_bytes_max) {
  crypto::Key fresh;
  if (line.sealed_key) {
    const auto opened = TRY_IN("key", crypto::open_sealed(recipient_secret, *line.sealed_key));
    if (opened.size() != 32) return fail(Code::integrity, "key: not 32 bytes are sealed in it");
    fresh = crypto::Key(opened.view().first<32>());
  }
  const auto frame =
      TRY_IN("body", crypto::aead_open(line.sealed_key ? fresh : owner_key, line.associated(), line.body));
  return TRY_IN("body", decompress_text(frame.view(), body_bytes_max, "body_bytes_max"));
}

}  // namespace inxt::format
