// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/recover_state.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <tuple>

#include "client/line_reader.h"
#include "client/recover_line.h"
#include "store/stored_piece.h"
#include "sys/files.h"

namespace inxt::client {
namespace {

using format::Fields;
using format::Json;

constexpr std::size_t kLineTextBytesMax = 2000;  // of a tag's lines

crypto::Hash hash_of(std::string_view header, std::string_view layout) {
  crypto::Sha256 hash;
  hash.update(view_of(header));
  hash.update(view_of("\n"));
  hash.update(view_of(layout));
  return hash.digest();
}

std::uint16_t order_of(const Place& place) {
  return static_cast<std::uint16_t>(place.shard * format::kMirrorsMax + place.mirror);
}

}  // namespace

std::unexpected<Error> RecoverState::damaged(std::string_view why) const {
  return fail(Code::integrity, fmt::format("{}: {}", path_, why), "remove it, and everything is listed anew");
}

Result<RecoverState> RecoverState::open(const std::string& path, const OwnerId& owner,
                                        std::int64_t now_unix_s) {
  sys::Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) return fail_errno(errno, path);
  if (::flock(fd.number(), LOCK_EX | LOCK_NB) != 0)
    return fail(Code::locked, fmt::format("{}: another inxt-recover is at work with it", path));
  RecoverState state(path, std::move(fd));
  const auto status = TRY(sys::status_of(state.fd_.number(), path));
  if (status.kind != sys::FileKind::regular) return state.damaged("it is not a regular file");
  Json first;
  first["type"] = "recovery";
  first["version"] = 1;
  first["owner"] = owner.hex();
  first["begun"] = std::max<std::int64_t>(0, now_unix_s);
  const auto line = format::write_compact(first) + '\n';
  if (status.size_bytes > 0) {
    TRY(state.load(owner));
    if (state.end_ > 0) return state;
    // Without one whole line: ours where it was cut off, and not to be overwritten where it is something
    // else.
    std::string there(std::min<std::uint64_t>(status.size_bytes, line.size() + 1), '\0');
    TRY(sys::read_full_at(state.fd_.number(), 0, std::as_writable_bytes(std::span(there)), path));
    const auto same = std::min(there.size(), line.rfind(':') + 1);
    if (there.size() > line.size() || !there.starts_with(line.substr(0, same)))
      return state.damaged("it is not the state of a recovery");
  }
  if (::ftruncate(state.fd_.number(), 0) != 0 || ::lseek(state.fd_.number(), 0, SEEK_SET) != 0)
    return fail_errno(errno, path);
  TRY(sys::write_all(state.fd_.number(), view_of(line), path));
  state.end_ = line.size();
  state.begun_unix_s_ = now_unix_s;
  return state;
}

Result<void> RecoverState::load(const OwnerId& owner) {
  LineReader lines(fd_.number(), path_);
  Pending pending;
  std::uint64_t offset = 0;
  bool is_first = true;
  std::size_t files_that_count = 0;
  while (true) {
    const auto text = lines.next();
    if (!text) return damaged(text.error().what);
    if (!*text || lines.without_newline()) break;  // the rest was cut off
    const std::uint64_t end = offset + (*text)->size() + 1;
    if (is_first) {
      const auto json = format::parse_object(**text);
      if (!json) return damaged(json.error().what);
      const Fields fields(*json, "line 1");
      if (!fields.expect("type", "recovery") || fields.integer("version") != 1u)
        return damaged("not a recovery that this program reads");
      if (fields.id<OwnerId>("owner") != owner) return damaged("it is another owner's");
      begun_unix_s_ = fields.time("begun").value_or(0);
      end_ = end;
      is_first = false;
    } else {
      const auto is_end = take_line(**text, offset, pending);
      if (!is_end) return damaged(is_end.error().what);
      if (*is_end) {
        end_ = end;
        files_that_count = files_.size();
        is_resumed_ = true;
      }
    }
    offset = end;
  }
  if (end_ == 0) return {};  // without one whole line: who opened it knows what that means
  // A page that was cut off is asked for again.
  for (auto known = by_lines_.begin(); known != by_lines_.end();)
    known = known->second >= files_that_count ? by_lines_.erase(known) : std::next(known);
  files_.resize(files_that_count);
  if (::ftruncate(fd_.number(), static_cast<off_t>(end_)) != 0 ||
      ::lseek(fd_.number(), static_cast<off_t>(end_), SEEK_SET) < 0)
    return fail_errno(errno, path_);
  return {};
}

