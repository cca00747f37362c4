// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/purge.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "client/care_end.h"
#include "client/manifest_text.h"
#include "client/object_extents.h"
#include "client/object_read.h"
#include "transfer/http_bridge_care.h"

namespace inxt::client {
namespace {

crypto::Hash hash_of_places(const ManifestTable& table) {
  crypto::Sha256 hash;
  for (std::uint64_t piece = 0; piece < table.pieces(); ++piece)
    for (const auto& at : table.places_of(piece)) {
      hash.update(big_endian(piece));
      hash.update(table.hosts()[at.host].id.view());
      hash.update(big_endian(at.uploader));
    }
  return hash.digest();
}

crypto::Hash hash_of_text(const format::ManifestRef& manifest) {
  crypto::Sha256 hash;
  hash.update(view_of(std::get<format::StoredManifest>(manifest).manifest));
  return hash.digest();
}

class Purge {
 public:
  Purge(TreeSession& tree, const std::vector<format::RecordId>& records, RemoveOptions options,
        std::vector<transfer::HostAddress> hosts)
      : tree_(tree), records_(records), options_(std::move(options)), hosts_(std::move(hosts)) {
    if (options_.silent == nullptr) options_.silent = &silent_;
  }

  Result<PurgeReport> run() {
    if (!tree_.key().is_owner())
      return fail(Code::denied, "this key file is a delegated machine's: it cannot delete",
                  "use the owner's key file");
    const auto shown = shown_records(tree_.tree());
    find_others(shown);
    std::vector<format::RecordId> gone;
    for (const auto& id : records_) {
      if (shown.contains(id)) continue;
      if (options_.stopped && options_.stopped()) break;
      if (auto ended = end(id); ended) {
        gone.push_back(id);
      } else {
        ++report_.failed;
        report_.worst = ended.error().code;
        report_.troubles.push_back(fmt::format("version {}: {}", id.hex().substr(0, 16), ended.error().what));
      }
    }
    if (options_.dry_run) {
      report_.versions = gone.size();
      return std::move(report_);
    }
    TRY(forget(gone));
    report_.versions = gone.size();
    return std::move(report_);
  }

 private:
  /// Versions that stay, by their object.
  void find_others(const std::set<format::RecordId>& shown) {
    const std::set<format::RecordId> ending(records_.begin(), records_.end());
    const auto add = [&](const tree::Version& version) {
      // Of a delegated machine's versions only those that began the object are made of its manifests.
      if (version.uploader != 0 && version.object.bytes != version.record.bytes) return;
      if (!ending.contains(version.record) || shown.contains(version.record))
        staying_[version.object].insert(version.record);
    };
    const auto add_alike = [&](const tree::Version& version) {
      if (version.uploader == 0) owners_.insert(version.record);
      if (version.bytes == 0 || (ending.contains(version.record) && !shown.contains(version.record))) return;
      if (version.uploader == 0 && version.object.bytes != version.record.bytes)
        rewritten_.push_back(version);
      else
        alike_.emplace(version.bytes, version);
    };
    const auto add_both = [&](const tree::Version& version) {
      add(version);
      add_alike(version);
    };
    for (const auto& kept : tree_.tree().kept()) add_both(*kept.version);
    tree_.tree().each_object("", [&](std::string_view, const tree::Version& version) {
      add_both(version);
      return true;
    });
  }

  Result<void> end(const format::RecordId& id) {
    auto record = tree_.session().run(tree_.view().record(id));
    if (!record) {
      // A purge that was cut off between the Bridge's record and the log.
      if (record.error().code == Code::not_found) return {};
      return std::unexpected(std::move(record).error());
    }
    // By its own words: a delegated machine may have named it as an object of its own.
    const bool is_owners = owners_.contains(id);
    const auto* uses = TRY(uses_of(record->object.value_or(format::ObjectId{id.bytes})));
    const auto* alike = TRY(uses_alike(record->bytes, is_owners));
    for (const auto& manifest : record->manifests) {
      if (!is_owners && !TRY(is_whole(manifest, *record))) {
        report_.troubles.push_back(
            fmt::format("version {}: the delegated machine's record is not of the whole of its manifest: no "
                        "piece that it names is deleted",
                        id.hex().substr(0, 16)));
        continue;
      }
      TRY(end_manifest(manifest, {uses, alike}));
    }
    return {};
  }

