// SPDX-License-Identifier: LGPL-3.0-or-later
// What owners entrust, in the database: what their requests do.  What repairs do stands in care_segments.h.
// Each function is a part of the caller's transaction.
//
// A file belongs to the holder of the root permit that it was entrusted under, and its id counts among that
// owner's only.  A Bridge has no key that tells whose a file is: whoever has a manifest can have its file
// kept, at his own cost; nobody can end another's care, or see it.
#pragma once

#include <optional>
#include <vector>

#include "bridge/authority.h"
#include "bridge/care_seal.h"
#include "format/care_answers.h"
#include "format/care_requests.h"

namespace inxt::bridge {

/// `sealed`: U_n, by CareSeal in the context of the id.  Doing it twice is as doing it once.
/// Errors: quota, naming care_keys_per_owner_max.
Result<void> put_care_key(database::Transaction& transaction, const AccountId& owner,
                          const AccountId& caretaker, std::uint32_t uploader, ByteView sealed,
                          std::int64_t now_unix_s);
/// With what was told of accounts under it.  False where there is none.  Errors: denied while files are in
/// its care.
Result<bool> remove_care_key(database::Transaction& transaction, const AccountId& owner,
                             const AccountId& caretaker);

/// When the capabilities of request.readings end, in their order: whoever opened them knows.
using CareReadingEnds = std::vector<std::int64_t>;

/// Adds what is new of it, and charges that.  A file counts from when all its segments are there.
/// Errors: not_found without the caretaker's key; denied for another manifest of the same file id; quota.
Result<format::CareTaken> entrust(database::Transaction& transaction, const Authority& authority,
                                  const format::CareRequest& request, const CareReadingEnds& ends,
                                  std::int64_t now_unix_s);

/// Files with ids behind `after`, ascending, at most `limit`.
Result<std::vector<format::CareInfo>> list_care(database::Transaction& transaction, const AccountId& owner,
                                                const std::optional<FileId>& after, std::size_t limit);

/// What repairs have stored, with numbers greater than `after`, ascending, at most `limit`.
/// Also of what ended less than kCareRemovedKeptS ago: whoever could not delete all pieces tries again.
/// Nothing where the file is not in this owner's care, and was not.
Result<std::optional<std::vector<format::CarePlace>>> list_care_places(
    database::Transaction& transaction, const AccountId& owner, const FileId& file, std::int64_t after,
    const std::optional<std::uint64_t>& segment, std::size_t limit);

enum class CareEnd { ended, not_in_care, more_places };
/// Gives its bytes back to who was charged.  Not done where there are places with numbers greater than
/// `seen`: who ends care deletes the pieces, and must know where they are.
Result<CareEnd> end_care(database::Transaction& transaction, const AccountId& owner, const FileId& file,
                         std::int64_t seen, std::int64_t now_unix_s);

/// The same for segments `first` to `last` alone, whose pieces are deleted while others of the file stay:
/// they count as ended for as long as the file is in care, also where they are entrusted again.
Result<CareEnd> end_care_segments(database::Transaction& transaction, const AccountId& owner,
                                  const FileId& file, std::uint64_t first, std::uint64_t last,
                                  std::int64_t seen);

/// A reader's report about a piece that is known to lie there.  False where it is not, or when as many as
/// kCareDoubtsPerOwnerMax wait.
Result<bool> add_care_doubt(database::Transaction& transaction, const AccountId& owner,
                            const format::CareReport& report);

/// Removes for good what ended long ago, and parts of files of which the rest never came; returns how many
/// files, at most kCareSweptAtOnceMax of each kind.
Result<std::int64_t> sweep_care(database::Transaction& transaction, std::int64_t now_unix_s);

}  // namespace inxt::bridge
