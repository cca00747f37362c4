// SPDX-License-Identifier: AGPL-3.0-or-later
// Whether the disk keeps what it is given, how fast, and whether there is room for what was promised.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "cli/units.h"
#include "doctor.h"
#include "store/aligned_buffer.h"
#include "sys/directory.h"
#include "sys/fd.h"
#include "sys/files.h"

namespace inxt::tools {

namespace {

constexpr std::int64_t kSyncMsMax = 100;  // slower than this, and one thread stores less than 20 MB/s
constexpr int kLargeTrials = 8;
constexpr int kSmallTrials = 500;
constexpr std::int64_t kSmallTrialsMsMax = 2000;
// A platter turns 250 times a second at most: more syncs than turns come from a cache.
constexpr std::uint64_t kRotationalSyncsMax = 1000;
constexpr std::uint64_t kInodesFreeMin = 10'000;

struct FileSystem {
  unsigned long magic;
  const char* name;
  Health health;
  const char* why;
};
constexpr FileSystem kFileSystems[] = {
    {0xEF53, "ext4", Health::well, ""},
    {0x58465342, "xfs", Health::well, ""},
    {0x9123683E, "btrfs", Health::well, ""},
    {0x2FC12FC1, "zfs", Health::well, ""},
    {0xF2F52010, "f2fs", Health::well, ""},
    {0xCA451A4E, "bcachefs", Health::well, ""},
    {0x01021994, "tmpfs", Health::wrong, "it is memory: everything is lost with the power"},
    {0x858458F6, "ramfs", Health::wrong, "it is memory: everything is lost with the power"},
    {0x794C7630, "overlayfs", Health::advice, "a container's own layer goes with the container; use a volume"},
    {0x6969, "nfs", Health::advice, "what is durable there is for its server to say"},
    {0xFF534D42, "cifs", Health::advice, "what is durable there is for its server to say"},
    {0xFE534D42, "smb", Health::advice, "what is durable there is for its server to say"},
    {0x65735546, "fuse", Health::advice, "what is durable there is for its program to say"},
    {0x4D44, "vfat", Health::wrong, "it has neither rename without loss nor rights"},
};

Finding of_file_system(const std::string& folder) {
  struct statfs about {};
  if (::statfs(folder.c_str(), &about) != 0) return {"file-system", Health::wrong, "it cannot be asked"};
  const auto magic = static_cast<unsigned long>(static_cast<std::uint32_t>(about.f_type));
  for (const FileSystem& known : kFileSystems) {
    if (known.magic != magic) continue;
    Finding finding("file-system", known.health, known.name);
    if (known.health != Health::well) {
      finding.message += fmt::format(": {}", known.why);
      finding.hint = "put the store on a disk of this machine";
    }
    finding.figures = {{"name", known.name}};
    return finding;
  }
  Finding finding("file-system", Health::advice, fmt::format("one that is not known here ({:#x})", magic));
  finding.figures = {{"name", fmt::format("{:#x}", magic)}};
  return finding;
}

/// "1" or "0" in the kernel's own words; nothing where there is no disk behind the file system.
std::optional<bool> is_rotational(const std::string& folder) {
  struct stat about {};
  if (::stat(folder.c_str(), &about) != 0) return std::nullopt;
  const std::string device = fmt::format("/sys/dev/block/{}:{}", major(about.st_dev), minor(about.st_dev));
  for (const char* queue : {"/queue/rotational", "/../queue/rotational"})  // a disk's, a partition's
    if (const auto text = sys::read_file(device + queue, 16, "rotational"))
      return !text->empty() && text->front() == std::byte{'1'};
  return std::nullopt;
}

/// Removes its file, whatever happens.
class Trial {
 public:
  explicit Trial(sys::Directory& directory) : directory_(directory), path_{fmt::format("doctor-{}", ::getpid())} {}
  Trial(const Trial&) = delete;
  Trial& operator=(const Trial&) = delete;
  ~Trial() { (void)directory_.remove(path_); }
  const sys::Path& path() const { return path_; }

