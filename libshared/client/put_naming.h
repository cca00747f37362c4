// SPDX-License-Identifier: LGPL-3.0-or-later
// Journals of puts that died while the Bridge was being told their names: whether the log has them must be
// certain before anything is done with their pieces.
#pragma once

#include "client/put_journal.h"
#include "client/tree.h"

namespace inxt::client {

/// What PutJournal::set_record() is told.  Another Bridge has another log of the same owner.
std::string naming_of(const crypto::PublicKey& bridge, const format::RecordId& record);

/// Removes the journals in `folder` whose record the log has (`bridge`: whose log it is), and makes the
/// others of this key and Bridge such as a put goes on with.  A request that such a put has left behind may
/// still be under way: an entry that changes nothing is appended where there are such journals, and what was
/// signed to stand in its place cannot come any more. Errors: those of TreeView::append() and of files.
net::Awaitable<Result<void>> settle_namings(TreeView& view, const crypto::PublicKey& bridge,
                                            const std::string& folder);

}  // namespace inxt::client
