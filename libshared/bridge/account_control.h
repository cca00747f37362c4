// SPDX-License-Identifier: LGPL-3.0-or-later
// What a Bridge's operator does with accounts, on the control socket; and what goes on with them beside the
// requests. Manual: inxt-bridge(8).
#pragma once

#include <string>

#include "bridge/bridge.h"
#include "format/json.h"

namespace inxt::bridge {

/// The object that a command was sent with; an empty one where nothing was.  Errors: integrity.
Result<format::Json> read_command(std::string_view body);

/// POST /grant {"holder":hex,"quota_bytes":n,"term_s":n,"can":[...]?,"note":text?}: a bridge file, as
/// {"lines":[...]}.
net::Awaitable<Result<std::string>> grant(Bridge& bridge, std::string_view body);
/// POST /accounts {"after":b64?}: {"accounts":[...]}, at most kGrantsPerAnswerMax of them, ascending by
/// permit.
net::Awaitable<Result<std::string>> list_accounts(Bridge& bridge, std::string_view body);
/// POST /revoke {"permit":b64}.
net::Awaitable<Result<std::string>> revoke(Bridge& bridge, std::string_view body);

inline constexpr std::size_t kGrantsPerAnswerMax = 500;
inline constexpr std::int64_t kGrantTermSMax = 100LL * 365 * 86400;

/// Until it is cancelled: settles charges whose turn it is, ends placements that nobody has used for long,
/// and removes shares that have expired. In several processes at once none does what another has done.
net::Awaitable<void> run_accounts(Bridge& bridge);
inline constexpr int kAccountsTurnMs = 15'000;
inline constexpr int kAccountsNextTurnMs = 100;  // while more is due than one turn takes

}  // namespace inxt::bridge
