// SPDX-License-Identifier: AGPL-3.0-or-later
// Lies about records.
#include "base/encoding.h"
#include "evil_bridge/evil.h"
#include "format/object_record.h"

namespace inxt::evil {
namespace {

Awaitable<Answer> no_record(Scene&, const Args&, const Asked&) {
  co_return Answer(told(404, "{\"error\":\"not_found\",\"message\":\"no such record\"}\n"));
}

/// The record ARGS[0] whatever is asked for: another object's, or an older version of the same.
Awaitable<Answer> another_record(Scene& scene, const Args& args, const Asked& asked) {
  Asked other = asked;
  other.target = "/v1/objects/" + part_of(asked, 2) + "/" + args.at(0);
  co_return co_await scene.answer(other);
}

/// The first of the log's records that is not the one asked for.
Awaitable<Answer> swap_records(Scene& scene, const Args& args, const Asked& asked) {
  Asked list = asked;
  list.target = "/v1/objects/" + part_of(asked, 2) + "?limit=1024";
  const auto all = co_await scene.ask(list);
  const auto wanted = part_of(asked, 3);
  for (const auto& line : lines_of(all.body)) {
    const auto at = line.find("\"record\":\"");
    const auto id = line.substr(at + 10, 64);
    if (id == wanted) continue;
    const Args other{id};
    co_return co_await another_record(scene, other, asked);
  }
  co_return co_await no_record(scene, args, asked);
}

Awaitable<Answer> alter_record(Scene& scene, const Args&, const Asked& asked) {
  auto out = co_await scene.ask(asked);
  out.body[out.body.size() / 2] ^= 1;
  co_return Answer(std::move(out));
}

/// Two lines where one was asked for.
Awaitable<Answer> two_records(Scene& scene, const Args&, const Asked& asked) {
  auto out = co_await scene.ask(asked);
  out.body += out.body;
  co_return Answer(std::move(out));
}

/// Says that it has deleted it, and has not.
Awaitable<Answer> keep_record(Scene&, const Args&, const Asked&) {
  co_return Answer(told(200, "{\"deleted\":true}\n"));
}

constexpr Attack kAttacks[] = {
    {"no-record", About::record, "says that it does not have it", no_record},
    {"another-record", About::record, "gives another one", another_record},
    {"swap-records", About::record, "gives the first other one of the log", swap_records},
    {"alter-record", About::record, "changes a letter", alter_record},
    {"two-records", About::record, "gives it twice", two_records},
    {"keep-record", About::record_end, "says that it is deleted", keep_record},
};

}  // namespace

std::span<const Attack> record_attacks() {
  return kAttacks;
}

}  // namespace inxt::evil
