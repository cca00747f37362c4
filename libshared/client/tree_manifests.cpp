// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/tree_manifests.h"

#include <sys/mman.h>
#include <unistd.h>

#include "client/object_manifest.h"
#include "sys/files.h"

namespace inxt::client {

Result<void> with_lines_of(std::string_view manifest, const std::string& name, const UseLines& use) {
  const sys::Fd file(::memfd_create("inxt-manifest", MFD_CLOEXEC));
  if (!file) return fail_errno(errno, "memfd_create");
  TRY(sys::write_all(file.number(), view_of(manifest), "a manifest in memory"));
  if (::lseek(file.number(), 0, SEEK_SET) != 0) return fail_errno(errno, "a manifest in memory");
  LineReader lines(file.number(), name);
  return use(lines);
}

Result<void> each_manifest_of(TreeSession& tree, const TreeObject& object, const std::string& name,
                              const std::vector<transfer::HostAddress>& hosts, const UseLines& use) {
  for (std::size_t which = 0; which < object.manifests(); ++which) {
    const auto levels = TRY(tree.session().run(
        manifests_above(tree.session().network(), tree.key(), object.record.manifests[which], hosts, &tree.later())));
    for (const auto& level : levels) TRY(with_lines_of(level, name, use));
    const auto file = TRY(tree.manifest(object, which, hosts));
    LineReader lines(file.fd.number(), name);
    TRY(use(lines));
  }
  return {};
}

}  // namespace inxt::client