 private:
  sys::Directory& directory_;
  sys::Path path_;
};

Result<Findings> of_syncs(sys::Directory& directory, const sys::Clock& clock, const std::string& folder) {
  const Trial trial(directory);
  store::AlignedBuffer data(std::size_t{2} << 20);
  for (std::size_t i = 0; i < data.size_bytes(); ++i)  // no file system stores this as a hole or compresses it away
    data.bytes()[i] = static_cast<std::byte>((i * 2654435761U) >> 13);
  const auto file = TRY(directory.create(trial.path(), sys::Caching::direct));
  const std::int64_t began_ms = clock.steady_ms();
  for (int i = 0; i < kLargeTrials; ++i) {
    TRY(file->write_at(static_cast<std::uint64_t>(i) * data.size_bytes(), data.bytes()));
    TRY(file->sync());
  }
  const std::int64_t large_ms = (clock.steady_ms() - began_ms) / kLargeTrials;

  const std::int64_t small_began_ms = clock.steady_ms();
  const ByteView small = ByteView(data.bytes()).first(sys::kDirectAlignmentBytes);
  std::uint64_t syncs = 0;
  while (syncs < kSmallTrials && clock.steady_ms() - small_began_ms < kSmallTrialsMsMax) {
    TRY(file->write_at(kLargeTrials * data.size_bytes() + syncs * small.size(), small));
    TRY(file->sync());
    ++syncs;
  }
  const std::int64_t small_ms = std::max<std::int64_t>(1, clock.steady_ms() - small_began_ms);
  const std::uint64_t syncs_per_s = syncs * 1000 / static_cast<std::uint64_t>(small_ms);

  const bool is_slow = large_ms > kSyncMsMax;
  Finding speed("disk", is_slow ? Health::wrong : Health::well,
                fmt::format("2 MiB are written and durable in {} ms, 4 KiB {} times a second", large_ms, syncs_per_s),
                is_slow ? "a piece is acknowledged when it is durable: use a faster disk, or one that is less busy" : "");
  speed.figures = {{"large_ms", large_ms}, {"syncs_per_s", syncs_per_s}};
  Findings findings{std::move(speed)};

  const std::optional<bool> rotational = is_rotational(folder);
  const bool is_lying = rotational.value_or(false) && syncs_per_s > kRotationalSyncsMax;
  Finding honesty("disk-honesty", is_lying ? Health::advice : Health::well,
                  is_lying      ? fmt::format("{} syncs a second are more than a turning disk can do: a cache answers", syncs_per_s)
                  : !rotational ? "no disk is seen behind the file system: what a sync means is for others to say"
                  : *rotational ? "as many syncs as a turning disk can do"
                                : "no turning disk: how many syncs are true cannot be told from their number",
                  is_lying ? "make sure that the cache has a battery; else switch it off: hdparm -W 0" : "");
  honesty.figures = {{"syncs_per_s", syncs_per_s}};
  if (rotational) honesty.figures["rotational"] = *rotational;
  findings.push_back(std::move(honesty));

  const sys::Fd direct(::open((folder + "/" + trial.path().text()).c_str(), O_RDONLY | O_DIRECT | O_CLOEXEC));
  Finding uncached("disk-direct", direct ? Health::well : Health::advice,
                   direct ? "reads go past the page cache (O_DIRECT)"
                          : "the file system has no O_DIRECT: pieces go through the page cache, and push out other data");
  uncached.figures = {{"direct", static_cast<bool>(direct)}};
  findings.push_back(std::move(uncached));
  return findings;
}

Findings of_room(const Patient& patient, const HostOptions& options) {
  struct statvfs about {};
  if (::statvfs(patient.folder.c_str(), &about) != 0)
    return {{"room", Health::wrong, "the file system cannot be asked"}};
  const std::uint64_t total_bytes = std::uint64_t{about.f_blocks} * about.f_frsize;
  const std::uint64_t free_bytes = std::uint64_t{about.f_bavail} * about.f_frsize;
  // What is still to come: of the Host that runs or ran; of one that never did, all.
  std::optional<std::uint64_t> promised_bytes;
  if (patient.descriptor)
    promised_bytes = patient.descriptor->free_bytes;
  else if (options.capacity_bytes)
    promised_bytes = *options.capacity_bytes;

  Finding room("room", Health::well,
               fmt::format("{} of {} are free", cli::show_size(free_bytes), cli::show_size(total_bytes)));
  room.figures = {{"free_bytes", free_bytes}, {"total_bytes", total_bytes}};
  if (promised_bytes) {
    room.figures["promised_bytes"] = *promised_bytes;
    if (*promised_bytes > free_bytes) {
      room.health = Health::wrong;
      room.message += fmt::format(", and {} more are promised", cli::show_size(*promised_bytes));
      room.hint = "lower --capacity, or make room on the disk";
    } else {
      room.message += fmt::format("; {} more are promised", cli::show_size(*promised_bytes));
    }
  }
  Findings findings{std::move(room)};
  if (about.f_files == 0) return findings;  // made as they are needed
  constexpr std::uint64_t kPieceBytes = 2 << 20;
  const std::uint64_t wanted = std::max(kInodesFreeMin, promised_bytes.value_or(0) / kPieceBytes);
  const bool are_few = about.f_favail < wanted;
  Finding inodes("inodes", are_few ? Health::wrong : Health::well,
                 fmt::format("{} files can still be made, {} are wanted", about.f_favail, wanted),
                 are_few ? "make the file system with more inodes (mkfs.ext4 -i), or lower --capacity" : "");
  inodes.figures = {{"free", static_cast<std::uint64_t>(about.f_favail)}, {"wanted", wanted}};
  findings.push_back(std::move(inodes));
  return findings;
}

}  // namespace

Findings look_at_disk(const cli::World& world, const Patient& patient, const HostOptions& options) {
  Findings findings;
  const auto add = [&](Findings more) {
    findings.insert(findings.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  };
  const auto directory = sys::open_directory(patient.folder);
  Result<Findings> syncs =
      directory ? of_syncs(**directory, world.clock(), patient.folder) : std::unexpected(directory.error());
  if (syncs)
    add(*std::move(syncs));
  else
    findings.push_back({"disk", Health::wrong, syncs.error().what, syncs.error().hint});
  findings.push_back(of_file_system(patient.folder));
  add(of_room(patient, options));
  return findings;
}

}  // namespace inxt::tools
