// SPDX-License-Identifier: LGPL-3.0-or-later
// A Log that goes to systemd's journal: MESSAGE to be read, PRIORITY, INXT_EVENT, a field INXT_<KEY> for each
// of the event's, and a MESSAGE_ID for the events that an operator may want to wait for (inxt-host(8),
// "Logs").
#pragma once

#include <optional>

#include "serve/log.h"
#include "sys/journal.h"

namespace inxt::serve {

/// 32 hex digits; they never change.
std::optional<std::string_view> message_id(std::string_view event);

/// Entries that the journal has no room for are counted, and told as `log-lost` when it has; those that it
/// refuses otherwise go as lines to `otherwise`.
Log::RecordSink journal_sink(sys::Journal journal, std::string identifier, Log::Sink otherwise);

}  // namespace inxt::serve