  /// The extents that versions that stay have in each file.
  using Uses = std::map<FileId, std::vector<format::Extent>>;

  /// Of all versions of the object that stay.
  Result<const Uses*> uses_of(const format::ObjectId& object) {
    if (const auto known = uses_.find(object); known != uses_.end()) return &known->second;
    Uses out;
    if (const auto staying = staying_.find(object); staying != staying_.end())
      for (const auto& other : staying->second) {
        const auto record = TRY(tree_.session().run(tree_.view().record(other)));
        TRY(add_uses(out, record));
      }
    return &uses_.emplace(object, std::move(out)).first->second;
  }

  Result<void> add_uses(Uses& to, const format::ObjectRecord& record) {
    for (std::uint32_t number = 0; number < record.manifests.size(); ++number) {
      // What a long manifest lies in counts as used, too.
      if (const auto above = TRY(above_of(record.manifests[number]))) to[*above];
      auto& extents = to[TRY(identity_of(record.manifests[number]))];
      for (const auto& extent : record.extents)
        if (extent.manifest == number) extents.push_back(extent);
    }
    return {};
  }

  /// Of other objects that stay and may be of the same manifest, which inxt-put gives several names, and a
  /// stolen uploader may, too: those of as many bytes, and what the owner has written or put over others
  /// since, which may share segments whatever its length.  What the owner put is held by the owner's only.
  Result<const Uses*> uses_alike(std::uint64_t bytes, bool is_owners) {
    const std::pair which(bytes, is_owners);
    if (const auto known = uses_alike_.find(which); known != uses_alike_.end()) return &known->second;
    Uses out;
    std::vector<const tree::Version*> versions;
    for (auto [at, end] = alike_.equal_range(bytes); at != end; ++at)
      if (!is_owners || at->second.uploader == 0) versions.push_back(&at->second);
    TRY(add_all(out, versions));
    if (!rewritten_uses_) {
      versions.clear();
      for (const auto& version : rewritten_) versions.push_back(&version);
      Uses uses;
      TRY(add_all(uses, versions));
      rewritten_uses_ = std::move(uses);
    }
    for (const auto& [file, extents] : *rewritten_uses_)
      out[file].insert(out[file].end(), extents.begin(), extents.end());
    return &uses_alike_.emplace(which, std::move(out)).first->second;
  }

  Result<void> add_all(Uses& to, const std::vector<const tree::Version*>& versions) {
    for (std::size_t i = 0; i < versions.size(); ++i) {
      if (i % kRecordsAheadMax == 0) {
        std::vector<format::RecordId> ids;
        for (auto j = i; j < std::min(versions.size(), i + kRecordsAheadMax); ++j)
          ids.push_back(versions[j]->record);
        tree_.session().run(tree_.view().fetch_ahead(std::move(ids)));
      }
      const auto& version = *versions[i];
      const auto added = [&]() -> Result<void> {
        const auto record = TRY(tree_.session().run(tree_.view().record(version)));
        return add_uses(to, record);
      }();
      // A delegated machine's record that nobody can read holds nothing.
      const bool is_hollow = !added && version.uploader != 0 && added.error().code != Code::try_again &&
                             added.error().code != Code::failure;
      if (!added && !is_hollow) return std::unexpected(added.error());
    }
    return {};
  }

