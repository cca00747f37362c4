// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/share_bundle.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

#include "crypto/box.h"
#include "crypto/labels.h"
#include "format/manifest_lines.h"
#include "format/zstd_text.h"

namespace inxt::format {
namespace {

constexpr std::size_t kSignatureBytes = 64;
constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kNameBytesMax = kTreePathBytesMax;

Json to_json(const SharedManifest& manifest) {
  return {{"lines", manifest.lines}, {"secrets", manifest.secrets.size()}};
}

Json to_json(const SharedFile& file) {
  Json json{{"path", file.path}};
  if (file.bytes) json["bytes"] = *file.bytes;
  json["mtime"] = file.mtime_unix_s;
  json["mode"] = file.mode;
  if (!file.extents.empty()) {
    json["extents"] = Json::array();
    for (const auto& extent : file.extents)
      json["extents"].push_back({{"first", extent.first},
                                 {"bytes", extent.bytes},
                                 {"from", extent.from},
                                 {"manifest", extent.manifest}});
  }
  json["manifests"] = Json::array();
  for (const auto& manifest : file.manifests) json["manifests"].push_back(to_json(manifest));
  return json;
}

Json to_json(const ShareBundle& bundle) {
  Json json{{"type", "bundle"},           {"version", 1},
            {"folder", bundle.is_folder}, {"name", bundle.name},
            {"made", bundle.made_unix_s}, {"expires", bundle.expires_unix_s}};
  if (bundle.seq > 0) json["seq"] = bundle.seq;
  json["accounts"] = Json::array();
  for (const auto& known : bundle.accounts)
    json["accounts"].push_back(
        {{"host", known.host.hex()}, {"uploader", known.uploader}, {"account", known.account.hex()}});
  json["folders"] = bundle.folders;
  json["files"] = Json::array();
  for (const auto& file : bundle.files) json["files"].push_back(to_json(file));
  return json;
}

/// A member that is a list of objects, at most `max` of them.
Result<const Json*> list_of(const Json& json, const Fields& fields, const char* key, std::size_t max,
                            std::string_view limit) {
  const auto list = json.find(key);
  if (list == json.end() || !list->is_array()) return fields.bad(key, "not a list");
  if (list->size() > max) return fields.bad(key, fmt::format("more than {} ({})", max, limit));
  for (const auto& member : *list)
    if (!member.is_object()) return fields.bad(key, "not a list of objects");
  return &*list;
}

/// The secrets, in the order of the manifests that they open.
struct Secrets {
  ByteView left;
  Result<crypto::Key> take() {
    if (left.empty()) return fail(Code::integrity, "bundle: fewer secrets than its manifests take");
    crypto::Key out(left.first<kSecretBytes>());
    left = left.subspan(kSecretBytes);
    return out;
  }
};

Result<SharedManifest> manifest_from(const Json& json, const std::string& where, Secrets& secrets) {
  const Fields fields(json, where);
  SharedManifest out;
  out.lines = TRY(fields.text("lines", kShareManifestBytesMax));
  const auto count = TRY(fields.integer("secrets", kManifestLevelsMax + 1));
  if (count == 0) return fields.bad("secrets", "0");
  for (std::uint64_t i = 0; i < count; ++i) out.secrets.push_back(TRY(secrets.take()));
  return out;
}

Result<std::vector<Extent>> extents_from(const Json& json, const Fields& fields, const std::string& where,
                                         std::optional<std::uint64_t> bytes, std::size_t manifests) {
  std::vector<Extent> out;
  if (!fields.has("extents")) return out;
  std::uint64_t at = 0;
  for (const auto& extent : *TRY(list_of(json, fields, "extents", kExtentsMax, "kExtentsMax"))) {
    const Fields of(extent, where + ", \"extents\"");
    Extent one;
    one.first = TRY(of.integer("first"));
    one.bytes = TRY(of.integer("bytes"));
    one.from = TRY(of.integer("from"));
    one.manifest = static_cast<std::uint32_t>(TRY(of.integer("manifest", kRecordManifestsMax)));
    if (one.first != at || one.bytes == 0) return of.bad("first", "a gap, or nothing in it");
    if (one.manifest >= manifests) return of.bad("manifest", "there are not so many");
    if (one.bytes > kJsonIntegerMax - at || one.from > kJsonIntegerMax - one.bytes)
      return of.bad("bytes", "past 2^53 - 1");
    at += one.bytes;
    out.push_back(one);
  }
  if (!bytes || at != *bytes) return fields.bad("extents", "they have other bytes than the file");
  return out;
}

/// A path below a folder that nobody can climb out of.
Result<void> check_path(const std::string& path, const Fields& fields) {
  const auto names = split_path("/" + path);
  if (!names) return fields.bad("path", names.error().what);
  if (names->empty()) return fields.bad("path", "empty");
  return {};
}

/// Whether what it lies in is one of `folders`: so no path is a file and a folder, and folders are counted.
bool has_its_folder(std::string_view path, const std::set<std::string_view>& folders) {
  const auto slash = path.rfind('/');
  return slash == path.npos || folders.contains(path.substr(0, slash));
}

Result<SharedFile> file_from(const Json& json, const std::string& where, Secrets& secrets) {
  const Fields fields(json, where);
  SharedFile out;
  out.path = TRY(fields.text("path", kNameBytesMax));
  TRY(check_path(out.path, fields));
  if (fields.has("bytes")) out.bytes = TRY(fields.integer("bytes"));
  out.mtime_unix_s = TRY(fields.time("mtime"));
  out.mode = static_cast<std::uint32_t>(TRY(fields.integer("mode", 07777)));
  const auto& manifests =
      *TRY(list_of(json, fields, "manifests", kRecordManifestsMax, "kRecordManifestsMax"));
  for (const auto& manifest : manifests)
    out.manifests.push_back(TRY(manifest_from(manifest, where + ", \"manifests\"", secrets)));
  out.extents = TRY(extents_from(json, fields, where, out.bytes, out.manifests.size()));
  if (out.manifests.empty() && out.bytes != std::uint64_t{0}) return fields.bad("manifests", "none");
  return out;
}

Result<ShareBundle> bundle_from(const Json& json, Secrets secrets) {
  const Fields fields(json, "bundle");
  TRY(fields.expect("type", "bundle"));
  if (const auto version = TRY(fields.integer("version")); version != 1)
    return fields.bad("version", fmt::format("{} is not one that this program reads", version));
  TRY(fields.check_crit({}));
  ShareBundle out;
  out.is_folder = TRY(fields.boolean("folder"));
  out.name = TRY(fields.text("name", kNameBytesMax));
  out.made_unix_s = TRY(fields.time("made"));
  out.expires_unix_s = TRY(fields.time("expires"));
  if (fields.has("seq")) out.seq = TRY(fields.integer("seq"));
  for (const auto& known : *TRY(list_of(json, fields, "accounts", kShareLinesMax, "kShareLinesMax"))) {
    const Fields of(known, "bundle, \"accounts\"");
    SharedAccount one;
    one.host = TRY(of.id<HostId>("host"));
    one.uploader = static_cast<std::uint32_t>(TRY(of.integer("uploader", kUploaderMax)));
    one.account = TRY(of.id<AccountId>("account"));
    out.accounts.push_back(one);
  }
  std::set<std::string_view> seen;
  out.folders = TRY(fields.texts("folders", kShareFilesMax, kNameBytesMax));
  for (const auto& folder : out.folders) {
    TRY(check_path(folder, fields));
    if (!seen.insert(folder).second) return fields.bad("folders", "one stands there twice");
  }
  const std::set<std::string_view> folders = seen;
  for (const auto& folder : out.folders)
    if (!has_its_folder(folder, folders)) return fields.bad("folders", "the folder of one is not there");
  const auto& files = *TRY(list_of(json, fields, "files", kShareFilesMax, "kShareFilesMax"));
  out.files.reserve(files.size());  // `seen` looks into them
  for (const auto& file : files) {
    out.files.push_back(TRY(file_from(file, fmt::format("bundle, file {}", out.files.size() + 1), secrets)));
    if (!seen.insert(out.files.back().path).second) return fields.bad("files", "a path stands there twice");
    if (!has_its_folder(out.files.back().path, folders))
      return fields.bad("files", "the folder of one is not there");
  }
  if (!out.is_folder && (out.files.size() != 1 || !out.folders.empty()))
    return fields.bad("files", "not one");
  if (!secrets.left.empty()) return fail(Code::integrity, "bundle: more secrets than its manifests take");
  return out;
}

Bytes u32(std::size_t value) {
  Bytes out(4);
  for (unsigned i = 0; i < 4; ++i) out[i] = static_cast<std::byte>(value >> (24 - 8 * i));
  return out;
}

Result<void> check_limits(const ShareBundle& bundle, std::size_t secrets) {
  const auto past = [](std::string_view what, std::size_t count, std::size_t max, std::string_view limit) {
    return fail(Code::usage,
                fmt::format("{} {} are more than one share holds: {} ({})", count, what, max, limit),
                "share parts of it");
  };
  if (bundle.files.size() > kShareFilesMax)
    return past("files", bundle.files.size(), kShareFilesMax, "kShareFilesMax");
  if (bundle.folders.size() > kShareFilesMax)
    return past("folders", bundle.folders.size(), kShareFilesMax, "kShareFilesMax");
  if (bundle.accounts.size() > kShareLinesMax)
    return past("Hosts", bundle.accounts.size(), kShareLinesMax, "kShareLinesMax");
  if (secrets > kShareSecretsMax) return past("manifests", secrets, kShareSecretsMax, "kShareSecretsMax");
  for (const auto& file : bundle.files)
    for (const auto& manifest : file.manifests)
      if (manifest.lines.size() > kShareManifestBytesMax)
        return past("bytes of a manifest", manifest.lines.size(), kShareManifestBytesMax,
                    "kShareManifestBytesMax");
  return {};
}

}  // namespace

Result<Bytes> seal_bundle(const ShareBundle& bundle, const ShareKeys& keys, const crypto::SigningKey& writer,
                          crypto::Random& random) {
  std::size_t count = 0;
  for (const auto& file : bundle.files)
    for (const auto& manifest : file.manifests) count += manifest.secrets.size();
  TRY(check_limits(bundle, count));
  const auto text = write_compact(to_json(bundle));
  if (text.size() > kShareJsonBytesMax)
    return fail(Code::usage,
                fmt::format("a share of {} bytes of names and manifests is more than {} (kShareJsonBytesMax)",
                            text.size(), kShareJsonBytesMax),
                "share parts of it");
  crypto::SecretBytes inner;
  inner.append(u32(count));
  for (const auto& file : bundle.files)
    for (const auto& manifest : file.manifests)
      for (const auto& secret : manifest.secrets) inner.append(secret.view());
  inner.append(compress_text(text));
  crypto::SecretBytes plain;
  plain.append(writer.sign(crypto::label::kShareBundle, {keys.id().view(), inner.view()}));
  plain.append(inner.view());
  auto sealed = crypto::aead_seal(random, keys.bundle_key(), keys.id().view(), plain.view());
  if (sealed.size() > kShareBundleBytesMax)
    return fail(Code::usage,
                fmt::format("a share's bundle of {} bytes is longer than {} (kShareBundleBytesMax)",
                            sealed.size(), kShareBundleBytesMax),
                "share parts of it");
  return sealed;
}

Result<ShareBundle> open_bundle(ByteView sealed, const ShareKeys& keys, const WriterId& writer) {
  if (sealed.size() > kShareBundleBytesMax)
    return fail(Code::integrity,
                fmt::format("bundle: longer than {} bytes (kShareBundleBytesMax)", kShareBundleBytesMax));
  const auto opened = crypto::aead_open(keys.bundle_key(), keys.id().view(), sealed);
  if (!opened)
    return fail(Code::integrity, "bundle: it is not this share's, or was changed",
                "the Bridge shows something false");
  const auto plain = opened->view();
  if (plain.size() < kSignatureBytes + 4) return fail(Code::integrity, "bundle: cut short");
  const auto inner = plain.subspan(kSignatureBytes);
  if (!crypto::verify(writer.bytes, crypto::label::kShareBundle, {keys.id().view(), inner},
                      plain.first(kSignatureBytes)))
    return fail(Code::integrity, "bundle: not signed by the writer that the share was given out for");
  std::size_t count = 0;
  for (unsigned i = 0; i < 4; ++i) count = count << 8 | std::to_integer<std::size_t>(inner[i]);
  if (count > kShareSecretsMax || count * kSecretBytes > inner.size() - 4)
    return fail(Code::integrity, fmt::format("bundle: {} secrets do not fit it", count));
  const Secrets secrets{inner.subspan(4, count * kSecretBytes)};
  const auto text = TRY_IN("bundle", decompress_text(inner.subspan(4 + count * kSecretBytes),
                                                     kShareJsonBytesMax, "kShareJsonBytesMax"));
  const auto json = TRY_IN("bundle", parse_object(text, kShareJsonBytesMax));
  return bundle_from(json, secrets);
}

}  // namespace inxt::format
