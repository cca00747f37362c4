// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/share_file.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "crypto/box.h"
#include "crypto/labels.h"
#include "format/descriptor.h"
#include "format/manifest_chain.h"

namespace inxt::format {
namespace {

constexpr std::size_t kSealedBytes = 32 + crypto::kSealedBoxOverheadBytes;
constexpr std::size_t kRecipientBytesMax = 90;  // bech32's own limit
const std::string kWhere = "share file";

}  // namespace

Result<std::string> write_share_file(const ShareAccess& access, std::int64_t expires_unix_s,
                                     const ByteArray<32>& recipient, const std::string& recipient_text,
                                     const crypto::SigningKey& writer) {
  Json json{{"type", "share"}, {"version", 1}, {"bridge", to_hex(access.bridge)}};
  json["addresses"] = Json::array();
  for (const auto& address : access.addresses)
    if (json["addresses"].size() < kShareAddressesMax) json["addresses"].push_back(address);
  json["id"] = access.keys.id().hex();
  json["expires"] = expires_unix_s;
  json["recipient"] = recipient_text;
  json["sealed"] = to_base64url(TRY(crypto::seal_to(recipient, access.keys.secret().view())));
  json["writer"] = to_hex(writer.public_key());
  return sign_line(json, crypto::label::kShareLine, {}, writer) + '\n';
}

Result<ShareFile> read_share_file(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.size() > kShareFileBytesMax)
    return fail(Code::integrity,
                fmt::format("{}: longer than {} bytes (kShareFileBytesMax)", kWhere, kShareFileBytesMax));
  const Json json = TRY_IN(kWhere, parse_object(text, kShareFileBytesMax));
  const Fields fields(json, kWhere);
  TRY(fields.expect("type", "share"));
  if (const auto version = TRY(fields.integer("version")); version != 1)
    return fields.bad("version", fmt::format("{} is not one that this program reads", version));
  TRY(fields.check_crit({}));
  ShareFile out;
  TRY(fields.hex("bridge", out.bridge));
  out.addresses = TRY(fields.texts("addresses", kShareAddressesMax, kAddressBytesMax));
  if (out.addresses.empty()) return fields.bad("addresses", "none");
  for (const auto& address : out.addresses)
    if (!is_address(address)) return fields.bad("addresses", "one is no address and port");
  out.share = TRY(fields.id<ShareId>("id"));
  out.expires_unix_s = TRY(fields.time("expires"));
  out.recipient = TRY(fields.text("recipient", kRecipientBytesMax));
  out.sealed.resize(kSealedBytes);
  TRY(fields.base64("sealed", ByteSpan(out.sealed)));
  out.writer = TRY(fields.id<WriterId>("writer"));
  const auto parts = TRY_IN(kWhere, split_signed(text));
  if (!verify_line(parts, crypto::label::kShareLine, {}, out.writer.bytes))
    return fields.bad("sig", "not the writer's signature over this line");
  if (!crypto::is_valid_public_key(out.bridge)) return fields.bad("bridge", "no Ed25519 public key");
  return out;
}

Result<ShareAccess> open_share_file(const ShareFile& file, ByteView recipient_secret) {
  auto secret = crypto::open_sealed(recipient_secret, file.sealed);
  if (!secret)
    return fail(secret.error().code,
                fmt::format("{}: it is sealed to {}, which is not this key", kWhere, file.recipient),
                "say with --key-file which key it was made for");
  if (secret->size() != 32) return fail(Code::integrity, kWhere + ": sealed: not 32 bytes");
  ShareAccess out{.keys = ShareKeys::of(secret->view()),
                  .bridge = file.bridge,
                  .addresses = file.addresses,
                  .writer = file.writer};
  if (out.keys.id() != file.share)
    return fail(Code::integrity, kWhere + ": id: not that of the secret in it");
  return out;
}

}  // namespace inxt::format