  /// Whether a record is what a put of a file makes, as far as the manifest says its length.  Another number
  /// of bytes would hide from uses_alike() whose pieces these are.
  Result<bool> is_whole(const format::ManifestRef& manifest, const format::ObjectRecord& record) {
    auto text = load(manifest);
    if (!text) return true;  // end_manifest() says why
    const auto check = TRY(writers_known_to(tree_.key(), {}, now_s()));
    const auto table = TRY(text->table("manifest", check, ManifestTable::Seal::optional));
    const auto generation = open_generation(tree_.key(), table.chain());
    if (!generation) return false;
    const auto part = generation->open_private(table.header());
    if (!part) return false;
    const auto bytes =
        part->zstd || part->padded ? part->plain_bytes : std::optional(table.ciphertext_bytes());
    return record.manifests.size() == 1 && bytes.value_or(record.bytes) == record.bytes;
  }

  /// The file that a long manifest lies in; nothing for others.
  static Result<std::optional<FileId>> above_of(const format::ManifestRef& manifest) {
    const auto* stored = std::get_if<format::StoredManifest>(&manifest);
    if (stored == nullptr) return std::nullopt;
    return TRY(file_of_manifest(stored->manifest));
  }

  Result<FileId> identity_of(const format::ManifestRef& manifest) {
    const auto* stored = std::get_if<format::StoredManifest>(&manifest);
    if (stored == nullptr) return file_of_manifest(std::get<format::InlineManifest>(manifest).lines);
    const auto above = TRY(file_of_manifest(stored->manifest));
    if (const auto known = identities_.find(above); known != identities_.end()) return known->second;
    const auto text = TRY(load(manifest));
    const auto check = TRY(writers_known_to(tree_.key(), {}, now_s()));
    const auto table = TRY(text.table("manifest", check, ManifestTable::Seal::optional));
    return identities_.emplace(above, table.header().file).first->second;
  }

  std::int64_t now_s() { return tree_.session().network().clock.unix_s(); }

  Result<ManifestText> load(const format::ManifestRef& manifest) {
    ManifestText text;
    auto sink = std::make_unique<ManifestTextSink>(text);
    const auto number = TRY(uploader_of(manifest));
    TRY(tree_.session().run(load_manifest(tree_.network_as(number), tree_.key(), manifest, hosts_,
                                          std::move(sink), &tree_.later())));
    return text;
  }

  /// Whether an earlier purge deleted all pieces in which a manifest lies.
  Result<bool> is_gone(const format::ManifestRef& manifest) {
    const auto* stored = std::get_if<format::StoredManifest>(&manifest);
    if (stored == nullptr) return false;
    const auto check = TRY(writers_known_to(tree_.key(), {}, now_s()));
    const auto table = TRY(table_of(stored->manifest, check));
    RemoveOptions looking = options_;
    looking.dry_run = true;
    const auto report = TRY(remove(table, looking));
    // One that does not answer may have all of it: only where others say that theirs is gone has a purge been
    // here.
    const bool is_left = options_.leave_silent && report.is_left_at_silent() && report.gone > 0;
    if (report.removed > 0 || (report.failed > 0 && !is_left)) return false;
    if (is_left) {
      report_.left += report.failed;
      report_.troubles.push_back(fmt::format(
          "file {}: its manifest lies only at Hosts that do not answer: what else it names stays at "
          "its Hosts until its term ends",
          table.header().file.hex()));
    }
    return true;
  }

  /// Where only some segments go, the others stay in care.
  Result<RemoveReport> remove(const ManifestTable& table, const RemoveOptions& options) {
    if (!options.only_segments && !options.dry_run) out_of_care_.insert(table.header().file);
    return remove_with_care(tree_.session(), &care_, tree_.key(), table, hosts_, options);
  }

