// SPDX-License-Identifier: LGPL-3.0-or-later
// A tree as bytes, for caches: Tree::save and Tree::load.  Names stand depth first, each with its depth, so
// that one state has one text; integers are big-endian, texts begin with their length.
#include <array>

#include "tree/tree.h"

namespace inxt::tree {
namespace {

constexpr std::uint32_t kStateVersion = 1;
constexpr std::size_t kBufferBytes = 64 * 1024;
constexpr std::uint32_t kTextBytesMax = 1024 * 1024;

class Writer {
 public:
  explicit Writer(const std::function<Result<void>(ByteView)>& sink) : sink_(sink) {
    buffer_.reserve(kBufferBytes);
  }

  template <class Integer>
  void number(Integer value) {
    bytes(big_endian(value));
  }
  void text(std::string_view text) {
    number(static_cast<std::uint32_t>(text.size()));
    bytes(view_of(text));
  }
  void bytes(ByteView bytes) {
    if (buffer_.size() + bytes.size() > kBufferBytes) flush();
    append(buffer_, bytes);
  }
  void version(const Version& one) {
    bytes(one.object.bytes);
    bytes(one.record.bytes);
    number(one.bytes);
    number(one.mtime_unix_s);
    number(one.mode);
    number(one.uploader);
    number(one.seq);
    number(one.put_unix_s);
    number(static_cast<std::uint32_t>(one.metadata ? one.metadata->size() : 0));
    if (!one.metadata) return;
    for (const auto& [name, value] : *one.metadata) {
      text(name);
      text(value);
    }
  }
  Result<void> finish() {
    flush();
    return std::move(failed_);
  }

 private:
  void flush() {
    if (failed_ && !buffer_.empty()) failed_ = sink_(buffer_);
    buffer_.clear();
  }
  const std::function<Result<void>(ByteView)>& sink_;
  Bytes buffer_;
  Result<void> failed_;
};

/// After the first error everything reads as nothing: the caller asks failed() wherever it loops.
class Reader {
 public:
  explicit Reader(const std::function<Result<void>(ByteSpan)>& source) : source_(source) {}

  void bytes(ByteSpan out) {
    std::ranges::fill(out, std::byte{0});
    if (failed_) failed_ = source_(out);
  }
  template <class Integer>
  Integer number() {
    ByteArray<sizeof(Integer)> raw;
    bytes(raw);
    return failed_ ? from_big_endian<Integer>(raw) : Integer{};
  }
  template <class Integer>
  Integer number(std::uint64_t max) {
    const auto value = number<Integer>();
    if (static_cast<std::uint64_t>(value) <= max) return value;
    bad();
    return {};
  }
  std::string text() {
    std::string out(number<std::uint32_t>(kTextBytesMax), '\0');
    bytes(std::as_writable_bytes(std::span(out)));
    return out;
  }
  std::unique_ptr<Version> version() {
    auto out = std::make_unique<Version>();
    bytes(out->object.bytes);
    bytes(out->record.bytes);
    out->bytes = number<std::uint64_t>();
    out->mtime_unix_s = number<std::int64_t>();
    out->mode = number<std::uint32_t>();
    out->uploader = number<std::uint32_t>();
    out->seq = number<std::uint64_t>();
    out->put_unix_s = number<std::int64_t>();
    format::Metadata metadata;
    for (auto left = number<std::uint32_t>(format::kMetadataEntriesMax); left > 0; --left) {
      auto name = text();
      metadata[std::move(name)] = text();
    }
    if (!metadata.empty()) out->metadata = std::make_shared<const format::Metadata>(std::move(metadata));
    return out;
  }
  void bad() {
    if (failed_) failed_ = fail(Code::integrity, "not a tree's state");
  }
  bool good() const { return failed_.has_value(); }
  Result<void> result() { return std::move(failed_); }

