// SPDX-License-Identifier: LGPL-3.0-or-later
#include "store/store.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <bitset>
#include <map>
#include <mutex>
#include <set>

#include "base/check.h"
#include "store/index.h"

namespace inxt::store {
namespace {

using sys::Caching;
using sys::EntryKind;
using sys::Path;

constexpr std::size_t kVersionBytesMax = 64;
constexpr int kNameAttemptsMax = 16;

std::uint64_t file_bytes_of(const IndexEntry& entry) {
  return file_bytes(entry.blocks * proof::kBlockBytes);
}

Result<std::optional<std::string>> read_version(sys::Directory& directory) {
  auto file = directory.open({"version"}, Caching::cached);
  if (!file && file.error().code == Code::not_found) return std::nullopt;
  if (!file) return std::unexpected(file.error());
  std::string text(kVersionBytesMax, '\0');
  text.resize(TRY((*file)->read_at(0, {reinterpret_cast<std::byte*>(text.data()), text.size()})));
  return text;
}

}  // namespace

// ---------------------------------------------------------------------------------------------------- the
// state

struct Store::State {
  State(sys::Directory& directory_in, Options options_in)
      : directory(directory_in), options(std::move(options_in)) {}

  sys::Directory& directory;
  const Options options;
  std::unique_ptr<sys::DirectoryLock> lock;
  std::atomic<bool> stopping = false;
  std::atomic<std::uint64_t> temporary_number = 0;

  mutable std::mutex mutex;  // guards what follows; never held over a call of `directory`
  Index index;
  std::map<Key, std::uint64_t>
      damaged;                 // bytes of files that are in the way and in the quota, but not in the index
  std::set<Key> busy;          // being stored or removed
  std::bitset<kFolders> made;  // folders that are durably there
  std::uint64_t used_bytes = 0;
  std::uint64_t reserved_bytes = 0;
  bool rebuilding = false;

  void report(const std::string& text) const {
    if (options.report) options.report(text);
  }
  std::string name_of(const Path& path) const {
    return fmt::format("{}/{}", directory.description(), path.text());
  }

  Result<void> prepare();
  Result<void> make_new();
  Result<void> empty_tmp();
  Result<void> look_at_folders();
  Result<void> ensure_listed(std::size_t folder);

  void drop_damaged(const IndexEntry& entry, std::uint64_t changes_seen, const Error& error);
  Result<std::unique_ptr<sys::DirectoryFile>> open_file(const IndexEntry& entry);
  Result<Trailer> load_trailer(sys::DirectoryFile& file, const IndexEntry& entry);

  /// What a visitor of a piece's file gives back, or nothing when no account of `keys` has a whole one.
  struct Opened {
    IndexEntry entry;
    std::unique_ptr<sys::DirectoryFile> file;
    std::optional<Trailer> trailer;  // when it was read
  };
  enum class Want { size, file, trailer };
  Result<std::optional<Opened>> open(const PieceId& piece, const AccountId* account, Want want);

