// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-manifest(5): compression and padding, and a whole file out of its pieces.
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "client/content_stream.h"
#include "client/join.h"
#include "client/padding.h"
#include "client/reader_keys.h"
#include "client/zstd_table.h"
#include "support/streams.h"
#include "vectors/vectors.h"

namespace inxt::vectors {
namespace {

Result<Bytes> through(auto make_sink, ByteView input) {
  Bytes out;
  auto sink = make_sink(std::make_unique<test::MemorySink>(out));
  TRY(test::pour(*sink, input, 4096));
  return out;
}

Value counted(ByteView bytes) {
  return {{"bytes", bytes.size()}, {"sha256", to_hex(crypto::sha256(bytes))}};
}

Result<Value> run_padding(const Value&, ByteView input) {
  const auto data =
      TRY(through([](auto to) { return std::make_unique<client::UnpadSink>(std::move(to)); }, input));
  return Value{{"data_b64", to_base64url(data)}};
}

Result<Value> run_zstd(const Value&, ByteView input) {
  return counted(
      TRY(through([](auto to) { return std::make_unique<client::ZstdSink>(std::move(to)); }, input)));
}

Result<Value> run_zstd_table(const Value&, ByteView input) {
  const auto table = TRY(client::ZstdTable::read(input, input.size()));
  return Value{{"frames", table.frames()}, {"bytes", table.plain_bytes()}};
}

/// As inxt-shard --join and inxt-encrypt --decrypt do it.
Result<Value> run_file(const Value& given, ByteView input) {
  const auto key = keys::Key::of_owner(keys::OwnerKeys::from_entropy(hex_of(given, "entropy")));
  const auto file = memory_file(input);
  client::LineReader lines(file.number(), "vector");
  auto known = TRY(client::writers_known_to(key, {}, given.at("now").get<std::int64_t>()));
  const auto manifest = TRY(client::ManifestTable::read(lines, "vector", std::move(known)));
  const auto generation = TRY(client::open_generation(key, manifest.chain()));
  const auto part = TRY(generation.open_private(manifest.header()));

  char name[] = "/tmp/inxt-vectors-XXXXXX";
  if (::mkdtemp(name) == nullptr) throw std::runtime_error("mkdtemp");
  const std::filesystem::path folder(name);
  for (const auto& [id, contents] : given.at("pieces").items()) {
    const auto bytes = base64_of(contents);
    std::ofstream(folder / id).write(text_of(bytes).data(), static_cast<std::streamsize>(bytes.size()));
  }
  client::LocalPaths paths;
  if (!paths.allow(folder)) throw std::runtime_error(name);
  Bytes plain;
  const auto sink = client::decrypting_sink(std::make_unique<test::MemorySink>(plain), generation, part);
  const auto joined = client::join(manifest, paths, *sink, {});
  std::filesystem::remove_all(folder);
  TRY(joined);
  return counted(plain);
}

constexpr Format kContentFormats[] = {
    {"padding", run_padding}, {"zstd", run_zstd}, {"zstd-table", run_zstd_table}, {"file", run_file}};

}  // namespace

std::span<const Format> content_formats() {
  return kContentFormats;
}

}  // namespace inxt::vectors