Result<bool> RecoverState::take_line(std::string_view line, std::uint64_t offset, Pending& pending) {
  const auto json = TRY(format::parse_object(line));
  const Fields fields(json, fmt::format("the line at byte {}", offset));
  const auto type = TRY(fields.text("type", 16));
  if (type == "file") {
    const auto header_line = TRY(fields.text("header", kLineTextBytesMax));
    const auto layout_line = TRY(fields.text("layout", kLineTextBytesMax));
    const auto header = TRY(read_line_as<format::Header>(header_line));
    add_file(LinesId{hash_of(header_line, layout_line)}, header.file, header.uploader, offset);
  } else if (type == "at") {
    const auto number = TRY(fields.integer("file"));
    if (number >= files_.size()) return fields.bad("file", "no such file");
    const auto text = TRY(fields.text("line", kLineTextBytesMax));
    const auto piece = TRY(read_line_as<format::PieceLine>(text));
    pending.places.push_back({.file = static_cast<std::uint32_t>(number),
                              .segment = static_cast<std::uint32_t>(piece.place.segment),
                              .order = order_of(piece.place),
                              .host = 0,
                              .account = 0,
                              .offset = offset});
    pending.bytes += piece.size;
    pending.file_bytes += store::file_bytes(piece.size);
  } else if (type == "listed") {
    std::optional<PieceId> after;
    if (fields.has("after")) after = TRY(fields.id<PieceId>("after"));
    commit(pending, TRY(fields.id<HostId>("host")),
           static_cast<std::uint32_t>(TRY(fields.integer("uploader", format::kUploaderMax))), after,
           !TRY(fields.boolean("more")));
    return true;
  } else {
    return fields.bad("type", "not one that this program reads");
  }
  return false;
}

void RecoverState::add_file(const LinesId& id, const FileId& file, std::uint32_t uploader,
                            std::uint64_t offset) {
  const auto number = static_cast<std::uint32_t>(files_.size());
  by_lines_.emplace(id, number);
  files_.push_back({.file = file, .uploader = uploader, .offset = offset, .first_place = 0});
}

std::uint32_t RecoverState::number_of(const HostId& host) {
  const auto [known, is_new] = host_numbers_.try_emplace(host, static_cast<std::uint32_t>(hosts_.size()));
  if (is_new) hosts_.push_back(host);
  return known->second;
}

void RecoverState::commit(Pending& pending, const HostId& host, std::uint32_t uploader,
                          const std::optional<PieceId>& after, bool is_whole) {
  const auto number = number_of(host);
  for (auto& place : pending.places) {
    place.host = number;
    place.account = uploader;
    places_.push_back(place);
  }
  auto& listed = listed_[{host, uploader}];
  if (after) listed.after = after;
  listed.is_whole = is_whole;
  listed.pieces += pending.places.size();
  listed.file_bytes += pending.file_bytes;
  if (!pending.places.empty()) pieces_of_[uploader] += pending.places.size();
  stored_bytes_ += pending.bytes;
  pending = {};
}

RecoverState::Listed RecoverState::listed(const HostId& host, std::uint32_t uploader) const {
  const auto known = listed_.find({host, uploader});
  return known == listed_.end() ? Listed() : known->second;
}

