// SPDX-License-Identifier: LGPL-3.0-or-later
// An owner's names, as the entries of the log make them: a fold that is total and the same on every machine.
//
// Nothing that an authentic entry says can make it fail.  What cannot be done as it was meant is done so that
// both sides survive, and noted.  Rules: inxt-tree(5), "Folding".
#pragma once

#include <functional>
#include <map>

#include "tree/names.h"

namespace inxt::tree {

inline constexpr std::size_t kNamesMax = 1'000'000;  // files, folders and objects without a name
inline constexpr std::size_t kKeptMax = 1'000'000;   // versions; past it the oldest are forgotten
inline constexpr std::size_t kNotesMax = 1000;       // past it the oldest are forgotten
inline constexpr std::size_t kSharesMax = 10'000;
inline constexpr std::size_t kSegmentsMax = 10'000;
inline constexpr std::size_t kTreeMetadataBytesMax =
    256 * 1024 * 1024;                               // past it metadata stand in the records only
inline constexpr unsigned kConflictNamesMax = 1000;  // tried for one operation
// Delegated uploaders stop at these, so that none of them can leave the owner without room.
inline constexpr std::size_t kDelegatedNamesMax = 900'000;  // they make no names past it
inline constexpr std::size_t kDelegatedKeptMax = 500'000;   // no version that one of them put is kept past it
inline constexpr std::size_t kDelegatedMetadataBytesMax = kTreeMetadataBytesMax / 2;

struct TreeLimits {
  std::size_t names = kNamesMax;
  std::size_t delegated_names = kDelegatedNamesMax;
  std::size_t kept = kKeptMax;
  std::size_t delegated_kept = kDelegatedKeptMax;
  std::size_t metadata_bytes = kTreeMetadataBytesMax;
  std::size_t delegated_metadata_bytes = kDelegatedMetadataBytesMax;
};

/// Which entry an operation stands in.
struct EntryStamp {
  std::uint64_t seq = 0;
  std::int64_t time_unix_s = 0;  // as it says itself
  std::uint32_t uploader = 0;
  std::int64_t owner_unix_s = 0;  // what the owner's last entry before it says
};

/// A version that no name shows any more, and that can be had back until it is purged.
struct KeptVersion {
  enum class Why { overwritten, removed, conflict };  // conflict: it found no place at all
  std::unique_ptr<Version> version;
  std::string path;  // empty for an object without a name
  Why why = Why::overwritten;
  std::uint64_t kept_seq = 0;    // the entry that took its place
  std::int64_t kept_unix_s = 0;  // its time, or that of the owner's last entry before it, whichever is later
};
std::string_view why_name(KeptVersion::Why why);

/// What an entry could not do as it was meant.
struct Note {
  enum class Kind {
    conflict_copy,  // the place was taken: it lies at `other`
    put_again,      // what it was to overwrite had gone
    nothing_there,  // mv, rm, restore, purge of what is not there
    not_empty,      // rm of a folder without recursive
    name_taken,     // mkdir where a file is
    into_itself,    // mv of a folder below itself
    too_deep,       // mv past kTreeDepthMax
    in_use,         // purge of a version that a name shows
    limit,          // a limit of the tree was reached
    refused         // an entry of a delegated uploader that does what it must not, or cannot be read
  };
  Kind kind = Kind::nothing_there;
  std::uint64_t seq = 0;
  std::int64_t time_unix_s = 0;
  std::uint32_t uploader = 0;
  std::string path;   // the operation's, where it has one
  std::string other;  // where it went; what was wrong
};
std::string_view kind_name(Note::Kind kind);
/// One sentence without a full stop; names are not escaped.
std::string to_text(const Note& note);

struct Share {
  std::string what;  // a path (kept right when it is moved), or an object's id in hex
  std::int64_t expires_unix_s = 0;
  std::optional<ByteArray<32>> secret = {};
  std::string recipient = {};  // empty for a link
  std::uint64_t seq = 0;       // of the entry
};

struct Segment {
  std::uint64_t first = 0, last = 0, bytes = 0;
  std::string manifest;
};

/// A name, as find() and list() give it.  Views are valid until the tree changes.
struct Item {
  Names::Node node = Names::kRoot;
  std::string_view name;  // without folders; empty of the root
  bool is_folder = false;
  std::uint32_t mode = 0;
  const Version* version = nullptr;  // nullptr of a folder
};

/// Not thread-safe.  Moves are cheap.
class Tree {
 public:
  /// The default limits are the format's: with others the fold is not that of other machines.
  explicit Tree(const TreeLimits& limits = {}) : limits_(limits) {}

  /// Never fails.  Cost: the logarithm of the number of names; of rm and mv of a folder, and of purge, more.
  void apply(const EntryStamp& stamp, const format::Op& op);
  /// An authentic entry of a delegated uploader that was not read.
  void note_refused(const EntryStamp& stamp, std::string why);

