// SPDX-License-Identifier: AGPL-3.0-or-later
#include "cheat/scene.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "support/signed_answer.h"
#include "sys/fd.h"
#include "sys/files.h"

namespace inxt::cheat {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kAnswerBytesMax = std::size_t{16} << 20;

/// A test's own file system refuses nothing that matters.
template <class T>
T must(Result<T> result) {
  if (!result) {
    fmt::print(stderr, "cheating-host: {}\n", result.error().what);
    std::abort();
  }
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

sys::Fd open_to_write(const std::string& path) {
  sys::Fd fd(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  CHECK_BUG(fd.number() >= 0);
  return fd;
}

}  // namespace

Awaitable<Told> Scene::ask_engine(const Asked& asked) {
  MemoryRequest request(asked);
  MemoryResponse response;
  co_await engine.handle(request, response);
  co_return std::move(response.told);
}

std::string Scene::manifest() const {
  if (options.manifest.empty() || !fs::exists(options.manifest)) return {};
  return std::string(text_of(must(sys::read_file(options.manifest, kAnswerBytesMax, "manifest"))));
}

Awaitable<Told> Scene::ask_peer(const Asked& asked) {
  CHECK_BUG(peer.has_value());
  co_await net::sleep_for(std::chrono::milliseconds(options.delay_ms));
  net::Endpoint endpoint(peer->addresses.front(), peer->host.bytes, &identity);
  net::Request request(asked.method, asked.target);
  request.body = view_of(asked.body);
  for (const net::Header& header : asked.headers)  // the others are the connection's
    if (header.name.starts_with("Inxt-") || header.name.starts_with("inxt-"))
      request.headers.push_back(header);
  request.response_bytes_max = kAnswerBytesMax;
  Result<net::Response> response = co_await http.send(std::move(endpoint), std::move(request));
  Told told;
  if (!response) {
    told.status = 503;
    co_return told;
  }
  told.status = response->status;
  told.body = text_of(response->body);
  co_return told;
}

std::vector<std::string> Scene::lines_of(const Told& told) {
  std::vector<std::string> lines;
  if (told.status != 200) return lines;
  for (std::string_view rest = told.body; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size() - 1);
    lines.emplace_back(rest.substr(0, end + 1));
    rest.remove_prefix(end + 1);
  }
  if (!lines.empty()) lines.pop_back();
  return lines;
}

Told Scene::sign(const Asked& asked, const std::vector<std::string>& lines) const {
  const auto json = must(format::parse_object(asked.body, format::kAuditRequestBytesMax));
  crypto::Hash challenge{};
  if (json.contains("challenge")) must(from_hex(json["challenge"].get<std::string>(), challenge));
  std::uint64_t samples = json.value("count", std::uint64_t{0});
  for (const char* list : {"samples", "numbers", "pieces"})
    if (json.contains(list)) samples = json[list].size();
  std::string all;
  for (const std::string& line : lines) all += line;
  Told told;
  told.status = 200;
  told.body = testing::sign_as_answer(key, challenge, asked.body, samples, all, now_s());
  return told;
}

StoredFile::StoredFile(const Scene& scene, const store::Key& key)
    : key_(key),
      path_(fmt::format("{}/pieces/{}/{}", scene.folder, store::folder_name(store::folder_of(key.piece)),
                        store::file_name(key))) {
  const sys::Fd fd = must(sys::open_file(path_));
  const auto file = must(sys::status_of(fd.number(), path_));
  Bytes trailer(store::kTrailerBytes);
  must(sys::read_full_at(fd.number(), file.size_bytes - trailer.size(), trailer, path_));
  trailer_ = must(store::decode_trailer(trailer));
  size_bytes_ = trailer_.size_bytes;
}

std::optional<StoredFile> StoredFile::find(const Scene& scene, const PieceId& piece) {
  const std::string folder =
      fmt::format("{}/pieces/{}", scene.folder, store::folder_name(store::folder_of(piece)));
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const auto key = store::key_from_name(entry.path().filename().string());
    if (key && key->piece == piece) return StoredFile(scene, *key);
  }
  return std::nullopt;
}

Bytes StoredFile::read(std::uint64_t offset, std::uint64_t length) const {
  const sys::Fd fd = must(sys::open_file(path_));
  Bytes bytes(length);
  CHECK_BUG(must(sys::read_full_at(fd.number(), offset, bytes, path_)) == length);
  return bytes;
}

Bytes StoredFile::piece() const {
  return read(0, size_bytes_);
}

Bytes StoredFile::page_of(std::uint64_t block) const {
  return read(store::pages_offset(size_bytes_) + proof::page_of(block) * proof::kPageBytes,
              proof::kPageBytes);
}

std::vector<crypto::Hash> StoredFile::leaves() const {
  std::vector<crypto::Hash> leaves;
  for (std::uint64_t block = 0; block < proof::blocks_in(size_bytes_); ++block)
    leaves.push_back(proof::leaf_from_page(page_of(block), block));
  return leaves;
}

void StoredFile::drop(std::uint64_t offset, std::uint64_t length) {
  const sys::Fd fd = open_to_write(path_);
  if (::fallocate(fd.number(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(offset),
                  static_cast<off_t>(length)) == 0)
    return;
  const Bytes zeros(length);  // a file system that gives no room back
  CHECK_BUG(::pwrite(fd.number(), zeros.data(), zeros.size(), static_cast<off_t>(offset)) ==
            static_cast<ssize_t>(length));
}

void StoredFile::drop_block(std::uint64_t block) {
  drop(block * proof::kBlockBytes, proof::kBlockBytes);
}
void StoredFile::drop_data() {
  drop(0, store::data_bytes(size_bytes_));
}
void StoredFile::drop_pages() {
  drop(store::pages_offset(size_bytes_), proof::pages_bytes(size_bytes_));
}
void StoredFile::unlink() {
  fs::remove(path_);
}

}  // namespace inxt::cheat
