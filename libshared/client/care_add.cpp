// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/care_add.h"

#include <unistd.h>

#include "client/care_end.h"
#include "client/reader_keys.h"

namespace inxt::client {

Result<CareAdder> CareAdder::begin(Session& session, transfer::BridgeCare& care, const keys::Key& key,
                                   const keys::UploaderKeys& caretaker, const crypto::PublicKey& bridge,
                                   const sys::Clock& clock, crypto::Random& random) {
  format::CareKey care_key;
  care_key.uploader = caretaker.number();
  care_key.uploader_key = crypto::Key(caretaker.uploader_key().first<32>());
  const AccountId id = TRY_IN("caretaker", session.run(care.put_key(care_key)));
  CareAdder out(session, care, key, clock);
  out.sender_ = std::make_unique<CareSender>(care, key, bridge, id, clock, random);
  return out;
}

Result<CareText> CareAdder::read(const ManifestText& text, const std::string& name) const {
  auto check = TRY(writers_known_to(key_, {}, clock_.unix_s()));
  if (const auto lines = text.in_memory()) return CareText::read(*lines, name, std::move(check));
  if (::lseek(text.file(), 0, SEEK_SET) != 0) return fail_errno(errno, name);
  LineReader lines(text.file(), name);
  return CareText::read(lines, name, std::move(check));
}

Result<void> CareAdder::send(const CareText& text) {
  unplaced_ += text.unplaced();
  return session_.run(sender_->add(text));
}

Result<void> CareAdder::add(LineReader& lines, const std::string& name) {
  auto check = TRY(writers_known_to(key_, {}, clock_.unix_s()));
  const auto text = TRY(CareText::read(lines, name, std::move(check)));
  return send(text);
}

Result<void> CareAdder::add_of(TreeSession& tree, std::optional<format::RecordId> record, LineReader& lines,
                               const std::string& name) {
  Named named{.record = record, .text = {}};
  while (const auto line = TRY_IN(name, lines.next())) {
    TRY(named.text.write(*line));
    TRY(named.text.write("\n"));
    if (named.text.bytes() > kCareManifestBytesMax)
      return fail(Code::usage, name + ": longer than a Bridge takes (kCareManifestBytesMax)");
  }
  const auto text = TRY(read(named.text, name));
  TRY(send(text));
  named_bytes_ += named.text.bytes();
  named_.push_back(std::move(named));
  if (named_.size() >= kCareLookFilesMax || named_bytes_ >= kCareLookBytesMax) return look(tree);
  return {};
}

Result<void> CareAdder::add_object(TreeSession& tree, const TreeObject& object, const std::string& name) {
  return each_manifest_of(tree, object, name, {}, [&](LineReader& lines) {
    return add_of(tree, object.version.record, lines, name);
  });
}

Result<void> CareAdder::add_log(TreeSession& tree) {
  const auto segments = tree.tree().segments();  // a copy: looking reads the tree anew
  for (const auto& segment : segments)
    TRY(with_lines_of(segment.manifest, "the log",
                      [&](LineReader& lines) { return add_of(tree, {}, lines, "the log"); }));
  return {};
}

Result<void> CareAdder::finish(TreeSession* tree) {
  if (tree != nullptr && !named_.empty()) return look(*tree);
  return session_.run(sender_->flush());
}

Result<void> CareAdder::look(TreeSession& tree) {
  // First it is in care, then it is looked for: whoever removes it meanwhile ends its care behind that.
  TRY(session_.run(sender_->flush()));
  TRY(tree.session().run(tree.view().refresh()));
  std::set<format::RecordId> records;
  tree.tree().each_object("", [&](std::string_view, const tree::Version& version) {
    records.insert(version.record);
    return true;
  });
  for (const auto& kept : tree.tree().kept()) records.insert(kept.version->record);
  std::set<FileId> segments;
  for (const auto& segment : tree.tree().segments()) segments.insert(TRY(file_of_manifest(segment.manifest)));
  for (const auto& named : named_) {
    if (named.record) {
      if (!records.contains(*named.record)) TRY(end_if_gone(named));
      continue;
    }
    const auto lines = named.text.in_memory();
    if (!lines || !segments.contains(TRY(file_of_manifest(*lines)))) TRY(end_if_gone(named));
  }
  named_.clear();
  named_bytes_ = 0;
  return {};
}

/// Another version may use its pieces: then they are there.
Result<void> CareAdder::end_if_gone(const Named& named) {
  auto check = TRY(writers_known_to(key_, {}, clock_.unix_s()));
  const auto table =
      TRY(named.text.table("a manifest that was removed", std::move(check), ManifestTable::Seal::required));
  const auto number = table.header().uploader;
  const auto uploader = key_.uploader(number);
  const auto secret = key_.recipient_secret();
  if (!uploader || !secret) return {};
  const auto network =
      number == key_.uploader().number() ? session_.network() : session_.network_as(key_, number);
  RemoveOptions looking;
  looking.dry_run = true;
  looking.silent = &silent_;
  const auto there = TRY(session_.run(remove_pieces(network, table, *secret, *uploader, {}, looking, {})));
  // What a Host that does not answer has may be another version's.
  if (there.removed > 0 || there.failed > 0 || (there.gone == 0 && table.pieces() > 0)) return {};
  if (const auto told = TRY(session_.run(places_in_care(care_, table.header().file)))) {
    const auto elsewhere = TRY(remove_elsewhere(session_, key_, table, *told, {}, looking));
    if (elsewhere.removed > 0 || elsewhere.failed > 0) return {};
  }
  RemoveOptions options;
  options.silent = &silent_;
  TRY(session_.run(end_care_elsewhere(session_, care_, key_, table, {}, options)));
  ++ended_;
  return {};
}

}  // namespace inxt::client