Result<void> RecoverState::add(const HostId& host, std::uint32_t uploader,
                               const std::vector<FoundPiece>& found, const std::optional<PieceId>& after,
                               bool is_whole) {
  if (places_.size() + found.size() > kRecoverPlacesMax)
    return fail(Code::failure, fmt::format("more than {} places (kRecoverPlacesMax)", kRecoverPlacesMax));
  Pending pending;
  std::string lines;
  for (const auto& piece : found) {
    const LinesId id{hash_of(piece.header_line, piece.layout_line)};
    auto known = by_lines_.find(id);
    if (known == by_lines_.end()) {
      if (files_.size() == kRecoverFilesMax)
        return fail(Code::failure, fmt::format("more than {} files (kRecoverFilesMax)", kRecoverFilesMax));
      Json file;
      file["type"] = "file";
      file["header"] = piece.header_line;
      file["layout"] = piece.layout_line;
      file["secret"] = to_base64url(piece.sealed_secret);
      add_file(id, piece.file, piece.uploader, end_ + lines.size());
      lines += format::write_compact(file) + '\n';
      known = by_lines_.find(id);
    }
    Json at;
    at["type"] = "at";
    at["file"] = known->second;
    at["line"] = piece.piece_line;
    at["contract"] = to_hex(piece.contract);
    at["receipt"] = to_hex(piece.receipt);
    pending.places.push_back({.file = known->second,
                              .segment = static_cast<std::uint32_t>(piece.piece.place.segment),
                              .order = order_of(piece.piece.place),
                              .host = 0,
                              .account = 0,
                              .offset = end_ + lines.size()});
    pending.bytes += piece.piece.size;
    pending.file_bytes += store::file_bytes(piece.piece.size);
    lines += format::write_compact(at) + '\n';
  }
  Json listed;
  listed["type"] = "listed";
  listed["host"] = host.hex();
  listed["uploader"] = uploader;
  if (after) listed["after"] = after->hex();
  listed["more"] = !is_whole;
  lines += format::write_compact(listed) + '\n';
  TRY(sys::write_all(fd_.number(), view_of(lines), path_));
  end_ += lines.size();
  commit(pending, host, uploader, after, is_whole);
  return {};
}

void RecoverState::sort() {
  const auto key = [](const PlaceEntry& place) {
    return std::tuple(place.file, place.segment, place.order, place.offset);
  };
  std::ranges::sort(places_, {}, key);
  std::size_t at = 0;
  for (std::size_t number = 0; number < files_.size(); ++number) {
    files_[number].first_place = at;
    while (at < places_.size() && places_[at].file == number) ++at;
  }
}

Result<Json> RecoverState::line_at(std::uint64_t offset) const {
  std::string text(std::min<std::uint64_t>(format::kLineBytesMax, end_ - offset), '\0');
  TRY(sys::read_full_at(fd_.number(), offset, std::as_writable_bytes(std::span(text)), path_));
  const auto end = text.find('\n');
  if (end == text.npos) return damaged(fmt::format("no line at byte {}", offset));
  auto json = format::parse_object(std::string_view(text).substr(0, end));
  if (!json) return damaged(json.error().what);
  return json;
}

Result<RecoverState::FileLines> RecoverState::lines(std::size_t number) const {
  const auto json = TRY(line_at(files_[number].offset));
  const Fields fields(json, path_);
  FileLines out;
  out.header = TRY(fields.text("header", kLineTextBytesMax));
  out.layout = TRY(fields.text("layout", kLineTextBytesMax));
  out.sealed_secret.resize(format::kSealedSecretBytes);
  TRY(fields.base64("secret", ByteSpan(out.sealed_secret)));
  return out;
}

std::uint64_t RecoverState::last_segment(std::size_t number) const {
  const auto end = number + 1 < files_.size() ? files_[number + 1].first_place : places_.size();
  return end > files_[number].first_place ? places_[end - 1].segment : 0;
}

Result<std::vector<FoundPlace>> RecoverState::segment(std::size_t number, std::uint64_t segment) const {
  const auto end = number + 1 < files_.size() ? files_[number + 1].first_place : places_.size();
  const auto begin = files_[number].first_place;
  const auto all = std::span(places_).subspan(begin, end - begin);
  std::vector<FoundPlace> out;
  for (const auto& place : std::ranges::equal_range(all, segment, {}, &PlaceEntry::segment)) {
    const auto json = TRY(line_at(place.offset));
    const Fields fields(json, path_);
    FoundPlace found{.line = TRY(fields.text("line", kLineTextBytesMax)),
                     .host = hosts_[place.host],
                     .account = place.account};
    TRY(fields.hex("contract", found.contract));
    TRY(fields.hex("receipt", found.receipt));
    out.push_back(std::move(found));
  }
  return out;
}

std::optional<std::size_t> RecoverState::find(std::string_view header_line,
                                              std::string_view layout_line) const {
  const auto known = by_lines_.find(LinesId{hash_of(header_line, layout_line)});
  if (known == by_lines_.end()) return std::nullopt;
  return known->second;
}

void RecoverState::remove() {
  (void)::unlink(path_.c_str());
}

}  // namespace inxt::client
