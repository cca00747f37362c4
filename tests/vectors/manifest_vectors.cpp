// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-manifest(5): lines, order, seal, writers, the private part, and the local files that lines name.
#include <fmt/format.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "client/chunk_source.h"
#include "client/manifest_table.h"
#include "client/reader_keys.h"
#include "vectors/vectors.h"

namespace inxt::vectors {
namespace {

/// Every line, as far as the first error; `on_line` sees each.
Result<format::Chain> read_lines(ByteView input, auto on_line) {
  const auto file = memory_file(input);
  client::LineReader lines(file.number(), "vector");
  format::ManifestReader reader(format::any_writer());
  while (const auto text = TRY(lines.next())) {
    const auto line = TRY(reader.next(*text));
    if (const auto* error = std::get_if<format::ErrorLine>(&line)) return fail(error->code, error->message);
    on_line(line);
  }
  TRY(reader.finish());
  return std::move(reader).take_chain();
}

Result<Value> read_manifest(const Value& given, ByteView input) {
  std::uint64_t places = 0, chunks = 0, chunk_bytes = 0;
  std::optional<format::SealLine> seal;
  const auto chain = TRY(read_lines(input, [&](const format::Line& line) {
    if (std::holds_alternative<format::PlaceLine>(line)) ++places;
    if (const auto* chunk = std::get_if<format::CiphertextChunk>(&line))
      ++chunks, chunk_bytes += chunk->length;
    if (const auto* found = std::get_if<format::SealLine>(&line)) seal = *found;
  }));
  Value value{{"file", chain.header->file.hex()},
              {"writer", chain.header->writer.hex()},
              {"uploader", chain.header->uploader},
              {"header_hash", to_hex(chain.header_hash)},
              {"stanzas", chain.stanzas.size()}};
  if (given.at("stage") == "shard") {
    value["ciphertext_lines"] = chunks;
    value["ciphertext_bytes"] = chunk_bytes;
    return value;
  }
  if (!seal) return fail(Code::integrity, "no pieces are described yet");
  value["segments"] = seal->segments;
  value["pieces"] = seal->pieces;
  value["bytes"] = seal->bytes;
  value["places"] = places;
  value["hash"] = to_hex(seal->hash);
  return value;
}

/// The reader, and for whole manifests also the table that the tools read through: both say the same.
Result<Value> run_manifest(const Value& given, ByteView input) {
  auto read = read_manifest(given, input);
  if (given.at("stage") != "pieces") return read;
  const auto file = memory_file(input);
  client::LineReader lines(file.number(), "vector");
  const auto table = client::ManifestTable::read(lines, "vector", format::any_writer());
  if (table.has_value() != read.has_value() || (!table && table.error().code != read.error().code))
    return fail(Code::failure,
                fmt::format("ManifestTable does not agree: {}", table ? "accepted" : table.error().what));
  if (table && (table->pieces() != (*read)["pieces"] || table->segments() != (*read)["segments"]))
    return fail(Code::failure, "ManifestTable counts otherwise");
  return read;
}

Result<Value> run_open(const Value& given, ByteView input) {
  const auto chain = TRY(read_lines(input, [](const format::Line&) {}));
  const auto key = keys::Key::of_owner(keys::OwnerKeys::from_entropy(hex_of(given, "entropy")));
  const auto secret = TRY(format::open_stanzas(chain.stanzas, *key.recipient_secret()));
  const auto generation = TRY(client::open_generation(key, chain));
  const auto part = TRY(generation.open_private(*chain.header));
  Value said = Value::object();
  if (!part.name.empty()) said["name_b64"] = to_base64url(view_of(part.name));
  if (part.mtime_unix_s) said["mtime"] = *part.mtime_unix_s;
  if (part.mode) said["mode"] = *part.mode;
  if (part.plain_bytes) said["length"] = *part.plain_bytes;
  if (part.zstd) said["compression"] = "zstd";
  if (part.padded) said["padding"] = "padme";
  return Value{{"secret", to_hex(secret.view())}, {"private", std::move(said)}};
}

Result<Value> run_writer(const Value& given, ByteView input) {
  const auto now = given.at("now").get<std::int64_t>();
  std::optional<keys::OwnerKeys> owner;
  if (given.contains("entropy")) owner = keys::OwnerKeys::from_entropy(hex_of(given, "entropy"));
  format::KnownWriters told{.writers = {}, .owners = {}, .own = {}, .now_unix_s = now};
  for (const auto& writer : given.value("trusted", Value::array()))
    told.writers.insert(*WriterId::parse(writer.get<std::string>()));
  format::KnownWriters own{.writers = {}, .owners = {}, .own = {}, .now_unix_s = now};
  if (owner) own.own = [&owner](std::uint32_t number) { return owner->uploader(number).writer_id(); };
  format::KnownWriters all{.writers = told.writers, .owners = {}, .own = own.own, .now_unix_s = now};
  for (const auto& id : given.value("owners", Value::array()))
    all.owners.insert(*OwnerId::parse(id.get<std::string>()));
  if (owner) all.owners.insert(owner->id());

  const auto accepts = [&](const format::KnownWriters& known) {
    return format::ManifestReader(format::accept_only(known)).next(text_of(input));
  };
  TRY(accepts(all));
  return Value{{"by", accepts(told) ? "trusted" : accepts(own) ? "own" : "certificate"}};
}

/// The folders, files and links that a vector asks for, below a folder of its own.
class LocalFiles {
 public:
  explicit LocalFiles(const Value& given) {
    char name[] = "/tmp/inxt-vectors-XXXXXX";
    if (::mkdtemp(name) == nullptr) throw std::runtime_error("mkdtemp");
    root_ = std::filesystem::canonical(name);
    for (const std::string folder : given.value("directories", Value::array()))
      std::filesystem::create_directories(root_ / folder);
    const Value files = given.value("files", Value::object());
    for (const auto& [file, contents] : files.items()) {
      const auto bytes = base64_of(contents);
      std::ofstream(root_ / file).write(text_of(bytes).data(), static_cast<std::streamsize>(bytes.size()));
    }
    const Value links = given.value("links", Value::object());
    for (const auto& [link, target] : links.items())
      std::filesystem::create_symlink(target.get<std::string>(), root_ / link);
    for (const std::string folder : given.at("folders"))
      if (!paths.allow(root_ / folder)) throw std::runtime_error(folder);
  }
  ~LocalFiles() { std::filesystem::remove_all(root_); }
  LocalFiles(const LocalFiles&) = delete;
  LocalFiles& operator=(const LocalFiles&) = delete;

