// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-host doctor: measures what a Host depends on, one JSON line for each.
#include <fmt/format.h>
#include <sys/timex.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "cli/escape.h"
#include "net/event_loop.h"
#include "net/http_server.h"
#include "options.h"
#include "store/aligned_buffer.h"
#include "sys/directory.h"
#include "sys/service.h"

namespace inxt::tools {

namespace {

constexpr std::int64_t kSyncMsMax = 100;       // slower than this, and one thread stores less than 20 MB/s
constexpr std::uint64_t kOpenFilesMin = 4096;  // connections and pieces at once
constexpr int kSyncTrials = 8;

struct Finding {
  std::string subject;
  bool is_well = false;
  std::string text;
};

Finding look_at_clock(const sys::Clock& clock) {
  timex time{};
  const int state = ::adjtimex(&time);               // reads only: no mode is set
  constexpr std::int64_t kReleased = 1'735'689'600;  // 2025-01-01: no clock that runs right shows less
  if (clock.unix_s() < kReleased) return {"clock", false, "it shows a time before this program was written"};
  if (state == TIME_ERROR || (time.status & STA_UNSYNC) != 0)
    return {"clock", true, "nothing keeps it right (no NTP); an hour off breaks nothing"};
  return {"clock", true, "kept right"};
}

Result<Finding> look_at_disk(sys::Directory& directory, const sys::Clock& clock) {
  const sys::Path path{fmt::format("doctor-{}", ::getpid())};
  store::AlignedBuffer data(std::size_t{2} << 20);
  std::fill(data.bytes().begin(), data.bytes().end(), std::byte{0x5a});
  auto file = TRY(directory.create(path, sys::Caching::direct));
  const std::int64_t began_ms = clock.steady_ms();
  Result<void> wrote;
  for (int i = 0; i < kSyncTrials && wrote; ++i) {
    wrote = file->write_at(static_cast<std::uint64_t>(i) * data.size_bytes(), data.bytes());
    if (wrote) wrote = file->sync();
  }
  const std::int64_t each_ms = (clock.steady_ms() - began_ms) / kSyncTrials;
  file.reset();
  TRY(directory.remove(path));
  TRY(wrote);
  const sys::Space space = TRY(directory.space());
  return Finding{
      "disk", each_ms <= kSyncMsMax,
      fmt::format("2 MiB are written and durable in {} ms; {} bytes are free", each_ms, space.free_bytes)};
}

Finding look_at_port(const std::string& address) {
  class Nobody final : public net::Handler {
    net::Awaitable<void> handle(net::ServerRequest&, net::ServerResponse&) override { co_return; }
  };
  net::EventLoop loop;
  Nobody nobody;
  const auto identity = net::TlsIdentity::anonymous();
  if (!identity) return {"port", false, identity.error().what};
  net::HttpServer server(loop.executor(), *identity, nobody);
  const auto bound = server.listen(address);
  return {"port", bound.has_value(),
          bound ? *bound + " can be bound" : bound.error().what + " (a running Host has it?)"};
}

}  // namespace

Result<cli::Exit> doctor(cli::World& world, const HostOptions& options) {
  const std::string folder = TRY(store_folder(options));
  std::vector<Finding> findings{look_at_clock(world.clock())};
  if (auto there = sys::status_of(folder); !there) return std::unexpected(there.error());
  const auto directory = TRY(sys::open_directory(folder));
  const Result<Finding> disk = look_at_disk(*directory, world.clock());
  findings.push_back(disk ? *disk : Finding{"disk", false, disk.error().what});
  std::vector<std::string> addresses = options.listen;
  if (addresses.empty()) addresses.push_back(fmt::format("127.0.0.1:{}", kPortDefault));
  for (const std::string& address : addresses) findings.push_back(look_at_port(address));
  const Result<std::uint64_t> files = sys::raise_open_files_limit();
  findings.push_back(
      {"open-files", files && *files >= kOpenFilesMin,
       files ? fmt::format("{} at most; a busy Host wants {}", *files, kOpenFilesMin) : files.error().what});

  bool is_well = true;
  for (const Finding& finding : findings) {
    is_well = is_well && finding.is_well;
    const format::Json line{{"type", "finding"},
                            {"subject", finding.subject},
                            {"well", finding.is_well},
                            {"message", cli::escape(finding.text)}};
    TRY(world.print(format::write_compact(line)));
  }
  return is_well ? cli::Exit::ok : cli::Exit::failure;
}

}  // namespace inxt::tools
