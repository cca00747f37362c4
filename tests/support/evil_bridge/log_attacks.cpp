// SPDX-License-Identifier: AGPL-3.0-or-later
// Lies about an owner's log when it is read.  Entries are counted from 1; without an argument it is the last.
#include "base/encoding.h"
#include "crypto/labels.h"
#include "evil_bridge/evil.h"
#include "format/certificate.h"
#include "keys/bech32.h"

namespace inxt::evil {
namespace {

std::size_t number_in(const Args& args, std::size_t at, std::size_t otherwise) {
  return at < args.size() ? static_cast<std::size_t>(std::stoul(args[at])) : otherwise;
}

Awaitable<Log> true_log(Scene& scene, const Asked& asked) {
  return scene.whole_log(asked, part_of(asked, 2));
}

/// Only the first N entries.
Awaitable<Answer> rollback(Scene& scene, const Args& args, const Asked& asked) {
  Log log = co_await true_log(scene, asked);
  log.lines.resize(
      std::min(log.lines.size(), number_in(args, 0, log.lines.empty() ? 0 : log.lines.size() - 1)));
  log.recount();
  co_return Answer(page_of(log, asked));
}

Awaitable<Answer> empty_log(Scene&, const Args&, const Asked& asked) {
  co_return Answer(page_of(Log{}, asked));
}

/// Entry N is left out; the head is the true one.
Awaitable<Answer> withhold(Scene& scene, const Args& args, const Asked& asked) {
  Log log = co_await true_log(scene, asked);
  const auto at = number_in(args, 0, log.lines.size());
  log.lines.erase(log.lines.begin() + static_cast<std::ptrdiff_t>(at - 1));
  co_return Answer(page_of(log, asked));
}

/// The true head, and no entry behind the one asked for.
Awaitable<Answer> head_only(Scene& scene, const Args&, const Asked& asked) {
  Log log = co_await true_log(scene, asked);
  log.lines.clear();
  co_return Answer(page_of(log, asked));
}

/// The same as from a Bridge that gives what its head says, while the head's number is another.
Awaitable<Answer> head_number(Scene& scene, const Args& args, const Asked& asked) {
  Log log = co_await true_log(scene, asked);
  auto out = page_of(log, asked);
  for (auto& header : out.headers)
    if (header.name == "Inxt-Log-Seq") header.value = args.at(0);
  co_return Answer(std::move(out));
}

Awaitable<Answer> head_hash(Scene& scene, const Args&, const Asked& asked) {
  Log log = co_await true_log(scene, asked);
  log.head.hash[0] ^= std::byte{1};
  co_return Answer(page_of(log, asked));
}

Awaitable<Answer> no_head(Scene& scene, const Args&, const Asked& asked) {
  const Log log = co_await true_log(scene, asked);
  auto out = page_of(log, asked);
  out.headers.clear();
  co_return Answer(std::move(out));
}

/// Entries N and M change places.
Awaitable<Answer> swap_entries(Scene& scene, const Args& args, const Asked& asked) {
  Log log = co_await true_log(scene, asked);
  std::swap(log.lines.at(number_in(args, 0, 1) - 1), log.lines.at(number_in(args, 1, log.lines.size()) - 1));
  log.recount();
  co_return Answer(page_of(log, asked));
}

/// Entry N comes twice.
Awaitable<Answer> duplicate(Scene& scene, const Args& args, const Asked& asked) {
  Log log = co_await true_log(scene, asked);
  const auto at = number_in(args, 0, log.lines.size());
  const std::string line = log.lines.at(at - 1);
  log.lines.insert(log.lines.begin() + static_cast<std::ptrdiff_t>(at), line);
  log.recount();
  co_return Answer(page_of(log, asked));
}

/// Entry N comes again as the newest.
Awaitable<Answer> replay(Scene& scene, const Args& args, const Asked& asked) {
  Log log = co_await true_log(scene, asked);
  const std::string line = log.lines.at(number_in(args, 0, 1) - 1);
  log.lines.push_back(line);
  log.recount();
  co_return Answer(page_of(log, asked));
}

/// One letter of entry N's member is another: "time", "body", "sig", ...
Awaitable<Answer> alter(Scene& scene, const Args& args, const Asked& asked) {
  Log log = co_await true_log(scene, asked);
  std::string& line = log.lines.at(number_in(args, 1, log.lines.size()) - 1);
  const std::string member = "\"" + args.at(0) + "\":";
  const auto at = line.find(member);
  CHECK_BUG(at != std::string::npos);
  auto letter = at + member.size() + 2;  // behind the quotation mark, or a digit
  line[letter] = line[letter] == '1' ? '2' : '1';
  log.recount();
  co_return Answer(page_of(log, asked));
}

/// Entry N with the body of entry M, or the other way round.
Awaitable<Answer> swap_bodies(Scene& scene, const Args& args, const Asked& asked) {
  Log log = co_await true_log(scene, asked);
  const auto body_at = [](const std::string& line) {
    return std::pair{line.find("\"body\":"), line.find(",\"sig\":")};
  };
  std::string& to = log.lines.at(number_in(args, 0, log.lines.size()) - 1);
  const std::string& from = log.lines.at(number_in(args, 1, 1) - 1);
  const auto [first, end] = body_at(to);
  const auto [other, other_end] = body_at(from);
  to.replace(first, end - first, from.substr(other, other_end - other));
  log.recount();
  co_return Answer(page_of(log, asked));
}

/// A new entry at the end that the Bridge has signed itself, in the name of uploader ARGS[0], sealed to the
/// owner's recipient ARGS[1]; ARGS[2]: "certified", by an owner of its own; "removes" PATH; "puts" PATH
/// RECORD; else it makes a folder.
Awaitable<Answer> forge(Scene& scene, const Args& args, const Asked& asked) {
  Log log = co_await true_log(scene, asked);
  const auto recipient = must(keys::recipient_from_text(args.at(1)));
  format::EntryHead head;
  must(from_hex(part_of(asked, 2), head.log.bytes));
  head.seq = log.head.seq + 1;
  head.prev = log.head.hash;
  head.writer = {scene.key.public_key()};
  head.uploader = static_cast<std::uint32_t>(std::stoul(args.at(0)));
  head.time_unix_s = scene.engine.parts().clock.unix_s();
  if (args.size() > 2 && args[2] == "certified")
    head.certificate = must(format::sign_certificate({.owner = {scene.key.public_key()},
                                                      .writer = head.writer,
                                                      .uploader = head.uploader,
                                                      .issued_unix_s = head.time_unix_s,
                                                      .expires_unix_s = head.time_unix_s + 86400},
                                                     scene.key));
  std::vector<format::Op> ops;
  if (args.size() > 2 && args[2] == "removes")
    ops.emplace_back(format::RmOp{.path = args.at(3), .recursive = true});
  else if (args.size() > 2 && args[2] == "puts") {  // PATH, and the record that the name is to show then
    format::PutOp put;
    put.path = args.at(3);
    must(from_hex(args.at(4), put.record.bytes));
    put.object.bytes = put.record.bytes;
    ops.emplace_back(put);
  } else
    ops.emplace_back(format::MkdirOp{.path = "/forged", .mode = 0755});
  log.lines.push_back(
      must(format::sign_entry(head, ops, format::BodySealer::to_owner(recipient), scene.key, scene.random)));
  log.recount();
  co_return Answer(page_of(log, asked));
}

/// The true last entry with the Bridge as its writer, signed anew by it.
Awaitable<Answer> take_over(Scene& scene, const Args&, const Asked& asked) {
  Log log = co_await true_log(scene, asked);
  std::string& line = log.lines.back();
  const std::string member = "\"writer\":\"";
  const auto at = line.find(member);
  line.replace(at + member.size(), 64, to_hex(scene.key.public_key()));
  const auto text = line.substr(0, line.find(",\"sig\":"));
  line = text + ",\"sig\":\"" +
         to_base64url(scene.key.sign(crypto::label::kEntryLine, {ByteView{}, view_of(text)})) + "\"}";
  log.recount();
  co_return Answer(page_of(log, asked));
}

/// The entries of another owner's log, which came through here before.
Awaitable<Answer> another_log(Scene& scene, const Args& args, const Asked& asked) {
  Log log;
  for (auto& line : lines_of(scene.kept["log " + args.at(0)])) log.lines.push_back(std::move(line));
  CHECK_BUG(!log.lines.empty());
  log.recount();
  co_return Answer(page_of(log, asked));
}

/// Some machines see a log of their own: what they append is kept apart, from entry ARGS[1] on.
Awaitable<Answer> branch(Scene& scene, const Args& args, const Asked& asked) {
  const std::string log_id = part_of(asked, 2);
  const std::string name = log_id + " " + args.at(0);
  if (!scene.branches.contains(name)) {
    Log log = co_await scene.whole_log(asked, log_id);
    log.lines.resize(std::min(log.lines.size(), number_in(args, 1, log.lines.size())));
    log.recount();
    scene.branches[name] = std::move(log);
  }
  Log& log = scene.branches[name];
  if (is_about(asked, About::log_page)) co_return Answer(page_of(log, asked));
  if (is_about(asked, About::record)) {
    const auto known = scene.records.find(part_of(asked, 3));
    if (known != scene.records.end()) co_return Answer(told(200, known->second + '\n'));
    co_return co_await scene.answer(asked);
  }
  if (!is_about(asked, About::append)) co_return co_await scene.answer(asked);
  std::uint64_t entries = 0;
  int status = 201;
  for (const auto& line : lines_of(asked.body)) {
    const auto opened = format::open_entry_head(line);
    if (!opened) {
      scene.records[format::record_id(line).hex()] = line;
      continue;
    }
    if (opened->head.seq != log.head.seq + 1 || opened->head.prev != log.head.hash) {
      status = 409;
      break;
    }
    log.lines.push_back(line);
    log.recount();
    ++entries;
  }
  co_return Answer(told(status, "{\"seq\":" + std::to_string(log.head.seq) + ",\"head\":\"" +
                                    to_hex(log.head.hash) + "\",\"entries\":" + std::to_string(entries) +
                                    ",\"records\":0}\n"));
}

constexpr Attack kAttacks[] = {
    {"rollback", About::log_page, "shows only the first N entries, or all but the last", rollback},
    {"empty-log", About::log_page, "shows an empty log", empty_log},
    {"withhold", About::log_page, "leaves entry N out", withhold},
    {"head-only", About::log_page, "tells the head and gives no entries", head_only},
    {"head-number", About::log_page, "says another number for the head", head_number},
    {"head-hash", About::log_page, "says another hash for the head", head_hash},
    {"no-head", About::log_page, "says no head", no_head},
    {"swap", About::log_page, "swaps entries N and M", swap_entries},
    {"duplicate", About::log_page, "gives entry N twice", duplicate},
    {"replay", About::log_page, "gives entry N again as the newest", replay},
    {"alter", About::log_page, "changes a member of entry N", alter},
    {"swap-bodies", About::log_page, "gives entry N the body of entry M", swap_bodies},
    {"forge", About::log_page, "adds an entry of its own", forge},
    {"take-over", About::log_page, "signs the last entry as its own", take_over},
    {"another-log", About::log_page, "gives the entries of another log", another_log},
    {"branch", About::any_log, "keeps a log apart for some machines", branch},
};

}  // namespace

std::span<const Attack> log_attacks() {
  return kAttacks;
}

}  // namespace inxt::evil