  /// Its pieces that no version that stays uses.
  Result<void> end_manifest(const format::ManifestRef& manifest, std::array<const Uses*, 2> uses) {
    const auto above = TRY(above_of(manifest));
    // Versions that end together share manifests, too.
    if (above && ended_.contains(*above)) return end_elsewhere(manifest);
    auto text = load(manifest);
    if (!text) {
      if (text.error().code == Code::too_few_pieces && TRY(is_gone(manifest))) return {};
      return std::unexpected(std::move(text).error());
    }
    const auto check = TRY(writers_known_to(tree_.key(), {}, now_s()));
    const auto table = TRY(text->table("manifest", check, ManifestTable::Seal::optional));
    TRY(end_pieces(table, uses));
    // Each name that inxt-put gave a long manifest has it stored for itself.
    const auto is_used = [&](const Uses* some) { return above && some->contains(*above); };
    if (!above || options_.dry_run || std::ranges::any_of(uses, is_used)) return {};
    const auto places = TRY_IN("care", tree_.session().run(end_care(care_, *above)));
    out_of_care_.insert(*above);
    const auto number = TRY(uploader_of(manifest));
    const auto removed = TRY(tree_.session().run(
        remove_stored_manifest(tree_.network_as(number), tree_.key(), manifest, hosts_, options_)));
    TRY(judge(removed));
    if (!places.empty()) {
      const auto top = TRY(table_of(std::get<format::StoredManifest>(manifest).manifest, check));
      const auto there = TRY(remove_elsewhere(tree_.session(), tree_.key(), top, places, hosts_, options_));
      TRY(judge(there));
    }
    ended_.insert(*above);
    ended_texts_.insert(hash_of_text(manifest));
    return {};
  }

  /// What it says is the same as in another version whose pieces are gone; a repair gave this one more
  /// places.
  Result<void> end_elsewhere(const format::ManifestRef& manifest) {
    const auto hash = hash_of_text(manifest);
    if (ended_texts_.contains(hash)) return {};
    const auto number = TRY(uploader_of(manifest));
    const auto removed = TRY(tree_.session().run(
        remove_hidden_file(tree_.network_as(number), tree_.key(),
                           std::get<format::StoredManifest>(manifest).manifest, hosts_, options_)));
    TRY(judge(removed));
    ended_texts_.insert(hash);
    return {};
  }

  Result<void> end_pieces(const ManifestTable& table, std::array<const Uses*, 2> uses) {
    const auto identity = table.header().file;
    // A repair gives a manifest more places: what one version's names is not all that another's does, be they
    // as many.
    const auto places = hash_of_places(table);
    if (ended_pieces_.contains({identity, places})) return {};
    auto options = options_;
    UsedSegments kept;
    if (std::ranges::any_of(uses, [&](const Uses* some) { return some->contains(identity); })) {
      const auto generation = TRY(open_generation(tree_.key(), table.chain()));
      const auto part = TRY(generation.open_private(table.header()));
      for (const auto* some : uses)
        if (const auto used = some->find(identity); used != some->end())
          for (const auto& extent : used->second) kept.add(extent, table, part);
      options.only_segments = [&kept](std::uint64_t segment) { return !kept.has(segment); };
    }
    const auto removed = TRY(remove(table, options));
    TRY(judge(removed));
    ended_pieces_.insert({identity, places});
    return {};
  }

  Result<void> judge(const RemoveReport& report) {
    report_.pieces += report.removed;
    if (report.failed == 0) return {};
    if (options_.leave_silent && report.is_left_at_silent()) {
      report_.left += report.failed;
      return {};
    }
    for (const auto& trouble : report.troubles) report_.troubles.push_back(trouble);
    return fail(report.worst, fmt::format("{} pieces may still be there", report.failed));
  }

