// SPDX-License-Identifier: LGPL-3.0-or-later
// What a recovery has found so far, in a file of its own, so that one that was cut off goes on.  Nothing in
// it decrypts: secrets stand in it sealed to the owner, as in a manifest.
//
//     {"type":"recovery","version":1,"owner":hex,"begun":unix}
//     {"type":"file","header":text,"layout":text,"secret":b64}        numbered from 0, as they come
//     {"type":"at","file":n,"line":text,"contract":hex,"receipt":hex}
//     {"type":"listed","host":hex,"uploader":n,"after":hex,"more":bool}   ends what that Host listed
//
// Lines count once the "listed" behind them is there.  Memory: 32 bytes a place, 80 a file.
#pragma once

#include <map>
#include <unordered_map>

#include "client/recover_contract.h"
#include "sys/fd.h"

namespace inxt::client {

inline constexpr std::size_t kRecoverPlacesMax = 100'000'000;
inline constexpr std::size_t kRecoverFilesMax = 10'000'000;

/// Where a piece lies, and the line that names it.
struct FoundPlace {
  std::string line;
  HostId host;
  std::uint32_t account = 0;  // the number whose account there made the contract
  crypto::Hash contract{};
  crypto::Hash receipt{};
};

/// One thread at a time.
class RecoverState {
 public:
  /// How far a Host's list of one number's pieces was read.
  struct Listed {
    std::optional<PieceId> after = {};
    bool is_whole = false;
    std::uint64_t pieces = 0;
    std::uint64_t file_bytes = 0;  // what they take there
  };
  struct FileLines {
    std::string header, layout;
    Bytes sealed_secret;
  };

  /// `path`, made where it is missing (mode 0600), and locked for as long as this lives.
  /// Errors: locked when another process has it; integrity when it is another owner's or damaged (removing it
  /// starts anew); those of files.
  static Result<RecoverState> open(const std::string& path, const OwnerId& owner, std::int64_t now_unix_s);

  const std::string& path() const { return path_; }
  std::int64_t begun_unix_s() const { return begun_unix_s_; }
  /// Something was listed by an earlier run.
  bool is_resumed() const { return is_resumed_; }

  Listed listed(const HostId& host, std::uint32_t uploader) const;
  /// Of all Hosts, by number.
  const std::map<std::pair<HostId, std::uint32_t>, Listed>& listed() const { return listed_; }
  /// A page of a Host's list, whole or not at all.
  Result<void> add(const HostId& host, std::uint32_t uploader, const std::vector<FoundPiece>& found,
                   const std::optional<PieceId>& after, bool is_whole);
  /// Numbers under whose accounts something was found.
  const std::map<std::uint32_t, std::uint64_t>& pieces_of() const { return pieces_of_; }

  /// Puts places in order; what follows needs it.
  void sort();
  std::size_t files() const { return files_.size(); }
  std::size_t places() const { return places_.size(); }
  const FileId& file(std::size_t number) const { return files_[number].file; }
  std::uint32_t uploader(std::size_t number) const { return files_[number].uploader; }
  Result<FileLines> lines(std::size_t number) const;
  /// The last segment of which a piece was found.
  std::uint64_t last_segment(std::size_t number) const;
  /// Places of one segment's pieces, by shard and mirror.  Errors: integrity when the file was changed.
  Result<std::vector<FoundPlace>> segment(std::size_t number, std::uint64_t segment) const;
  /// The file with these lines, without newlines.  Not by its id: that is any writer's to choose.
  std::optional<std::size_t> find(std::string_view header_line, std::string_view layout_line) const;
  /// Of all pieces that were found, counted at each place.
  std::uint64_t stored_bytes() const { return stored_bytes_; }

  /// Removes the file: all that was in it was recovered.
  void remove();

 private:
  using LinesId = Id<struct RecoverLinesTag, 32>;  // hash of header and layout

  struct FileEntry {
    FileId file;
    std::uint32_t uploader = 0;
    std::uint64_t offset = 0;
    std::uint64_t first_place = 0;  // once sorted
  };
  struct PlaceEntry {
    std::uint32_t file = 0;
    std::uint32_t segment = 0;
    std::uint16_t order = 0;  // shard * kMirrorsMax + mirror
    std::uint32_t host = 0;   // into hosts_
    std::uint32_t account = 0;
    std::uint64_t offset = 0;
  };
  struct Pending {
    std::vector<PlaceEntry> places;
    std::uint64_t bytes = 0;
    std::uint64_t file_bytes = 0;
  };

  RecoverState(std::string path, sys::Fd fd) : path_(std::move(path)), fd_(std::move(fd)) {}
  Result<void> load(const OwnerId& owner);
  /// True: it ends a page.
  Result<bool> take_line(std::string_view line, std::uint64_t offset, Pending& pending);
  void add_file(const LinesId& id, const FileId& file, std::uint32_t uploader, std::uint64_t offset);
  Result<format::Json> line_at(std::uint64_t offset) const;
  std::unexpected<Error> damaged(std::string_view why) const;
  void commit(Pending& pending, const HostId& host, std::uint32_t uploader,
              const std::optional<PieceId>& after, bool is_whole);
  std::uint32_t number_of(const HostId& host);

  std::string path_;
  sys::Fd fd_;
  std::int64_t begun_unix_s_ = 0;
  bool is_resumed_ = false;
  std::uint64_t end_ = 0;  // of what counts
  std::vector<FileEntry> files_;
  std::unordered_map<LinesId, std::uint32_t> by_lines_;
  std::vector<PlaceEntry> places_;
  std::vector<HostId> hosts_;
  std::unordered_map<HostId, std::uint32_t> host_numbers_;
  std::map<std::pair<HostId, std::uint32_t>, Listed> listed_;
  std::map<std::uint32_t, std::uint64_t> pieces_of_;
  std::uint64_t stored_bytes_ = 0;
};

}  // namespace inxt::client
