// SPDX-License-Identifier: AGPL-3.0-or-later
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "cli/escape.h"
#include "client/object_read.h"
#include "get_tool.h"

namespace inxt::get_tool {
namespace {

/// What others own.
class BorrowedSink final : public client::ByteSink {
 public:
  explicit BorrowedSink(client::ByteSink& to) : to_(to) {}
  Result<void> write(ByteView bytes) override { return to_.write(bytes); }
  Result<void> finish() override { return to_.finish(); }

 private:
  client::ByteSink& to_;
};

}  // namespace

void end_standard_output() {
  if (const sys::Fd nowhere(::open("/dev/null", O_WRONLY | O_CLOEXEC)); nowhere)
    (void)::dup2(nowhere.number(), STDOUT_FILENO);
}

void say_verified(cli::World& world, const Fetcher& fetcher) {
  world.say(fetcher.hosts_replaced() == 0
                ? std::string("verified")
                : fmt::format("verified; {} Hosts replaced", fetcher.hosts_replaced()));
}

Fetcher::Of& Fetcher::of(std::uint32_t uploader) {
  auto& found = of_[uploader];
  if (!found) found = std::make_unique<Of>(session_.network_as(key_, uploader));
  return *found;
}

client::GetAs Fetcher::as(std::uint32_t uploader) {
  auto& one = of(uploader);
  return {.network = one.network, .receipts = options_.no_receipts ? nullptr : &one.receipts};
}

Result<client::GetOptions> Fetcher::get_options() {
  if (!options_.folders.empty() && !pieces_) {
    pieces_.emplace();
    for (const auto& folder : options_.folders) TRY(pieces_->allow(folder));
  }
  client::GetOptions out;
  out.jobs = options_.jobs;
  out.later = &later_;
  out.silent = &silent_;
  if (pieces_) out.pieces = &*pieces_;
  return out;
}

client::GetCallbacks Fetcher::callbacks() {
  client::GetCallbacks out;
  out.on_progress = [this](std::uint64_t bytes, unsigned in_use) {
    world_.progress().set_hosts(in_use);
    world_.progress().add_bytes(bytes);
  };
  out.stopped = [this] { return world_.stop().requested(); };
  return out;
}

void Fetcher::note(const client::GetReport& report) {
  for (const auto& trouble : report.troubles) world_.detail(cli::escape(trouble));
  hosts_replaced_ += report.hosts_replaced;
}

Result<void> Fetcher::fetch(const client::ManifestTable& manifest, std::unique_ptr<client::ByteSink> plain,
                            std::optional<client::PlainRange> range) {
  const auto generation = TRY(client::open_generation(key_, manifest.chain()));
  const auto part = TRY(generation.open_private(manifest.header()));
  auto get = TRY(get_options());
  const auto who = as(manifest.header().uploader);
  get.receipts = who.receipts;
  const auto report =
      TRY(session_.run(client::get_file(who.network, manifest, generation, part, client::addresses_of(hosts_),
                                        std::move(plain), range, get, callbacks())));
  note(report);
  return {};
}

Result<void> Fetcher::fetch(const client::TreeObject& object, client::ByteSink& plain,
                            std::optional<client::PlainRange> range) {
  client::ObjectReadOptions reading;
  reading.hosts = client::addresses_of(hosts_);
  reading.signers = options_.signers;
  reading.get = TRY(get_options());
  reading.as = [this](std::uint32_t uploader) { return as(uploader); };
  const auto network = of(key_.uploader().number()).network;
  const auto report = TRY(
      session_.run(client::read_object(network, key_, object.record, std::make_unique<BorrowedSink>(plain),
                                       range, std::move(reading), callbacks())));
  note(report);
  return {};
}

bool Fetcher::has_receipts() const {
  return std::ranges::any_of(of_, [](const auto& each) { return !each.second->receipts.empty(); });
}

void Fetcher::end(bool is_wanted) {
  session_.run(later_.report());
  for (auto& [uploader, of] : of_)
    session_.run(of->receipts.finish(is_wanted ? client::kReceiptsGrace : std::chrono::milliseconds(0)));
}

}  // namespace inxt::get_tool
