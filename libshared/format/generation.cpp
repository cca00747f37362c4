// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/generation.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "crypto/labels.h"

namespace inxt::format {
namespace {

constexpr std::size_t kNameBytesMax = 255;
constexpr std::size_t kPrivateJsonBytesMax = 800;

/// A name that would lead to another folder is not the name of a file.
bool is_file_name(std::string_view name) {
  return name.find('/') == name.npos && name.find('\0') == name.npos && name != "." && name != "..";
}

}  // namespace

Generation Generation::fresh(crypto::Random& random) {
  FileId file;
  random.fill(file.bytes);
  crypto::Key secret;
  random.fill(secret.span());
  return {file, std::move(secret)};
}

Result<Generation> Generation::open(const Header& header, ByteView secret) {
  if (secret.size() != 32) return fail(Code::integrity, "the file's secret is not 32 bytes");
  Generation out(header.file, crypto::Key(secret.first<32>()));
  if (out.commitment() != header.commitment)
    return fail(Code::wrong_key, "the key opens a stanza, but not to the secret that the header commits to");
  return out;
}

crypto::Hash Generation::commitment() const {
  const auto key = crypto::derive(secret_.view(), file_.bytes, crypto::label::kCommitment);
  crypto::Hash out;
  std::ranges::copy(key.view(), out.begin());
  return out;
}

crypto::Key Generation::data_key() const {
  return crypto::derive(secret_.view(), file_.bytes, crypto::label::kDataKey);
}

crypto::Ctr Generation::ctr(std::uint64_t offset_bytes) const {
  return crypto::Ctr(data_key().view(), offset_bytes);
}

Result<Bytes> Generation::seal_private(crypto::Random& random, const PrivatePart& part) const {
  Json json = Json::object();
  if (part.name.size() > kNameBytesMax)
    return fail(Code::failure,
                fmt::format("the name is longer than {} bytes (kNameBytesMax)", kNameBytesMax));
  if (!part.name.empty()) {
    if (is_utf8(part.name))
      json["name"] = part.name;
    else
      json["name_b64"] = to_base64url(view_of(part.name));
  }
  if (part.mtime_unix_s && *part.mtime_unix_s >= 0) json["mtime"] = *part.mtime_unix_s;
  if (part.mode) json["mode"] = *part.mode;
  if (part.plain_bytes) json["length"] = *part.plain_bytes;
  if (part.zstd) json["compression"] = "zstd";
  if (part.padded) json["padding"] = "padme";
  const auto key = crypto::derive(secret_.view(), file_.bytes, crypto::label::kPrivateKey);
  return crypto::aead_seal(random, key, file_.bytes, view_of(write_compact(json)));
}

Result<PrivatePart> Generation::open_private(const Header& header) const {
  const auto key = crypto::derive(secret_.view(), file_.bytes, crypto::label::kPrivateKey);
  const auto text = TRY_IN("private part", crypto::aead_open(key, file_.bytes, header.private_part));
  const auto json = TRY_IN("private part", parse_object(text.text(), kPrivateJsonBytesMax));
  const Fields fields(json, "private part");
  PrivatePart part;
  if (fields.has("name")) part.name = TRY(fields.text("name", kNameBytesMax));
  if (fields.has("name_b64")) part.name = text_of(TRY(fields.base64("name_b64", kNameBytesMax)));
  if (!is_file_name(part.name)) return fields.bad("name", "a file's name without folders was expected");
  if (fields.has("mtime")) part.mtime_unix_s = TRY(fields.time("mtime"));
  if (fields.has("mode")) part.mode = static_cast<std::uint32_t>(TRY(fields.integer("mode", 07777)));
  if (fields.has("length")) part.plain_bytes = TRY(fields.integer("length"));
  if (fields.has("compression")) {
    TRY(fields.expect("compression", "zstd"));
    part.zstd = true;
  }
  if (fields.has("padding")) {
    TRY(fields.expect("padding", "padme"));
    part.padded = true;
  }
  return part;
}

Result<Stanza> Generation::stanza_for(const ByteArray<32>& recipient_public,
                                      std::string recipient_name) const {
  return Stanza{.recipient = std::move(recipient_name),
                .sealed_secret = TRY(crypto::seal_to(recipient_public, secret_.view()))};
}

Result<crypto::SecretBytes> open_stanzas(const std::vector<Stanza>& stanzas, ByteView recipient_secret) {
  for (const auto& stanza : stanzas)
    if (auto secret = crypto::open_sealed(recipient_secret, stanza.sealed_secret)) return secret;
  return fail(Code::wrong_key,
              fmt::format("none of the manifest's {} stanzas opens with this key", stanzas.size()),
              "is this the key of the file's owner or of one of its recipients?");
}

}  // namespace inxt::format