  /// From the log first: it must name no record that the Bridge does not have.
  Result<void> forget(const std::vector<format::RecordId>& gone) {
    std::vector<format::Op> ops;
    for (std::size_t i = 0; i < gone.size(); i += format::kPurgeRecordsMax) {
      const auto first = gone.begin() + static_cast<std::ptrdiff_t>(i);
      const auto count = std::min(gone.size() - i, format::kPurgeRecordsMax);
      ops.emplace_back(format::PurgeOp{{first, first + static_cast<std::ptrdiff_t>(count)}});
    }
    if (ops.empty()) return {};
    TRY(tree_.change(std::move(ops)));
    TRY(end_care_again());
    for (const auto& id : gone) {
      // It holds nothing that anybody reads any more; what the Bridge keeps of it is charged to the quota,
      // though.
      if (const auto removed = tree_.session().run(tree_.log().remove_record(tree_.view().log(), id));
          !removed)
        report_.troubles.push_back(fmt::format("record {} is still at the Bridge: {}", id.hex().substr(0, 16),
                                               removed.error().what));
    }
    return {};
  }

  /// Who entrusted a file while its pieces were deleted did not see yet that it was to end; who does it from
  /// now on sees it.
  Result<void> end_care_again() {
    for (const auto& file : out_of_care_) {
      const auto places = TRY_IN("care", tree_.session().run(end_care(care_, file)));
      if (!places.empty())
        report_.troubles.push_back(fmt::format(
            "file {} was entrusted meanwhile: {} pieces that the Bridge has put elsewhere lie there until "
            "their term ends",
            file.hex(), places.size()));
    }
    out_of_care_.clear();
    return {};
  }

  TreeSession& tree_;
  transfer::HttpBridgeCare care_{tree_.client()};
  std::set<FileId> out_of_care_;  // whose care was ended here
  const std::vector<format::RecordId>& records_;
  RemoveOptions options_;
  std::map<format::ObjectId, std::set<format::RecordId>> staying_;
  std::map<format::ObjectId, Uses> uses_;
  std::set<format::RecordId> owners_;                  // that the owner's versions name
  std::multimap<std::uint64_t, tree::Version> alike_;  // that stay, by their bytes
  std::vector<tree::Version> rewritten_;               // the owner's that stay and began no object
  std::optional<Uses> rewritten_uses_;
  std::map<std::pair<std::uint64_t, bool>, Uses> uses_alike_;  // by bytes, and whether the owner's only
  std::map<FileId, FileId> identities_;                        // by the file that a long manifest lies in
  std::set<FileId> ended_;                                     // in which long manifests lay
  std::set<crypto::Hash> ended_texts_;                         // of these: with all their places
  std::set<std::pair<FileId, crypto::Hash>> ended_pieces_;     // at these places
  std::vector<transfer::HostAddress> hosts_;
  SilentHosts silent_{tree_.session().network().clock};
  PurgeReport report_;
};

/// Of versions that are kept, and the owner's.
std::set<format::RecordId> owners_kept(const tree::Tree& tree) {
  std::set<format::RecordId> out;
  for (const auto& kept : tree.kept())
    if (kept.version->uploader == 0) out.insert(kept.version->record);
  return out;
}

}  // namespace

std::set<format::RecordId> shown_records(const tree::Tree& tree) {
  const auto owners = owners_kept(tree);
  std::set<format::RecordId> out;
  tree.each_object("", [&](std::string_view, const tree::Version& version) {
    if (version.uploader == 0 || !owners.contains(version.record)) out.insert(version.record);
    return true;
  });
  return out;
}

std::vector<format::RecordId> kept_records(const tree::Tree& tree,
                                           const std::function<bool(std::string_view path)>& is_meant) {
  const auto owners = owners_kept(tree);
  std::vector<format::RecordId> out;
  for (const auto& kept : tree.kept())
    if (is_meant(kept.path) && (kept.version->uploader == 0 || !owners.contains(kept.version->record)))
      out.push_back(kept.version->record);
  return out;
}

Result<PurgeReport> purge_versions(TreeSession& tree, const std::vector<format::RecordId>& records,
                                   RemoveOptions options, std::vector<transfer::HostAddress> hosts) {
  return Purge(tree, records, std::move(options), std::move(hosts)).run();
}

}  // namespace inxt::client
