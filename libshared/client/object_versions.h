// SPDX-License-Identifier: LGPL-3.0-or-later
// Versions of objects in an owner's log: made so that of two writers at once neither loses anything.  Tool:
// inxt-object(1).
#pragma once

#include "client/object_names.h"
#include "client/object_write.h"
#include "client/tree.h"

namespace inxt::client {

/// Appends a new version of what `base` found: its record's object and previous are set.
/// `is_nowhere`: after an error, whether the log does not have the version and never will; then, and only
/// then, the caller takes back what it stored.
/// Errors: try_again where the object has another version by now: nothing is changed then;
/// TreeView::append()'s.
net::Awaitable<Result<format::RecordId>> append_version(TreeView& view, const FoundObject& base,
                                                        format::ObjectRecord record, bool& is_nowhere);
/// Appends the first version of an object without a name, and gives the object's id.
/// Errors: denied on a delegated machine, whose entries name a path; TreeView::append()'s.
net::Awaitable<Result<format::ObjectId>> append_object(TreeView& view, format::ObjectRecord record);

}  // namespace inxt::client
