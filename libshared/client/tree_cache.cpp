// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/tree_cache.h"

#include <unistd.h>
#include <zstd.h>

#include "base/check.h"
#include "crypto/box.h"
#include "sys/files.h"
#include "sys/output_file.h"
#include "sys/xdg.h"

namespace inxt::client {
namespace {

constexpr std::string_view kMagic = "inxt tree cache 2\n";
constexpr std::size_t kFrameBytes = 1024 * 1024;  // before compression
constexpr std::size_t kFrameFileBytesMax = kFrameBytes + kFrameBytes / 8;
constexpr int kZstdLevel = 1;  // most of it are ids, which do not compress

using Instance = ByteArray<16>;  // of one cache file, so that frames of two do not mix

Bytes associated(const Instance& instance, std::uint64_t number, bool last) {
  Bytes out = copy_of(instance);
  append(out, big_endian(number));
  out.push_back(last ? std::byte{1} : std::byte{0});
  return out;
}

class FrameWriter {
 public:
  FrameWriter(sys::OutputFile& file, const crypto::Key& key, const Instance& instance, crypto::Random& random)
      : file_(file), key_(key), instance_(instance), random_(random) {}

  Result<void> write(ByteView bytes) {
    while (!bytes.empty()) {
      if (frame_.size() == kFrameBytes) TRY(flush(false));
      const auto take = std::min(bytes.size(), kFrameBytes - frame_.size());
      append(frame_, bytes.first(take));
      bytes = bytes.subspan(take);
    }
    return {};
  }
  Result<void> flush(bool last) {
    Bytes packed(ZSTD_compressBound(frame_.size()));
    const auto bytes = ZSTD_compress(packed.data(), packed.size(), frame_.data(), frame_.size(), kZstdLevel);
    CHECK_BUG(!ZSTD_isError(bytes));
    packed.resize(bytes);
    const auto sealed = crypto::aead_seal(random_, key_, associated(instance_, number_++, last), packed);
    TRY(file_.write(big_endian(static_cast<std::uint32_t>(sealed.size()))));
    crypto::wipe(frame_);
    frame_.clear();
    return file_.write(sealed);
  }

 private:
  sys::OutputFile& file_;
  const crypto::Key& key_;
  const Instance& instance_;
  crypto::Random& random_;
  Bytes frame_;
  std::uint64_t number_ = 0;
};

class FrameReader {
 public:
  FrameReader(int fd, const std::string& name, const crypto::Key& key) : fd_(fd), name_(name), key_(key) {}

  Result<void> begin() {
    std::string magic(kMagic.size(), '\0');
    TRY(fill(std::as_writable_bytes(std::span(magic))));
    if (magic != kMagic) return damaged();
    return fill(instance_);
  }
  Result<void> read(ByteSpan out) {
    while (!out.empty()) {
      if (at_ == frame_.size()) TRY(next());
      const auto take = std::min(out.size(), frame_.size() - at_);
      std::memcpy(out.data(), frame_.data() + at_, take);
      at_ += take;
      out = out.subspan(take);
    }
    return {};
  }
  /// All was read, and the last frame was the last.
  Result<void> finish() const {
    if (at_ != frame_.size() || !last_) return damaged();
    return {};
  }

 private:
  static std::unexpected<Error> damaged() {
    return fail(Code::integrity, "the cache of the tree is damaged");
  }
  Result<void> fill(ByteSpan out) {
    if (TRY(sys::read_full(fd_, out, name_)) != out.size()) return damaged();
    return {};
  }
  Result<void> next() {
    if (last_) return damaged();
    ByteArray<4> length;
    TRY(fill(length));
    const auto bytes = from_big_endian<std::uint32_t>(length);
    if (bytes > kFrameFileBytesMax) return damaged();
    Bytes sealed(bytes);
    TRY(fill(sealed));
    auto packed = crypto::aead_open(key_, associated(instance_, number_, false), sealed);
    if (!packed) {
      packed = crypto::aead_open(key_, associated(instance_, number_, true), sealed);
      last_ = true;
    }
    if (!packed) return damaged();
    ++number_;
    const auto size = ZSTD_getFrameContentSize(packed->view().data(), packed->size());
    if (size > kFrameBytes) return damaged();
    frame_.resize(size);
    at_ = 0;
    if (ZSTD_decompress(frame_.data(), frame_.size(), packed->view().data(), packed->size()) != size)
      return damaged();
    if (frame_.empty() && !last_) return damaged();
    return {};
  }

  int fd_;
  const std::string& name_;
  const crypto::Key& key_;
  Instance instance_{};
  Bytes frame_;
  std::size_t at_ = 0;
  std::uint64_t number_ = 0;
  bool last_ = false;
};

Result<CachedTree> read_cache(int fd, const std::string& path, const format::TreeKey& key) {
  FrameReader frames(fd, path, key.cache_key());
  TRY(frames.begin());
  CachedTree out;
  ByteArray<8> number;
  TRY(frames.read(number));
  out.state.head.seq = from_big_endian<std::uint64_t>(number);
  TRY(frames.read(out.state.head.hash));
  TRY(frames.read(number));
  out.state.owner_unix_s = from_big_endian<std::int64_t>(number);
  WriterId false_owner;  // zeros: there is none
  TRY(frames.read(false_owner.bytes));
  if (false_owner != WriterId{}) out.state.false_owner = false_owner;
  out.tree = TRY(tree::Tree::load([&](ByteSpan bytes) { return frames.read(bytes); }));
  TRY(frames.finish());
  return out;
}

}  // namespace

Result<TreeCache> TreeCache::open(const std::optional<std::string>& folder, const format::TreeKey& key) {
  const auto in = folder ? *folder : TRY(sys::xdg_folder(sys::Xdg::cache)) + "/tree";
  TRY(sys::make_private_folder(in));
  return TreeCache(in + "/" + key.log().hex(), key);
}

Result<std::optional<CachedTree>> TreeCache::load() const {
  const auto file = sys::open_file(path_);
  if (!file && file.error().code == Code::not_found) return std::nullopt;
  if (!file) return std::unexpected(file.error());
  auto cached = read_cache(file->number(), path_, *key_);
  if (cached) return *std::move(cached);
  if (cached.error().code != Code::integrity) return std::unexpected(std::move(cached).error());
  ::unlink(path_.c_str());
  return std::nullopt;
}

Result<void> TreeCache::save(const LogState& state, const tree::Tree& tree, crypto::Random& random) const {
  auto file = TRY(sys::OutputFile::create(path_, 0600));
  Instance instance;
  random.fill(instance);
  TRY(file.write(view_of(kMagic)));
  TRY(file.write(instance));
  FrameWriter frames(file, key_->cache_key(), instance, random);
  TRY(frames.write(big_endian(state.head.seq)));
  TRY(frames.write(state.head.hash));
  TRY(frames.write(big_endian(state.owner_unix_s)));
  TRY(frames.write(state.false_owner.value_or(WriterId{}).bytes));
  TRY(tree.save([&](ByteView bytes) { return frames.write(bytes); }));
  TRY(frames.flush(true));
  return file.commit();
}

}  // namespace inxt::client
