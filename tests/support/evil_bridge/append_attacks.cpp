// SPDX-License-Identifier: AGPL-3.0-or-later
// Lies about what is appended.
#include <fmt/format.h>

#include "base/encoding.h"
#include "evil_bridge/evil.h"

namespace inxt::evil {
namespace {

std::string appended(const format::LogHead& head, std::uint64_t entries) {
  return fmt::format("{{\"seq\":{},\"head\":\"{}\",\"entries\":{},\"records\":0}}\n", head.seq,
                     to_hex(head.hash), entries);
}

/// The head after what was sent, as an honest Bridge would say it.
format::LogHead head_sent(const Asked& asked, std::uint64_t& entries) {
  format::LogHead head;
  for (const auto& line : lines_of(asked.body))
    if (const auto opened = format::open_entry_head(line)) {
      head = {.seq = opened->head.seq, .hash = opened->hash};
      ++entries;
    }
  return head;
}

/// Says that it is done, and stores nothing.
Awaitable<Answer> not_stored(Scene&, const Args&, const Asked& asked) {
  std::uint64_t entries = 0;
  const auto head = head_sent(asked, entries);
  co_return Answer(told(201, appended(head, entries)));
}

/// Stores the entries and not the records.
Awaitable<Answer> no_records(Scene& scene, const Args&, const Asked& asked) {
  Asked less = asked;
  less.body.clear();
  for (const auto& line : lines_of(asked.body))
    if (format::open_entry_head(line)) less.body += line + '\n';
  co_return co_await scene.answer(less);
}

/// Stores all, and says that it is busy, or nothing.
Awaitable<Answer> answer_lost(Scene& scene, const Args&, const Asked& asked) {
  co_await scene.ask(asked);
  co_return Answer(told(503, "{\"error\":\"busy\",\"message\":\"later\",\"retry_after_ms\":50}\n"));
}

/// Stores all, and says that another was faster.
Awaitable<Answer> false_conflict(Scene& scene, const Args&, const Asked& asked) {
  auto out = co_await scene.ask(asked);
  out.status = 409;
  co_return Answer(std::move(out));
}

/// Stores all, and says that it may not.
Awaitable<Answer> refused_and_kept(Scene& scene, const Args&, const Asked& asked) {
  co_await scene.ask(asked);
  co_return Answer(told(403, "{\"error\":\"denied\",\"message\":\"not you\"}\n"));
}

/// Stores nothing, and says that another was faster, for ever.
Awaitable<Answer> always_conflict(Scene& scene, const Args&, const Asked& asked) {
  const Log log = co_await scene.whole_log(asked, part_of(asked, 2));
  co_return Answer(told(409, appended(log.head, 0)));
}

/// Stores all, and names another head.
Awaitable<Answer> other_head(Scene& scene, const Args&, const Asked& asked) {
  co_await scene.ask(asked);
  std::uint64_t entries = 0;
  auto head = head_sent(asked, entries);
  head.hash[5] ^= std::byte{1};
  co_return Answer(told(201, appended(head, entries)));
}

constexpr Attack kAttacks[] = {
    {"not-stored", About::append, "says that it appended, and does not", not_stored},
    {"no-records", About::append, "stores the entries without their records", no_records},
    {"answer-lost", About::append, "stores, and says that it is busy", answer_lost},
    {"false-conflict", About::append, "stores, and says that another was faster", false_conflict},
    {"refused-and-kept", About::append, "stores, and says that it may not", refused_and_kept},
    {"always-conflict", About::append, "says that another was faster, for ever", always_conflict},
    {"other-head", About::append, "stores, and names another head", other_head},
};

}  // namespace

std::span<const Attack> append_attacks() {
  return kAttacks;
}

}  // namespace inxt::evil
