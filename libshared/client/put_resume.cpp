// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/put_resume.h"

#include <algorithm>
#include <filesystem>
#include <span>

#include "client/line_reader.h"
#include "client/reader_keys.h"
#include "format/manifest_reader.h"
#include "keys/bech32.h"
#include "sys/files.h"

namespace inxt::client {
namespace {

bool is_intent(const format::PlaceLine& place) { return place.receipt == crypto::Hash{}; }

bool fits(const format::Layout& a, const format::Layout& b) {
  return a.k == b.k && a.m == b.m && a.mirrors == b.mirrors && a.shard_bytes == b.shard_bytes;
}

bool fits(const format::PrivatePart& part, const WantedPut& wanted) {
  const auto& facts = wanted.facts;
  return part.name == facts.name && part.mtime_unix_s == facts.mtime_unix_s && part.mode == facts.mode &&
         part.plain_bytes == facts.plain_bytes && part.zstd == wanted.content.zstd_level.has_value() &&
         part.padded == wanted.content.pad;
}

bool fits(const std::vector<format::Stanza>& stanzas, const keys::Key& key, const WantedPut& wanted) {
  std::vector<std::string> names{keys::recipient_text(key.recipient())};
  for (const auto& recipient : wanted.recipients) names.push_back(keys::recipient_text(recipient));
  std::vector<std::string> had;
  for (const auto& stanza : stanzas) had.push_back(stanza.recipient);
  for (auto* list : {&names, &had}) {
    std::ranges::sort(*list);
    list->erase(std::ranges::unique(*list).begin(), list->end());
  }
  return names == had;
}

Result<UnfinishedPut> read_journal(const std::string& path, const keys::Key& key, const WantedPut& wanted) {
  auto journal = TRY(PutJournal::reopen(path));
  const auto file = TRY(sys::open_file(path));
  LineReader lines(file.number(), path);
  format::ManifestReader reader([&](const format::Header& header) -> Result<void> {
    if (header.writer == key.uploader().writer_id()) return {};
    return fail(Code::denied, "another uploader's");
  });
  std::string text;
  std::optional<format::Chain> begun;
  JournaledPieces pieces;
  while (const auto line_text = TRY(lines.next())) {
    const auto line = TRY(reader.next(*line_text));
    const std::string exact = std::string(*line_text) + '\n';
    if (!begun) {
      text += exact;
      if (reader.chain().layout) begun = reader.chain();
    } else if (const auto* piece = std::get_if<format::PieceLine>(&line)) {
      pieces.ids.push_back(piece->id);
    } else if (const auto* place = std::get_if<format::PlaceLine>(&line)) {
      const auto& layout = *begun->layout;
      const auto number = place->place.segment * layout.pieces_per_segment() + place->place.shard * layout.mirrors + place->place.mirror;
      if (is_intent(*place)) {
        pieces.asked[number] = place->host;
      } else {
        pieces.places[number].push_back({place->host, exact});
      }
    }
  }
  if (!begun || (wanted.layout && !fits(*begun->layout, *wanted.layout)) || !fits(begun->stanzas, key, wanted))
    return fail(Code::not_found, "another put");
  auto generation = TRY(open_generation(key, *begun));
  auto part = TRY(generation.open_private(*begun->header));
  if (!fits(part, wanted)) return fail(Code::not_found, "another file");
  const auto layout = *begun->layout;
  auto writer = TRY(format::ManifestWriter::resume(key.uploader().writer(), *std::move(begun)));
  return UnfinishedPut{std::move(journal), std::move(generation), std::move(part), std::move(writer),
                       std::move(text),    layout,                std::move(pieces)};
}

/// What the file was that a journal's put began with.  The journal is not locked.
Result<format::PrivatePart> begun_with(const std::string& path, const keys::Key& key) {
  const auto file = TRY(sys::open_file(path));
  LineReader lines(file.number(), path);
  format::ManifestReader reader([&](const format::Header& header) -> Result<void> {
    if (header.writer == key.uploader().writer_id()) return {};
    return fail(Code::denied, "another uploader's");
  });
  while (!reader.chain().layout) {
    const auto line = TRY(lines.next());
    if (!line) return fail(Code::not_found, "nothing was begun");
    TRY(reader.next(*line));
  }
  const auto generation = TRY(open_generation(key, reader.chain()));
  return generation.open_private(*reader.chain().header);
}

/// The one of these that fits and has the most pieces.
std::optional<UnfinishedPut> best_of(std::span<const std::string> paths, const keys::Key& key, const WantedPut& wanted) {
  std::optional<UnfinishedPut> best;
  for (const auto& path : paths) {
    auto found = read_journal(path, key, wanted);
    if (found && (!best || found->pieces.ids.size() > best->pieces.ids.size())) best.emplace(*std::move(found));
  }
  return best;
}

Result<std::vector<std::string>> journals_in(const std::string& folder, std::string_view begin) {
  std::error_code error;
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error))
    if (entry.path().extension() == ".inxt" && entry.path().filename().string().starts_with(begin)) paths.push_back(entry.path().string());
  if (error) return fail_errno(error.value(), folder);
  std::ranges::sort(paths);
  return paths;
}

}  // namespace