  Result<void> write_and_name(const Key& key, ByteView image);
};

Result<void> Store::State::prepare() {
  const auto version = TRY(read_version(directory));
  const bool is_new = !version;
  if (is_new) {
    // Before anything is put into it: is this the folder that was meant?
    for (const sys::Entry& entry : TRY(directory.list({}))) {
      const bool ours = entry.name == "lock" || entry.name == "pieces" || entry.name == "tmp";
      if (!ours && entry.name != "lost+found")
        return fail(Code::usage,
                    fmt::format("{}: is not a store, and holds '{}'", directory.description(), entry.name),
                    "give an empty folder, or one that a Host has made");
    }
  }
  lock = TRY(directory.lock({"lock"}));
  // Another process may have made it before we had the lock.
  if (is_new && !TRY(read_version(directory))) TRY(make_new());
  const std::string found = TRY(read_version(directory)).value_or("");
  if (found != kVersionText)
    return fail(
        Code::failure,
        fmt::format("{}: its version is '{}', this program knows '{}'", directory.description(),
                    found.substr(0, found.find('\n')), kVersionText.substr(0, kVersionText.size() - 1)),
        "use the release that made it, or a later one");
  TRY(directory.make_folder({"tmp"}));  // a copy of a store may come without empty folders
  TRY(empty_tmp());
  return look_at_folders();
}

Result<void> Store::State::make_new() {
  TRY(directory.make_folder({"pieces"}));
  if (!TRY(directory.list({"pieces"})).empty())
    return fail(Code::integrity,
                fmt::format("{}: has pieces, but its version is missing", directory.description()),
                "if it is a store of version 1, write 'inxt-store 1' into its file 'version'");
  TRY(directory.make_folder({"tmp"}));
  TRY(empty_tmp());
  {
    const auto file = TRY(directory.create({"tmp", "version"}, Caching::cached));
    TRY(file->write_at(0, view_of(kVersionText)));
    TRY(file->sync());
  }
  TRY(directory.sync_folder({}));  // pieces and tmp before the version that promises them
  TRY(directory.rename({"tmp", "version"}, {"version"}));
  return directory.sync_folder({});
}

Result<void> Store::State::empty_tmp() {
  for (const sys::Entry& entry : TRY(directory.list({"tmp"}))) {
    if (entry.kind != EntryKind::file) {
      report(fmt::format("{}: is not ours; left alone", name_of(Path{"tmp"} / entry.name)));
    } else if (const auto removed = directory.remove(Path{"tmp"} / entry.name); !removed) {
      report(removed.error().what);
    }
  }
  return {};
}

Result<void> Store::State::look_at_folders() {
  std::bitset<kFolders> there;
  for (const sys::Entry& entry : TRY(directory.list({"pieces"}))) {
    const auto folder = folder_from_name(entry.name);
    if (folder && entry.kind == EntryKind::folder)
      there.set(*folder);
    else
      report(fmt::format("{}: is not ours; left alone", name_of(Path{"pieces"} / entry.name)));
  }
  // A process that was killed may have left names that are there, but not durable yet, and whoever is told of
  // such a piece takes that for an acknowledgement.
  if (there.any()) TRY(directory.sync_everything());
  const std::lock_guard guard(mutex);
  made = there;
  rebuilding = there.any();
  for (std::size_t folder = 0; folder < kFolders; ++folder)
    if (!there.test(folder)) index.list_folder(folder, {});
  return {};
}

Result<void> Store::State::ensure_listed(std::size_t folder) {
  {
    const std::lock_guard guard(mutex);
    if (index.is_listed(folder)) return {};
  }
  std::vector<IndexEntry> entries;
  std::vector<std::pair<Key, std::uint64_t>> wrong;
  std::vector<std::string> reports;
  std::uint64_t bytes = 0;
  for (const sys::Entry& entry : TRY(directory.list(path_of(folder)))) {
    const auto key = key_from_name(entry.name);
    if (!key || entry.kind != EntryKind::file || folder_of(key->piece) != folder) {
      reports.push_back(fmt::format("{}: is not ours; left alone", name_of(path_of(folder) / entry.name)));
      continue;
    }
    bytes += entry.size_bytes;
    if (const auto blocks = blocks_of_file(entry.size_bytes)) {
      entries.push_back({*key, *blocks, 0});
    } else {
      wrong.emplace_back(*key, entry.size_bytes);
      reports.push_back(fmt::format("{}: damaged: {} bytes, no piece makes such a file",
                                    name_of(path_of(folder) / entry.name), entry.size_bytes));
    }
  }
  {
    const std::lock_guard guard(mutex);
    if (index.is_listed(folder)) return {};  // somebody else was faster, and things may have changed since
    index.list_folder(folder, entries);
    damaged.insert(wrong.begin(), wrong.end());
    used_bytes += bytes;
  }
  for (const std::string& text : reports) report(text);
  return {};
}

// ----------------------------------------------------------------------------------------------------
// opening

void Store::State::drop_damaged(const IndexEntry& entry, std::uint64_t changes_seen, const Error& error) {
  {
    const std::lock_guard guard(mutex);
    // What was seen may be a piece that was removed, or stored anew, meanwhile: then there is nothing wrong.
    if (index.changes(folder_of(entry.key.piece)) != changes_seen || busy.contains(entry.key)) return;
    index.erase(entry.key);
    if (error.code == Code::not_found)
      used_bytes -= file_bytes_of(entry);
    else
      damaged.emplace(entry.key, file_bytes_of(entry));
  }
  report(fmt::format("{}: damaged: {}", name_of(path_of(entry.key)), error.what));
}

Result<std::unique_ptr<sys::DirectoryFile>> Store::State::open_file(const IndexEntry& entry) {
  auto file = TRY(directory.open(path_of(entry.key), options.read_caching));
  const std::uint64_t size = TRY(file->size_bytes());
  if (size != file_bytes_of(entry))
    return fail(Code::integrity, fmt::format("{} bytes instead of {}", size, file_bytes_of(entry)));
  return file;
}

Result<Trailer> Store::State::load_trailer(sys::DirectoryFile& file, const IndexEntry& entry) {
  AlignedBuffer buffer(kTrailerBytes);
  const std::size_t got = TRY(file.read_at(file_bytes_of(entry) - kTrailerBytes, buffer.bytes()));
  Trailer trailer = TRY(decode_trailer(buffer.bytes().first(got)));
  if (trailer.piece != entry.key.piece || trailer.account != entry.key.account)
    return fail(Code::integrity, "trailer: is of another piece or account than the file's name");
  if (proof::blocks_in(trailer.size_bytes) != entry.blocks)
    return fail(Code::integrity,
                fmt::format("trailer: a size of {} does not fit the file", trailer.size_bytes));
  return trailer;
}

Result<std::optional<Store::State::Opened>> Store::State::open(const PieceId& piece, const AccountId* account,
                                                               Want want) {
  const std::size_t folder = folder_of(piece);
  TRY(ensure_listed(folder));
  // Every round but the last finds that one file has gone or changed; each can only do so when somebody makes
  // it.
  for (;;) {
    std::optional<IndexEntry> entry;
    std::uint64_t changes = 0;
    {
      const std::lock_guard guard(mutex);
      changes = index.changes(folder);
      if (account != nullptr) {
        entry = index.find(Key{piece, *account});
        if (entry && busy.contains(entry->key)) entry.reset();  // being removed
      } else {
        for (const IndexEntry& candidate : index.find(piece))
          if (!entry && !busy.contains(candidate.key)) entry = candidate;
      }
    }
    if (!entry) return std::nullopt;
    if (want == Want::size && entry->size_bytes != 0) return Opened{*entry, nullptr, std::nullopt};

    auto file = open_file(*entry);
    if (file && want != Want::trailer && entry->size_bytes != 0)
      return Opened{*entry, *std::move(file), std::nullopt};
    std::optional<Error> error;
    if (!file) {
      error = file.error();
    } else if (auto trailer = load_trailer(**file, *entry); trailer) {
      entry->size_bytes = trailer->size_bytes;
      const std::lock_guard guard(mutex);
      index.set_size(entry->key, entry->size_bytes);
      return Opened{*entry, *std::move(file), *std::move(trailer)};
    } else {
      error = trailer.error();
    }
    // A disk that cannot be read now is not a damaged piece.
    if (error->code != Code::integrity && error->code != Code::not_found) return std::unexpected(*error);
    drop_damaged(*entry, changes, *error);
  }
}

Result<ByteView> OpenPiece::read(std::uint64_t offset, std::size_t length, AlignedBuffer& scratch) {
  if (offset > info_.size_bytes || length > info_.size_bytes - offset)
    return fail(Code::usage, fmt::format("bytes {} and {} more are not in a piece of {} bytes", offset,
                                         length, info_.size_bytes));
  if (length == 0) return ByteView();
  const std::uint64_t skipped = offset % sys::kDirectAlignmentBytes;
  const std::size_t wanted = AlignedBuffer::rounded_up(static_cast<std::size_t>(skipped) + length);
  if (scratch.size_bytes() < wanted) scratch = AlignedBuffer(wanted);
  const std::size_t got = TRY(file_->read_at(offset - skipped, scratch.bytes().first(wanted)));
  if (got != wanted)
    return fail(Code::integrity, fmt::format("piece {}: its file has become shorter", info_.piece.hex()));
  return ByteView(scratch.bytes()).subspan(static_cast<std::size_t>(skipped), length);
}

// ---------------------------------------------------------------------------------------------------- the
// store

Store::Store(sys::Directory& directory, Options options)
    : state_(std::make_unique<State>(directory, std::move(options))) {}

Store::~Store() {
  CHECK_BUG(state_->busy.empty());
}

Result<std::unique_ptr<Store>> Store::open(sys::Directory& directory, Options options) {
  std::unique_ptr<Store> store(new Store(directory, std::move(options)));
  TRY(store->state_->prepare());
  return store;
}

void Store::rebuild_index() {
  std::size_t unread = 0;
  for (std::size_t folder = 0; folder < kFolders; ++folder) {
    if (state_->stopping) return;
    if (const auto listed = state_->ensure_listed(folder); !listed) {
      ++unread;
      state_->report(listed.error().what);
    }
  }
  if (unread != 0)
    state_->report(fmt::format("{}: {} folders cannot be read; their pieces are missing and not in the quota",
                               state_->directory.description(), unread));
  const std::lock_guard guard(state_->mutex);
  state_->rebuilding = false;
}

void Store::make_folders() {
  std::bitset<kFolders> missing;
  {
    const std::lock_guard guard(state_->mutex);
    missing = ~state_->made;
  }
  for (std::size_t folder = 0; folder < kFolders; ++folder) {
    if (state_->stopping) return;
    if (!missing.test(folder)) continue;
    if (const auto done = state_->directory.make_folder(path_of(folder)); !done) {
      state_->report(done.error().what);
      return;
    }
  }
  if (const auto synced = state_->directory.sync_folder({"pieces"}); !synced) {
    state_->report(synced.error().what);
    return;
  }
  const std::lock_guard guard(state_->mutex);
  state_->made.set();
}

void Store::stop() {
  state_->stopping = true;
}

Result<std::variant<Reservation, Trailer>> Store::reserve(const PieceId& piece, const AccountId& account,
                                                          std::uint64_t size_bytes) {
  if (size_bytes == 0 || size_bytes > proof::kPieceBytesMax)
    return fail(Code::usage,
                fmt::format("a piece of {} bytes: it must be 1 to {}", size_bytes, proof::kPieceBytesMax));
  auto existing = TRY(state_->open(piece, &account, State::Want::trailer));
  if (existing) return std::variant<Reservation, Trailer>(*std::move(existing->trailer));

  const std::uint64_t bytes = file_bytes(size_bytes);
  const Key key{piece, account};
  const std::lock_guard guard(state_->mutex);
  // In the index only since open() looked: somebody has just stored it, and the next call will see it.
  if (state_->busy.contains(key) || state_->index.find(key))
    return fail(Code::try_again, fmt::format("piece {} is being stored or removed", piece.hex()));
  if (state_->rebuilding)
    return fail(Code::try_again, "the Host has just started and is still counting its pieces");
  const std::uint64_t taken = state_->used_bytes + state_->reserved_bytes;
  const std::uint64_t capacity = state_->options.capacity_bytes;
  const std::uint64_t free = taken < capacity ? capacity - taken : 0;
  if (bytes > free)
    return fail(Code::quota, fmt::format("the Host is full: {} bytes are needed, {} are free", bytes, free));
  state_->busy.insert(key);
  state_->reserved_bytes += bytes;
  return std::variant<Reservation, Trailer>(Reservation(*this, piece, account, size_bytes));
}

Result<void> Store::State::write_and_name(const Key& key, ByteView image) {
  const std::size_t folder = folder_of(key.piece);
  bool is_made;
  {
    const std::lock_guard guard(mutex);
    is_made = made.test(folder);
  }
  if (!is_made) {
    TRY(directory.make_folder(path_of(folder)));
    TRY(directory.sync_folder({"pieces"}));
    const std::lock_guard guard(mutex);
    made.set(folder);
  }

  Path temporary;
  std::unique_ptr<sys::DirectoryFile> file;
  for (int attempt = 0; !file; ++attempt) {
    temporary = {"tmp", std::to_string(temporary_number++)};
    auto created = directory.create(temporary, Caching::direct);
    // A leftover that could not be removed may have the name.
    if (created)
      file = *std::move(created);
    else if (attempt == kNameAttemptsMax || !TRY(directory.look_up(temporary)))
      return std::unexpected(std::move(created).error());
  }
  Result<void> done = file->write_at(0, image);
  if (done) done = file->sync();
  file.reset();
  if (done) done = directory.rename(temporary, path_of(key));
  if (done) return {};
  if (const auto removed = directory.remove(temporary); !removed) report(removed.error().what);
  return done;
}

Result<void> Store::commit(Reservation reservation, PieceBuffer& buffer, const proof::Tree& tree,
                           const Trailer& trailer) {
  const Key key{reservation.piece_, reservation.account_};
  CHECK_BUG(reservation.store_ == this && trailer.piece == key.piece && trailer.account == key.account);
  CHECK_BUG(buffer.size_bytes() == reservation.size_bytes_ && tree.id() == key.piece);
  TRY(buffer.finish(tree, trailer));
  TRY(state_->write_and_name(key, buffer.image()));

  // The name is there, and where a damaged file had it, that one is gone.
  const Result<void> synced = state_->directory.sync_folder(path_of(folder_of(key.piece)));
  // Not known to be durable: take it back, so that it is neither acknowledged nor in the way.
  const bool removed = !synced && state_->directory.remove(path_of(key));
  {
    const std::lock_guard guard(state_->mutex);
    if (const auto old = state_->damaged.find(key); old != state_->damaged.end()) {
      state_->used_bytes -= old->second;
      state_->damaged.erase(old);
    }
    const std::uint64_t bytes = file_bytes(reservation.size_bytes_);
    if (!synced && !removed) {
      // In the quota and in the way like a damaged one, until it is stored again or removed.
      state_->damaged.emplace(key, bytes);
      state_->used_bytes += bytes;
    } else if (synced) {
      state_->index.insert({key, tree.blocks(), reservation.size_bytes_});
      state_->busy.erase(key);
      state_->reserved_bytes -= bytes;
      state_->used_bytes += bytes;
      reservation.store_ = nullptr;
    }
  }
  return synced;
}

Result<std::optional<PieceInfo>> Store::find(const PieceId& piece) {
  const auto opened = TRY(state_->open(piece, nullptr, State::Want::size));
  if (!opened) return std::nullopt;
  return PieceInfo{piece, opened->entry.key.account, opened->entry.size_bytes};
}

Result<std::optional<PieceInfo>> Store::find(const PieceId& piece, const AccountId& account) {
  const auto opened = TRY(state_->open(piece, &account, State::Want::size));
  if (!opened) return std::nullopt;
  return PieceInfo{piece, account, opened->entry.size_bytes};
}

Result<OpenPiece> Store::open_piece(const PieceId& piece) {
  auto opened = TRY(state_->open(piece, nullptr, State::Want::file));
  if (!opened) return fail(Code::not_found, fmt::format("piece {}: not here", piece.hex()));
  const PieceInfo info{piece, opened->entry.key.account, opened->entry.size_bytes};
  return OpenPiece(info, std::move(opened->file));
}

Result<BlockProof> Store::read_block(const PieceId& piece, std::uint64_t block) {
  OpenPiece opened = TRY(open_piece(piece));
  const std::uint64_t size = opened.info().size_bytes;
  if (block >= proof::blocks_in(size))
    return fail(Code::usage,
                fmt::format("piece {}: block {} of {}", piece.hex(), block, proof::blocks_in(size)));
  static_assert(proof::kBlockBytes == proof::kPageBytes && proof::kPageBytes == sys::kDirectAlignmentBytes);
  AlignedBuffer buffer(2 * proof::kPageBytes);
  const ByteSpan data = buffer.bytes().first(proof::kBlockBytes);
  const ByteSpan page = buffer.bytes().subspan(proof::kBlockBytes, proof::kPageBytes);
  const std::uint64_t page_offset = pages_offset(size) + proof::page_of(block) * proof::kPageBytes;
  const std::size_t got = TRY(opened.file_->read_at(block * proof::kBlockBytes, data)) +
                          TRY(opened.file_->read_at(page_offset, page));
  if (got != buffer.size_bytes())
    return fail(Code::integrity, fmt::format("piece {}: its file has become shorter", piece.hex()));
  BlockProof proof;
  proof.size_bytes = size;
  proof.data = copy_of(data.first(proof::block_bytes(size, block)));
  proof.path = proof::path_from_page(page, size, block);
  return proof;
}

Result<Trailer> Store::read_trailer(const PieceId& piece, const AccountId& account) {
  auto opened = TRY(state_->open(piece, &account, State::Want::trailer));
  if (!opened) return fail(Code::not_found, fmt::format("piece {}: not here for this account", piece.hex()));
  return *std::move(opened->trailer);
}

Result<void> Store::remove(const PieceId& piece, const AccountId& account) {
  const std::size_t folder = folder_of(piece);
  TRY(state_->ensure_listed(folder));
  const Key key{piece, account};
  {
    const std::lock_guard guard(state_->mutex);
    if (state_->busy.contains(key))
      return fail(Code::try_again, fmt::format("piece {} is being stored or removed", piece.hex()));
    if (!state_->index.find(key) && !state_->damaged.contains(key))
      return fail(Code::not_found, fmt::format("piece {}: not here for this account", piece.hex()));
    state_->busy.insert(key);
  }
  Result<void> done = state_->directory.remove(path_of(key));
  const bool is_gone = done || done.error().code == Code::not_found;
  if (is_gone) done = state_->directory.sync_folder(path_of(folder));
  const std::lock_guard guard(state_->mutex);
  state_->busy.erase(key);
  if (!is_gone) return done;
  if (const auto entry = state_->index.find(key)) {
    state_->used_bytes -= file_bytes_of(*entry);
    state_->index.erase(key);
  } else if (const auto old = state_->damaged.find(key); old != state_->damaged.end()) {
    state_->used_bytes -= old->second;
    state_->damaged.erase(old);
  }
  return done;
}

Result<std::vector<PieceId>> Store::list(const AccountId& account, const std::optional<PieceId>& after,
                                         std::size_t limit) {
  const std::lock_guard guard(state_->mutex);
  if (state_->rebuilding)
    return fail(Code::try_again, "the Host has just started and is still counting its pieces");
  return state_->index.list(account, after, std::min(limit, kListedMax));
}

Stats Store::stats() const {
  const std::lock_guard guard(state_->mutex);
  Stats stats;
  stats.capacity_bytes = state_->options.capacity_bytes;
  stats.used_bytes = state_->used_bytes;
  stats.reserved_bytes = state_->reserved_bytes;
  const std::uint64_t taken = stats.used_bytes + stats.reserved_bytes;
  stats.free_bytes = taken < stats.capacity_bytes ? stats.capacity_bytes - taken : 0;
  stats.pieces = state_->index.pieces();
  stats.damaged = state_->damaged.size();
  stats.rebuilding = state_->rebuilding;
  return stats;
}

// ---------------------------------------------------------------------------------------------- reservations

Reservation::Reservation(Reservation&& other) noexcept
    : store_(std::exchange(other.store_, nullptr)),
      piece_(other.piece_),
      account_(other.account_),
      size_bytes_(other.size_bytes_) {}

Reservation& Reservation::operator=(Reservation&& other) noexcept {
  if (this == &other) return *this;
  give_back();
  store_ = std::exchange(other.store_, nullptr);
  piece_ = other.piece_;
  account_ = other.account_;
  size_bytes_ = other.size_bytes_;
  return *this;
}

Reservation::~Reservation() {
  give_back();
}

void Reservation::give_back() {
  if (store_ == nullptr) return;
  Store::State& state = *store_->state_;
  const std::lock_guard guard(state.mutex);
  state.busy.erase(Key{piece_, account_});
  state.reserved_bytes -= file_bytes(size_bytes_);
  store_ = nullptr;
}

}  // namespace inxt::store