  /// Nothing where there is none, and for what is no path.  "/" is the root.
  std::optional<Item> find(std::string_view path) const;
  Item item(Names::Node node) const;
  std::string path_of(Names::Node node) const { return names_.path(node); }
  /// Up to `limit` names of a folder behind the name `after`, sorted by bytes.
  std::vector<Item> list(Names::Node folder, std::string_view after = {},
                         std::size_t limit = kNamesMax) const;
  /// All below a folder, every folder before what is in it; `visit` gives false to stop.
  void walk(Names::Node folder, const std::function<bool(const Item&)>& visit) const;
  /// Files whose path begins with `prefix`, and objects without a name where it is empty: the flat view.
  /// `visit` gets an empty path for those.  Cost: of all names.
  void each_object(std::string_view prefix,
                   const std::function<bool(std::string_view path, const Version& version)>& visit) const;
  /// The current version of an object by its id, and its path (the first by bytes; empty: without a name).
  /// Cost: of all names.
  std::optional<std::pair<std::string, const Version*>> find_object(const format::ObjectId& object) const;

  /// Whether a name shows it, an object without a name has it, or it is kept.  Cost: of all names and
  /// versions.
  bool has_record(const format::RecordId& record) const;

  /// Of all versions that has_record() looks at, those that the owner put (uploader 0), ascending; a record
  /// may stand there twice.  Cost: of all names and versions.
  std::vector<format::RecordId> owner_records() const;

  const std::map<format::ObjectId, std::unique_ptr<Version>>& unnamed() const { return unnamed_; }
  /// In the order in which they were taken from their places.
  const std::deque<KeptVersion>& kept() const { return kept_; }
  /// Those of one path, latest first.
  std::vector<const KeptVersion*> kept_of(std::string_view path) const;
  /// Records whose time is over: kept before now - keep_versions_s, and shown by no name.  At most `limit`.
  /// Of a record that the owner's versions name, what a delegated uploader names does not count.
  std::vector<format::RecordId> due(std::int64_t now_unix_s, std::size_t limit = kKeptMax) const;
  std::int64_t keep_versions_s() const { return keep_versions_s_; }
  const std::deque<Note>& notes() const { return notes_; }
  const std::map<format::ShareId, Share>& shares() const { return shares_; }
  /// Ascending; ranges may overlap, none lies in another.
  const std::vector<Segment>& segments() const { return segments_; }
  /// Up to here, from 1 on, entries are stored as pieces; 0: none is.
  std::uint64_t stored_until() const;
  std::size_t names() const { return names_.count() + unnamed_.size(); }

  /// The whole state, in one form; for caches, which are read by the version that wrote them only.
  /// Errors: the sink's.
  Result<void> save(const std::function<Result<void>(ByteView)>& sink) const;
  /// `source` fills what it is given, or fails.  Errors: the source's; integrity for what save() does not
  /// write.
  static Result<Tree> load(const std::function<Result<void>(ByteSpan)>& source);

 private:
  using Node = Names::Node;

  void put(const EntryStamp& stamp, const format::PutOp& op);
  void place(const EntryStamp& stamp, std::string_view path, const format::Base& base,
             std::unique_ptr<Version> version);
  void make_folder(const EntryStamp& stamp, const format::MkdirOp& op);
  void move(const EntryStamp& stamp, const format::MvOp& op);
  void remove(const EntryStamp& stamp, const format::RmOp& op);
  void remove_object(const EntryStamp& stamp, const format::ObjectId& object);
  void purge(const EntryStamp& stamp, const format::PurgeOp& op);
  void restore(const EntryStamp& stamp, const format::RestoreOp& op);
  void share(const EntryStamp& stamp, const format::ShareOp& op);
  void add_segment(const EntryStamp& stamp, const format::SegmentOp& op);

  /// The folder of these names, made where it is missing; kNone where there is no place for it.
  Node make_folders(const EntryStamp& stamp, std::span<const std::string_view> names, std::uint32_t mode);
  /// A free name beside `name`; empty when there is none.
  std::string free_name(const EntryStamp& stamp, Node folder, std::string_view name) const;
  Node resolve(std::string_view path) const;
  void keep(const EntryStamp& stamp, std::unique_ptr<Version> version, std::string path,
            KeptVersion::Why why);
  void note(const EntryStamp& stamp, Note::Kind kind, std::string_view path, std::string other = {});
  /// All that names show, and objects without a name; `visit` gives false to stop.
  void each_version(const std::function<bool(const Version&)>& visit) const;
  bool has_room(const EntryStamp& stamp, std::size_t names) const;
  void note_no_room(const EntryStamp& stamp, std::string_view path);

  TreeLimits limits_;
  Names names_;
  std::map<format::ObjectId, std::unique_ptr<Version>> unnamed_;
  std::deque<KeptVersion> kept_;
  std::deque<Note> notes_;
  std::map<format::ShareId, Share> shares_;
  std::vector<Segment> segments_;
  std::int64_t keep_versions_s_ = format::kKeepVersionsDefaultS;
  std::size_t metadata_bytes_ = 0;  // ever held: what is dropped does not come off
};

}  // namespace inxt::tree