Result<void> add_journaled_places(const std::string& folder, const FileId& file, PutJournal& journal, KnownPlaces& known) {
  for (const auto& path : TRY(journals_in(folder, file.hex()))) {
    TRY(journal.supersede(path));
    const auto opened = TRY(sys::open_file(path));
    LineReader lines(opened.number(), path);
    format::ManifestReader reader(format::any_writer());
    while (true) {
      const auto text = TRY(lines.next());
      if (!text) break;
      const auto line = reader.next(*text);
      if (!line) break;  // cut off by a crash
      const auto* place = std::get_if<format::PlaceLine>(&*line);
      if (place == nullptr || is_intent(*place)) continue;
      const auto& layout = *reader.chain().layout;
      auto& at = known[place->place.segment * layout.pieces_per_segment() + place->place.shard * layout.mirrors + place->place.mirror];
      if (std::ranges::find(at, place->host, &KnownPlace::host) == at.end()) at.push_back({place->host, std::string(*text) + '\n'});
    }
  }
  return {};
}

Result<std::optional<UnfinishedPut>> find_unfinished(const std::string& folder, const keys::Key& key,
                                                     const WantedPut& wanted) {
  if (!key.recipient_secret()) return std::nullopt;
  auto paths = TRY(journals_in(folder, ""));
  std::erase_if(paths, [](const auto& path) { return !PutJournal::is_of_data(path); });
  return best_of(paths, key, wanted);
}

bool is_journal_of(const std::string& path, const keys::Key& key) {
  return begun_with(path, key).has_value();
}

Result<UnfinishedPuts> UnfinishedPuts::read(const std::string& folder, const keys::Key& key) {
  UnfinishedPuts out;
  if (!key.recipient_secret()) return out;
  for (auto& path : TRY(journals_in(folder, ""))) {
    if (!PutJournal::is_of_data(path)) continue;
    const auto part = begun_with(path, key);
    if (part) out.paths_.emplace(Facts(part->name, part->mtime_unix_s, part->plain_bytes), std::move(path));
  }
  return out;
}

std::size_t UnfinishedPuts::left() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(paths_, [](const auto& one) { return PutJournal::is_left(one.second); }));
}

Result<std::optional<UnfinishedPut>> UnfinishedPuts::find(const keys::Key& key, const WantedPut& wanted) const {
  const auto& facts = wanted.facts;
  std::vector<std::string> paths;
  const auto [first, last] = paths_.equal_range(Facts(facts.name, facts.mtime_unix_s, facts.plain_bytes));
  for (auto at = first; at != last; ++at) paths.push_back(at->second);
  return best_of(paths, key, wanted);
}

}  // namespace inxt::client
