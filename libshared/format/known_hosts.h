// SPDX-License-Identifier: LGPL-3.0-or-later
// Which Host an id stands for, when Hosts change their keys.  Rules: inxt-descriptor(5), "Rotated keys".
//
// A key that has signed a successor is given up: whatever else it signed, later or not, no longer says where
// its Host is.  A key that has signed two different successors was in two hands; nobody can tell which was
// the Host's, so its id leads nowhere, and the Hosts that follow from it are given no new pieces.
#pragma once

#include <optional>
#include <unordered_map>

#include "format/descriptor.h"

namespace inxt::format {

/// Two successors by one key: evidence that it was stolen.
struct Dispute {
  HostId id;
  HostId first, second;  // two of those that it named, ascending
};

class KnownHosts {
 public:
  KnownHosts() = default;
  /// One descriptor of each Host, as read_hosts() gives them.
  explicit KnownHosts(std::vector<Descriptor> hosts);

  /// The Host that has this id, or had it; nullptr where no descriptor tells, or the way to it is disputed.
  const Descriptor* find(const HostId& id) const;
  /// The ids that the Host took after this one, oldest first; the last is its present one.  REQUIRES:
  /// find(id).
  std::vector<HostId> successors_of(const HostId& id) const;
  /// Those that may be given new pieces, in the order of the file: neither succeeded by another nor under
  /// dispute.
  std::vector<Descriptor> for_new_pieces() const;
  /// Every id that find() gives a Host for, with that Host; ids that were given up stand behind those in use.
  std::vector<std::pair<HostId, const Descriptor*>> names() const;
  /// In the order of the ids.
  const std::vector<Dispute>& disputes() const { return disputes_; }
  /// For a person: "Host 0123... has named two successors, ...".
  static std::string describe(const Dispute& dispute);

 private:
  bool is_disputed(const HostId& id) const;

  std::vector<Descriptor> hosts_;
  std::unordered_map<HostId, std::size_t> by_id_;  // into hosts_
  std::unordered_map<HostId, HostId> successor_;   // of each id that was given up
  std::vector<HostId> given_up_;                   // the keys of successor_, as they were met
  std::vector<Dispute> disputes_;
};

}  // namespace inxt::format
