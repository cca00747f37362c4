// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/manifest_head.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <set>


namespace inxt::client {

SourceFacts facts_of(int fd, std::string_view path) {
  SourceFacts facts;
  struct stat stat;
  if (::fstat(fd, &stat) != 0 || !S_ISREG(stat.st_mode)) return facts;
  if (!path.empty() && path != "-") {
    const auto slash = path.rfind('/');
    facts.name = path.substr(slash == std::string_view::npos ? 0 : slash + 1);
  }
  facts.mtime_unix_s = stat.st_mtim.tv_sec;
  facts.mode = stat.st_mode & 07777;
  const off_t at = ::lseek(fd, 0, SEEK_CUR);
  // A size of zero is not believed: the kernel's own files say it too.
  if (stat.st_size > 0 && at >= 0 && at <= stat.st_size)
    facts.plain_bytes = static_cast<std::uint64_t>(stat.st_size - at);
  return facts;
}

Result<ManifestHead> begin_manifest(const keys::Key& key, const SourceFacts& facts, const Content& content,
                                    const std::vector<keys::Recipient>& recipients, crypto::Random& random) {
  const auto& uploader = key.uploader();
  if (key.is_caretaker())
    return fail(Code::denied, "this is a caretaker's key: it stores what others have written, and writes nothing",
                "use the owner's key, or an uploader's");
  ManifestHead head{.generation = format::Generation::fresh(random),
                    .part = {.name = facts.name,
                             .mtime_unix_s = facts.mtime_unix_s,
                             .mode = facts.mode,
                             .plain_bytes = facts.plain_bytes,
                             .zstd = content.zstd_level.has_value(),
                             .padded = content.pad},
                    .writer = format::ManifestWriter(uploader.writer()),
                    .lines = {}};

  format::Header header{.file = head.generation.file(),
                        .writer = uploader.writer_id(),
                        .uploader = uploader.number(),
                        .certificate = uploader.certificate(),
                        .commitment = head.generation.commitment(),
                        .private_part = {}};
  const auto try_header = [&]() -> Result<std::string> {
    header.private_part = TRY(head.generation.seal_private(random, head.part));
    return head.writer.header(header);
  };
  auto line = try_header();
  if (!line && line.error().code == Code::failure && !head.part.name.empty()) {
    head.part.name.clear();
    head.name_left_out = true;
    line = try_header();
  }
  if (!line) return std::unexpected(std::move(line).error());
  head.lines = *std::move(line);

  std::vector<keys::Recipient> readers{key.recipient()};
  std::set<keys::Recipient> seen{key.recipient()};
  for (const auto& recipient : recipients)
    if (seen.insert(recipient).second) readers.push_back(recipient);
  if (readers.size() > format::kStanzasMax)
    return fail(Code::usage, fmt::format("{} recipients are more than {} (kStanzasMax), with the owner",
                                         readers.size(), format::kStanzasMax));
  for (const auto& reader : readers)
    head.lines += head.writer.stanza(TRY(head.generation.stanza_for(reader, keys::recipient_text(reader))));
  return head;
}

}  // namespace inxt::client
