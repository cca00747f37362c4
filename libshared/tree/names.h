// SPDX-License-Identifier: LGPL-3.0-or-later
// The names of a tree: folders and files, each in its folder, sorted by the bytes of their names.
//
// All names stand in one ordered set, by folder and then by name: a list of a folder is a run of it, a folder
// is moved by changing one name, and no name that somebody chooses makes it slow (a hash table's names could
// be chosen to collide). Memory: 48 bytes a name, 48 for its place in the set, what the name takes past 15
// bytes, and a file's Version.
#pragma once

#include <deque>
#include <memory>
#include <set>

#include "format/tree_ops.h"

namespace inxt::tree {

/// One version of an object: what a record says, and which entry brought it.
struct Version {
  format::ObjectId object;
  format::RecordId record;
  std::uint64_t bytes = 0;
  std::int64_t mtime_unix_s = 0;
  std::uint32_t mode = 0;
  std::uint32_t uploader = 0;
  std::uint64_t seq = 0;                                  // of the entry
  std::int64_t put_unix_s = 0;                            // the entry's time
  std::shared_ptr<const format::Metadata> metadata = {};  // nullptr: none
};

class Names {
 public:
  using Node = std::uint32_t;
  static constexpr Node kRoot = 0;
  static constexpr Node kNone = ~Node{0};

  Names();
  Names(Names&&) noexcept;
  Names& operator=(Names&&) noexcept;
  ~Names();

  /// kNone where there is none.  Cost: of all of these, the logarithm of count().
  Node child(Node folder, std::string_view name) const;
  /// The first child whose name comes behind `after`; kNone behind the last.  "" is before all.
  Node child_behind(Node folder, std::string_view after) const;
  Node next_sibling(Node node) const;

  /// REQUIRES: the name is free in the folder; a file has a version, a folder none.
  Node add(Node folder, std::string_view name, std::uint32_t mode, std::unique_ptr<Version> version);
  void move(Node node, Node folder, std::string_view name);
  /// REQUIRES: it has no children.
  std::unique_ptr<Version> remove(Node node);
  /// What stood there before.
  std::unique_ptr<Version> replace(Node file, std::unique_ptr<Version> version);

  bool is_folder(Node node) const;
  Node parent(Node node) const;
  std::string_view name(Node node) const;
  std::uint32_t mode(Node node) const;      // of a folder; of a file, the version's
  const Version* version(Node node) const;  // nullptr of a folder
  std::string path(Node node) const;        // "/a/b", "/" of the root
  /// How many names deep what is below it reaches, itself counted.  Cost: of all that is below.
  std::size_t height(Node node) const;
  /// All that is below a folder, every folder before what is in it.
  std::vector<Node> below(Node folder) const;

  std::size_t count() const;  // without the root

 private:
  struct Storage;
  std::unique_ptr<Storage> storage_;
};

}  // namespace inxt::tree