 private:
  const std::function<Result<void>(ByteSpan)>& source_;
  Result<void> failed_;
};

}  // namespace

Result<void> Tree::save(const std::function<Result<void>(ByteView)>& sink) const {
  Writer out(sink);
  out.number(kStateVersion);
  out.number(keep_versions_s_);
  out.number(static_cast<std::uint64_t>(metadata_bytes_));

  out.number(static_cast<std::uint64_t>(names_.count()));
  std::vector<Names::Node> above{Names::kRoot};
  walk(Names::kRoot, [&](const Item& one) {
    while (above.back() != names_.parent(one.node)) above.pop_back();
    out.number(static_cast<std::uint8_t>(above.size()));
    out.text(one.name);
    out.number(static_cast<std::uint8_t>(one.is_folder ? 1 : 0));
    if (one.is_folder) {
      out.number(one.mode);
      above.push_back(one.node);
    } else {
      out.version(*one.version);
    }
    return true;
  });
  out.number(static_cast<std::uint64_t>(unnamed_.size()));
  for (const auto& [id, version] : unnamed_) out.version(*version);
  out.number(static_cast<std::uint64_t>(kept_.size()));
  for (const auto& kept : kept_) {
    out.version(*kept.version);
    out.text(kept.path);
    out.number(static_cast<std::uint8_t>(kept.why));
    out.number(kept.kept_seq);
    out.number(kept.kept_unix_s);
  }
  out.number(static_cast<std::uint64_t>(notes_.size()));
  for (const auto& note : notes_) {
    out.number(static_cast<std::uint8_t>(note.kind));
    out.number(note.seq);
    out.number(note.time_unix_s);
    out.number(note.uploader);
    out.text(note.path);
    out.text(note.other);
  }
  out.number(static_cast<std::uint64_t>(shares_.size()));
  for (const auto& [id, share] : shares_) {
    out.bytes(id.bytes);
    out.text(share.what);
    out.number(share.expires_unix_s);
    out.number(static_cast<std::uint8_t>(share.secret ? 1 : 0));
    if (share.secret) out.bytes(*share.secret);
    out.text(share.recipient);
    out.number(share.seq);
  }
  out.number(static_cast<std::uint64_t>(segments_.size()));
  for (const auto& segment : segments_) {
    out.number(segment.first);
    out.number(segment.last);
    out.number(segment.bytes);
    out.text(segment.manifest);
  }
  return out.finish();
}

Result<Tree> Tree::load(const std::function<Result<void>(ByteSpan)>& source) {
  Reader in(source);
  Tree tree;
  if (in.number<std::uint32_t>() != kStateVersion) in.bad();
  tree.keep_versions_s_ = in.number<std::int64_t>();
  tree.metadata_bytes_ = in.number<std::uint64_t>();

  std::vector<Names::Node> above{Names::kRoot};
  for (auto left = in.number<std::uint64_t>(kNamesMax); left > 0 && in.good(); --left) {
    const auto depth = in.number<std::uint8_t>();
    const auto name = in.text();
    const bool is_folder = in.number<std::uint8_t>(1) == 1;
    if (depth == 0 || depth > above.size()) in.bad();
    if (!in.good()) break;
    above.resize(depth);
    if (tree.names_.child(above.back(), name) != Names::kNone) {
      in.bad();
      break;
    }
    const auto mode = is_folder ? in.number<std::uint32_t>() : 0;
    const auto node = tree.names_.add(above.back(), name, mode, is_folder ? nullptr : in.version());
    if (is_folder) above.push_back(node);
  }
  for (auto left = in.number<std::uint64_t>(kNamesMax); left > 0 && in.good(); --left) {
    auto version = in.version();
    const auto object = version->object;
    tree.unnamed_.insert_or_assign(object, std::move(version));
  }
  for (auto left = in.number<std::uint64_t>(kKeptMax); left > 0 && in.good(); --left) {
    auto version = in.version();
    auto path = in.text();
    const auto why = static_cast<KeptVersion::Why>(in.number<std::uint8_t>(2));
    const auto seq = in.number<std::uint64_t>();
    const auto time = in.number<std::int64_t>();
    tree.kept_.push_back({.version = std::move(version),
                          .path = std::move(path),
                          .why = why,
                          .kept_seq = seq,
                          .kept_unix_s = time});
  }
  for (auto left = in.number<std::uint64_t>(kNotesMax); left > 0 && in.good(); --left) {
    Note note;
    note.kind =
        static_cast<Note::Kind>(in.number<std::uint8_t>(static_cast<std::uint64_t>(Note::Kind::refused)));
    note.seq = in.number<std::uint64_t>();
    note.time_unix_s = in.number<std::int64_t>();
    note.uploader = in.number<std::uint32_t>();
    note.path = in.text();
    note.other = in.text();
    tree.notes_.push_back(std::move(note));
  }
  for (auto left = in.number<std::uint64_t>(kSharesMax); left > 0 && in.good(); --left) {
    format::ShareId id;
    in.bytes(id.bytes);
    Share share;
    share.what = in.text();
    share.expires_unix_s = in.number<std::int64_t>();
    if (in.number<std::uint8_t>(1) == 1) in.bytes(share.secret.emplace());
    share.recipient = in.text();
    share.seq = in.number<std::uint64_t>();
    tree.shares_.insert_or_assign(id, std::move(share));
  }
  for (auto left = in.number<std::uint64_t>(kSegmentsMax); left > 0 && in.good(); --left) {
    Segment segment;
    segment.first = in.number<std::uint64_t>();
    segment.last = in.number<std::uint64_t>();
    segment.bytes = in.number<std::uint64_t>();
    segment.manifest = in.text();
    tree.segments_.push_back(std::move(segment));
  }
  TRY(in.result());
  return tree;
}

}  // namespace inxt::tree
