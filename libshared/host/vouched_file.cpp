// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/vouched_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "serve/state_file.h"

namespace inxt::host {

constexpr int kTries = 2;  // where the store begins to move meanwhile

using std::chrono::milliseconds;

VouchedFile::VouchedFile(const net::Executor& executor, Host& host, sys::Directory& directory,
                         std::function<bool()> is_moving)
    : host_(host),
      directory_(directory),
      is_moving_(std::move(is_moving)),
      wanted_something_(executor),
      written_something_(executor) {}

std::uint64_t VouchedFile::changes() const {
  return host_.vouched().changes() + host_.shown_vouchers().changes();
}

bool VouchedFile::is_kept(const Pair& pair) const {
  const std::int64_t now_s = host_.parts().clock.unix_s();
  return host_.vouched().is_kept(pair.bridge, pair.account) &&
         host_.shown_vouchers().is_kept(pair.bridge, pair.account, now_s);
}

Result<void> VouchedFile::read(std::string_view name, std::size_t bytes_max, std::string& text) {
  const auto file = directory_.open(sys::Path{name}, sys::Caching::cached);
  if (!file && file.error().code == Code::not_found) return {};
  if (!file) return std::unexpected(file.error());
  const std::uint64_t bytes = TRY((*file)->size_bytes());
  if (bytes > bytes_max)
    return fail(Code::integrity, fmt::format("{}: {} bytes are more than {}", name, bytes, bytes_max));
  text.resize(static_cast<std::size_t>(bytes));
  const ByteSpan out(reinterpret_cast<std::byte*>(text.data()), text.size());
  text.resize(TRY((*file)->read_at(0, out)));
  return {};
}

Result<void> VouchedFile::load() {
  VouchedAccounts& accounts = host_.vouched();
  ShownVouchers& shown = host_.shown_vouchers();
  const std::int64_t now_s = host_.parts().clock.unix_s();
  std::string whole, log;
  Result<void> loaded = read(kVouchedFile, kVouchedFileBytesMax, whole);
  if (loaded)
    if (auto parsed = read_vouched(whole, accounts, shown, now_s); !parsed)
      loaded = std::unexpected(std::move(parsed).error().in(std::string(kVouchedFile)));
  accounts.mark_all_kept();
  shown.mark_all_kept();
  saved_changes_ = changes();
  is_log_lost_ = true;
  const Result<void> found = read(kVouchedLogFile, kVouchedLogBytesMax, log);
  // Its last lines are of a moment before a kill, or a power cut: whoever they are about was told nothing.
  if (found) (void)read_vouched(log, accounts, shown, now_s);
  if (!found && loaded) loaded = found;
  const auto entry = directory_.look_up(sys::Path{kVouchedLogFile});
  if (entry && !*entry) {
    is_log_lost_ = false;
    place_ = place();
    return loaded;
  }
  if (!loaded) return loaded;
  return save();  // what the log has may not be durable: that it was read proves nothing
}

Result<void> VouchedFile::save() {
  if (saved_changes_ == changes() && log_ == nullptr && !is_log_lost_) return {};
  const Work work = take(true);
  const Result<void> stored = store(work);
  if (!stored) {
    ++writes_.failed;
    return stored;
  }
  host_.vouched().mark_all_kept();
  host_.shown_vouchers().mark_all_kept();
  saved_changes_ = work.changes;
  ++writes_.whole;
  return {};
}

net::Awaitable<Result<void>> VouchedFile::keep(crypto::PublicKey bridge, AccountId account) {
  const Pair pair{bridge, account};
  if (is_kept(pair)) co_return Result<void>();
  wanted_.push_back(pair);
  const std::uint64_t job = began_ + 1;  // the next one takes it
  wanted_something_.notify();
  while (ended_ < job) co_await written_something_.wait();
  if (is_kept(pair)) co_return Result<void>();
  if (!last_) co_return last_;
  co_return fail(Code::try_again, "who vouched for the account is being written down");
}

net::Awaitable<void> VouchedFile::run() {
  const sys::Clock& clock = host_.parts().clock;
  std::int64_t due_ms = clock.steady_ms() + kWriteVouchedEveryMs;
  for (;;) {
    const std::int64_t wait_ms = due_ms - clock.steady_ms();
    if (wanted_.empty() && wait_ms > 0) co_await wanted_something_.wait_for(milliseconds(wait_ms));
    const bool is_due = clock.steady_ms() >= due_ms;
    if (is_due) due_ms = clock.steady_ms() + kWriteVouchedEveryMs;
    if (!wanted_.empty() || (is_due && changes() != saved_changes_)) co_await write(is_due);
  }
}

VouchedFile::Work VouchedFile::take(bool is_whole) {
  const VouchedAccounts& accounts = host_.vouched();
  const ShownVouchers& shown = host_.shown_vouchers();
  Work work;
  work.changes = changes();
  for (const Pair& pair : wanted_) {
    work.written.push_back({.pair = pair,
                            .has_account = accounts.knows(pair.bridge, pair.account),
                            .most = shown.find(pair.bridge, pair.account)});
    work.lines += vouched_text(accounts, shown, pair.bridge, pair.account);
  }
  wanted_.clear();
  work.is_whole = is_whole || is_log_lost_ || log_bytes_ + work.lines.size() > kVouchedLogBytesMax;
  if (work.is_whole) work.whole = vouched_text(accounts, shown, host_.parts().clock.unix_s());
  return work;
}

void VouchedFile::mark(const Work& work) {
  for (const Written& written : work.written) {
    const auto& [bridge, account] = written.pair;
    if (written.has_account) host_.vouched().mark_kept(bridge, account);
    if (written.most) host_.shown_vouchers().mark_kept(bridge, account, *written.most);
  }
}

net::Awaitable<void> VouchedFile::write(bool is_whole) {
  for (int tries = 0; tries < kTries; ++tries) {
    const Work work = take(is_whole);
    ++began_;
    const auto job = [&] { return store(work); };
    last_ = co_await host_.parts().workers.run(job);
    if (last_) {
      mark(work);
      if (work.is_whole) saved_changes_ = work.changes;
      ++(work.is_whole ? writes_.whole : writes_.appended);
      break;
    }
    if (!has_moved_ || tries + 1 == kTries) break;
    is_whole = true;
    for (const Written& written : work.written) wanted_.push_back(written.pair);
  }
  if (!last_) {
    ++writes_.failed;
    if (trouble_ != last_.error().what)  // a disk that is full says so once
      host_.parts().log.write(LogLevel::error, "vouched-file", {{"reason", last_.error().what}});
  }
  trouble_ = last_ ? std::string() : last_.error().what;
  ended_ = began_;
  written_something_.notify();
}

std::string VouchedFile::place() const {
  return (is_moving_() ? "moving from " : "") + directory_.description();
}

Result<void> VouchedFile::store(const Work& work) {
  const auto moved = [&]() -> Result<void> {
    has_moved_ = true;
    is_log_lost_ = true;
    return fail(Code::try_again, "the store has begun to move, or has moved");
  };
  has_moved_ = false;
  const std::string here = place();
  // An open log is where it was made, and the move passes by there.
  if (!work.is_whole && log_ != nullptr && here != place_) return moved();
  Result<void> done = work.is_whole ? write_whole(work.whole) : append(work.lines);
  if (place() != here) return moved();
  if (!done) is_log_lost_ = true;
  place_ = here;
  return done;
}

Result<void> VouchedFile::append(std::string_view lines) {
  const bool is_new = log_ == nullptr;
  if (is_new) {
    log_bytes_ = 0;
    log_ = TRY(directory_.create(sys::Path{kVouchedLogFile}, sys::Caching::cached));
  }
  TRY(log_->write_at(log_bytes_, view_of(lines)));
  TRY(log_->sync());
  if (is_new) TRY(directory_.sync_folder({}));
  log_bytes_ += lines.size();
  return {};
}

Result<void> VouchedFile::write_whole(std::string_view text) {
  is_log_lost_ = true;
  log_.reset();
  TRY(serve::write_text(directory_, kVouchedFile, text));
  // A power cut may bring it back: it says nothing then that was not so once.
  const Result<void> removed = directory_.remove(sys::Path{kVouchedLogFile});
  if (!removed && removed.error().code != Code::not_found) return removed;
  log_bytes_ = 0;
  is_log_lost_ = false;
  return {};
}

}  // namespace inxt::host
