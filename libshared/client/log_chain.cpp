// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/log_chain.h"

#include <fmt/format.h>

#include <algorithm>

#include "format/token.h"

namespace inxt::client {

std::unexpected<Error> false_log(std::string what) {
  return fail(Code::integrity, "the Bridge shows a false log: " + std::move(what),
              "nothing was changed; compare the head of the log with your other machines (inxt-ls --head), "
              "and ask the "
              "Bridge's operator or use another Bridge");
}

std::optional<std::string> LogWriters::certificate_fault(std::uint32_t uploader, const WriterId& writer,
                                                         std::string_view certificate,
                                                         std::optional<std::int64_t> time_unix_s) const {
  if (certificate.empty()) return "it has no certificate";
  const auto opened = format::open_certificate(certificate);
  if (!opened) return "its certificate: " + opened.error().what;
  if (opened->owner != key_->owner_id()) return "its certificate is by another owner";
  if (opened->writer != writer || opened->uploader != uploader)
    return "its certificate is about another writer";
  if (time_unix_s && opened->expires_unix_s < *time_unix_s - format::kClockSkewS)
    return "its certificate had expired";
  return std::nullopt;
}

WriterId LogWriters::derived(std::uint32_t uploader) {
  auto known = derived_.find(uploader);
  if (known == derived_.end()) {
    if (derived_.size() > 1000) derived_.clear();
    known = derived_.emplace(uploader, key_->uploader(uploader)->writer_id()).first;
  }
  return known->second;
}

std::optional<std::string> LogWriters::fault(std::uint32_t uploader, const WriterId& writer,
                                             std::string_view certificate,
                                             std::optional<std::int64_t> time_unix_s) {
  // Whoever has a permit to append can write any number and sign for it.
  if ((key_->is_owner() || uploader == key_->uploader().number()) && derived(uploader) != writer)
    return fmt::format("the writer {} is not this owner's uploader {} (forged)", writer.hex(), uploader);
  if (uploader == 0) return std::nullopt;
  return certificate_fault(uploader, writer, certificate, time_unix_s);
}

Result<ReadEntry> read_entry(std::string_view line, const format::TreeKey* key) {
  auto opened = format::open_entry_head(line);
  if (!opened) return false_log(opened.error().what + " (damaged, or forged)");
  ReadEntry out{.opened = *std::move(opened), .ops = std::vector<format::Op>()};
  if (key != nullptr)
    out.ops = format::open_entry(out.opened, *key);
  else
    out.ops = fail(Code::denied, "a delegated machine reads no names");
  return out;
}

Result<LogChain::Accepted> LogChain::accept(const ReadEntry& entry) {
  const auto& head = entry.opened.head;
  if (head.log != log_)
    return false_log(fmt::format("entry {} is of another log, {}", head.seq, head.log.hex()));
  const auto& before = state_.head;
  if (head.seq != before.seq + 1)
    return false_log(fmt::format("entry {} came where {} is due (reordered, repeated, or one was left out)",
                                 head.seq, before.seq + 1));
  if (head.prev != before.hash)
    return false_log(fmt::format("entry {} hangs on {}, and entry {} as this machine knows it is {} (forked)",
                                 head.seq, to_hex(head.prev), before.seq, to_hex(before.hash)));
  Accepted out{.refused = {}, .owner_unix_s = state_.owner_unix_s};
  // A time that lies before what the owner said since is none: else a certificate that has ended would do for
  // ever.
  out.refused = writers_.fault(head.uploader, head.writer, head.certificate,
                               std::max(head.time_unix_s, state_.owner_unix_s));
  const bool is_owner = head.uploader == 0 && !out.refused;
  if (head.uploader == 0 && out.refused) {
    if (head.seq == 1) state_.false_owner = head.writer;
    if (state_.false_owner != head.writer)
      return false_log(fmt::format("entry {}: {}", head.seq, *out.refused));
  }
  if (!out.refused && !entry.ops && entry.ops.error().code != Code::denied) {
    if (is_owner)
      return fail(Code::integrity, fmt::format("the log: {}", entry.ops.error().what),
                  "a newer version of inxt may have written it: use that version on this machine too");
    out.refused = entry.ops.error().what;
  }
  if (is_owner) state_.owner_unix_s = head.time_unix_s;
  state_.head = {.seq = head.seq, .hash = entry.opened.hash};
  return out;
}

}  // namespace inxt::client
