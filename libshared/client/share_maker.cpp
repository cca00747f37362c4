// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/share_maker.h"

#include <fmt/format.h>

#include <algorithm>

#include "client/hidden_file.h"
#include "client/object_manifest.h"
#include "client/reader_keys.h"
#include "format/lease.h"

namespace inxt::client {

using format::SharedFile;
using format::SharedManifest;
using net::Awaitable;

void LeftOutFiles::add(std::string path, Error error) {
  ++count;
  if (told.size() < kLeftOutToldMax) told.push_back({.path = std::move(path), .error = std::move(error)});
}

/// The secret of a manifest, whose pieces are to be read too.
Result<crypto::Key> ShareMaker::take(const ManifestTable& table) {
  const auto recipient = key_.recipient_secret();
  if (!recipient)
    return fail(Code::denied, "this key file is a delegated machine's: it shares nothing",
                "use the owner's key file");
  const auto secret = TRY(format::open_stanzas(table.chain().stanzas, *recipient));
  TRY(format::Generation::open(table.header(), secret.view()));
  const auto uploader = table.header().uploader;
  if (!key_.is_own_writer(uploader, table.header().writer))
    return fail(Code::denied,
                "the file is another owner's: only its owner can let others read it at the Hosts");
  for (std::uint64_t piece = 0; piece < table.pieces(); ++piece)
    for (const auto& at : table.places_of(piece))
      taken_[{table.hosts()[at.host].id, at.uploader}].insert(table.id(piece));
  return crypto::Key(secret.view().first<32>());
}

Result<void> ShareMaker::add_manifest(std::string_view lines, std::string name) {
  auto check = TRY(writers_known_to(key_, {}, network_.clock.unix_s()));
  const auto table = TRY(table_of(lines, std::move(check)));
  const auto generation = TRY(open_generation(key_, table.chain()));
  const auto part = TRY(generation.open_private(table.header()));
  SharedFile file;
  file.path =
      !part.name.empty() && format::split_path("/" + part.name) && part.name.find('/') == part.name.npos
          ? part.name
          : std::move(name);
  file.bytes = part.plain_bytes;
  file.mtime_unix_s = std::max<std::int64_t>(part.mtime_unix_s.value_or(network_.clock.unix_s()), 0);
  file.mode = part.mode.value_or(0644) & 0777U;
  SharedManifest manifest;
  manifest.lines = lines;
  manifest.secrets.push_back(TRY(take(table)));
  file.manifests.push_back(std::move(manifest));
  add(std::move(file));
  return {};
}

Awaitable<Result<SharedManifest>> ShareMaker::shared(const format::ManifestRef& manifest) {
  const auto* stored = std::get_if<format::StoredManifest>(&manifest);
  SharedManifest out;
  out.lines = stored != nullptr ? stored->manifest : std::get<format::InlineManifest>(manifest).lines;
  std::string text = out.lines;
  for (unsigned level = stored != nullptr ? stored->levels : 0;; --level) {
    CO_TRY(auto check, writers_known_to(key_, {}, network_.clock.unix_s()));
    CO_TRY(const auto table, table_of(text, std::move(check)));
    CO_TRY(auto secret, take(table));
    out.secrets.push_back(std::move(secret));
    if (level == 0) co_return out;
    std::string below;
    auto sink = std::make_unique<TextSink>(below, kLongManifestLevelBytesMax);
    CO_CHECK(co_await get_hidden_file(network_, key_, text, hosts_, std::move(sink)));
    text = std::move(below);
  }
}

Awaitable<Result<void>> ShareMaker::add_record(const format::ObjectRecord& record, std::string path) {
  if (is_stopped()) co_return fail(Code::try_again, "it was given up before it was done");
  taken_.clear();
  SharedFile file;
  file.path = std::move(path);
  file.bytes = record.bytes;
  file.mtime_unix_s = record.mtime_unix_s;
  file.mode = record.mode;
  file.extents = record.extents;
  if (record.bytes > 0)
    for (const auto& manifest : record.manifests) {
      CO_TRY(auto one, co_await shared(manifest));
      file.manifests.push_back(std::move(one));
    }
  add(std::move(file));
  co_return Result<void>{};
}

void ShareMaker::add(SharedFile file) {
  bundle_.files.push_back(std::move(file));
  for (auto& [at, pieces] : taken_) pieces_[at].merge(pieces);
  taken_.clear();
}

Result<std::unique_ptr<ShareMaker::Made>> ShareMaker::make(const format::ShareKeys& keys,
                                                           const crypto::PublicKey& bridge,
                                                           std::int64_t expires_unix_s, bool is_folder,
                                                           std::string name) {
  const auto now = network_.clock.unix_s();
  auto out = std::make_unique<Made>();
  bundle_.is_folder = is_folder;
  bundle_.name = std::move(name);
  bundle_.made_unix_s = now;
  bundle_.expires_unix_s = expires_unix_s;
  out->request.share = keys.id();
  out->request.client = keys.client().public_key();
  out->request.expires_unix_s = expires_unix_s;
  for (const auto& [at, pieces] : pieces_) {
    const auto& [host, number] = at;
    const auto uploader = key_.uploader(number);
    if (!uploader)
      return fail(Code::denied, fmt::format("this key does not give the accounts of uploader {}", number));
    const auto account = uploader->account(host);
    const AccountId account_id{account.public_key()};
    bundle_.accounts.push_back({.host = host, .uploader = number, .account = account_id});
    format::LeasingCapability capability;
    capability.account = account_id;
    capability.host = host;
    capability.bridge = bridge;
    network_.random.fill(capability.jti);
    capability.issued_unix_s = now;
    capability.expires_unix_s = expires_unix_s;
    out->request.places.push_back({.host = host,
                                   .account = account_id,
                                   .capability = TRY(format::sign_leasing_capability(capability, account)),
                                   .pieces = {pieces.begin(), pieces.end()}});
  }
  const auto sealed = TRY(format::seal_bundle(bundle_, keys, key_.uploader().writer(), network_.random));
  out->sealed = text_of(sealed);
  out->request.bundle = out->sealed;
  return out;
}

namespace {

struct Wanted {
  std::string path;  // within the share
  tree::Version version;
};

std::string last_name(std::string_view path) {
  return std::string(path.substr(path.rfind('/') + 1));
}

/// Files of the owner's before others where there are more than a share holds: the rest is left out.
Result<void> hold_to_limit(ShareMaker& maker, std::vector<Wanted>& wanted) {
  if (wanted.size() <= format::kShareFilesMax) return {};
  const auto others =
      std::ranges::stable_partition(wanted, [](const Wanted& one) { return one.version.uploader == 0; });
  const auto owners = static_cast<std::size_t>(others.begin() - wanted.begin());
  if (owners > format::kShareFilesMax)
    return fail(Code::usage, fmt::format("{} files are more than one share holds: {} (kShareFilesMax)",
                                         owners, format::kShareFilesMax));
  for (auto at = format::kShareFilesMax; at < wanted.size(); ++at)
    maker.leave_out(std::move(wanted[at].path),
                    {Code::usage, "more files than one share holds (kShareFilesMax)", {}});
  wanted.resize(format::kShareFilesMax);
  return {};
}

/// Whether some file lies in the folder.  `paths` is sorted.
bool holds_one_of(const std::set<std::string>& paths, const std::string& folder) {
  const auto first = paths.lower_bound(folder + "/");
  return first != paths.end() && first->starts_with(folder + "/");
}

Awaitable<Result<void>> add_file(ShareMaker& maker, TreeView& view, const Wanted& file, bool& may_pass) {
  auto record = co_await view.record(file.version);
  may_pass = record || record.error().code != Code::try_again;
  if (!record) co_return std::unexpected(std::move(record).error());
  co_return co_await maker.add_record(*record, file.path);
}

}  // namespace

Awaitable<Result<AddedFromTree>> add_from_tree(ShareMaker& maker, TreeView& view, const std::string& what,
                                               Take take) {
  const auto item = view.tree().find(what);
  if (!item) co_return fail(Code::not_found, fmt::format("inxt:{}: there is no such file or folder", what));
  AddedFromTree out;
  out.is_folder = item->is_folder;
  maker.set_seq(view.head().seq);
  std::vector<Wanted> wanted;
  std::vector<std::string> folders;
  if (!out.is_folder) {
    wanted.push_back({last_name(what), *item->version});
  } else {
    const std::size_t prefix = what == "/" ? 1 : what.size() + 1;
    view.tree().walk(item->node, [&](const tree::Item& below) {
      std::string path = view.tree().path_of(below.node);
      if (path.size() <= prefix) return true;
      path.erase(0, prefix);
      if (below.is_folder) {
        folders.push_back(std::move(path));
        return true;
      }
      const bool is_delegated = below.version->uploader != 0;
      out.has_delegated = out.has_delegated || is_delegated;
      if (is_delegated && take == Take::owners)
        maker.leave_out(std::move(path),
                        {Code::usage, "with what delegated machines put it is too much", {}});
      else
        wanted.push_back({std::move(path), *below.version});
      return true;
    });
    CO_CHECK(hold_to_limit(maker, wanted));
  }
  if (take == Take::owners) {
    std::set<std::string> paths;
    for (const auto& file : wanted) paths.insert(file.path);
    std::erase_if(folders, [&](const std::string& folder) { return !holds_one_of(paths, folder); });
  }
  for (auto& folder : folders) maker.add_folder(std::move(folder));
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (i % kRecordsAheadMax == 0) {
      std::vector<format::RecordId> ahead;
      for (std::size_t j = i; j < std::min(wanted.size(), i + kRecordsAheadMax); ++j)
        ahead.push_back(wanted[j].version.record);
      co_await view.fetch_ahead(std::move(ahead));
    }
    auto& file = wanted[i];
    bool may_pass = false;
    Result<void> added = co_await add_file(maker, view, file, may_pass);
    if (added) continue;
    // Whoever has stolen a delegated machine's key can put names here that stand for nothing: they must not
    // keep the others from being shared.
    if (!out.is_folder || file.version.uploader == 0 || !may_pass || maker.is_stopped())
      co_return std::unexpected(std::move(added).error().in(file.path));
    maker.leave_out(std::move(file.path), std::move(added).error());
  }
  co_return out;
}

}  // namespace inxt::client