  const std::filesystem::path& root() const { return root_; }
  client::LocalPaths paths;

 private:
  std::filesystem::path root_;
};

Result<Value> run_path(const Value& given, ByteView input) {
  const LocalFiles files(given);
  std::string path(text_of(input));
  if (const auto at = path.find("ROOT"); at != path.npos) path.replace(at, 4, files.root().string());
  const auto fd = TRY(files.paths.open(path));
  const auto found = std::filesystem::read_symlink(fmt::format("/proc/self/fd/{}", fd.number()));
  return Value{{"found", found.lexically_relative(files.root()).string()}};
}

Result<Value> run_ciphertext(const Value& given, ByteView input) {
  const LocalFiles files(given);
  const auto file = memory_file(input);
  client::LineReader lines(file.number(), "vector");
  client::ChunkSource source(lines, "vector", format::any_writer(), files.paths, nullptr);
  if (TRY(source.read_head()) != client::ChunkSource::Kind::ciphertext) return fail(Code::failure, "pieces");
  Bytes all, run(7);
  for (;;) {
    const auto got = TRY(source.read(run));
    append(all, ByteView(run).first(got));
    if (got < run.size()) return Value{{"ciphertext_b64", to_base64url(all)}};
  }
}

constexpr Format kManifestFormats[] = {{"manifest", run_manifest},
                                       {"open", run_open},
                                       {"writer", run_writer},
                                       {"path", run_path},
                                       {"ciphertext", run_ciphertext}};

}  // namespace

std::span<const Format> manifest_formats() {
  return kManifestFormats;
}

}  // namespace inxt::vectors
