// SPDX-License-Identifier: LGPL-3.0-or-later
// All manifests that stand for one version of a file: its own, and those of the files in which long ones lie.
#pragma once

#include <functional>

#include "client/line_reader.h"
#include "client/tree_session.h"

namespace inxt::client {

/// A manifest from its beginning.
using UseLines = std::function<Result<void>(LineReader& lines)>;

/// Those of a long one first, from the record's down.  `name`: for messages, not escaped.  `hosts`: where
/// Hosts are now.  Errors: those of load_manifest() and of `use`.
Result<void> each_manifest_of(TreeSession& tree, const TreeObject& object, const std::string& name,
                              const std::vector<transfer::HostAddress>& hosts, const UseLines& use);

/// The same of a manifest in memory.  Errors: those of `use`.
Result<void> with_lines_of(std::string_view manifest, const std::string& name, const UseLines& use);

}  // namespace inxt::client
