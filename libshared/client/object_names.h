// SPDX-License-Identifier: LGPL-3.0-or-later
// Objects as they are named on a command line, and found in a tree: by id or by path.  Pure.
#pragma once

#include "client/tree_path.h"
#include "tree/tree.h"

namespace inxt::client {

inline constexpr std::size_t kObjectDigitsMin = 8;

/// A version of an object, and where it stands.
struct FoundObject {
  std::string path;         // empty: without a name
  tree::Version version;    // a copy
  bool is_removed = false;  // nothing shows it; this is the latest version that is kept

  std::string said() const;  // "inxt:/a", or the id in hex; not escaped
};

/// What `text` says: inxt:/path, or an object's id or the beginning of one, which must be one object's only.
/// `removed_too`: finds objects of which only old versions are left, too.
/// Errors: not_found; usage for a folder, for what is no id, and for the beginning of several objects' ids,
/// naming them. Cost: of all names, for an id.
Result<FoundObject> find_object(const tree::Tree& tree, std::string_view text, bool removed_too = false);

/// Where the object of `found` is now, if its version is still the same one: it may have been moved.
/// Errors: try_again where it has another version, or is gone.  Cost: of all names, where it was moved.
Result<std::optional<std::string>> path_of_unchanged(const tree::Tree& tree, const FoundObject& found);

/// A version of an object, with what its name in the list of versions needs.
struct ObjectVersion {
  const tree::Version* version = nullptr;  // until the tree changes
  std::string path;
  const tree::KeptVersion* kept = nullptr;  // nullptr: it is shown now
};
/// All that there are of one object, the latest first.  Cost: of all names and versions.
std::vector<ObjectVersion> versions_of(const tree::Tree& tree, const format::ObjectId& object);

}  // namespace inxt::client
