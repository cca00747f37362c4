// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/share_reader.h"

#include "client/object_manifest.h"
#include "client/share_memory.h"

namespace inxt::client {

ShareReader::ShareReader(format::ShareAccess access, const sys::Clock& clock, crypto::Random& random)
    : access_(std::move(access)),
      session_([this](const HostId&) { return access_.keys.client().clone(); }, clock, random),
      bridge_(session_.bridge(transfer::BridgePeer{.id = access_.bridge, .addresses = access_.addresses},
                              access_.keys.client())) {}

Result<std::unique_ptr<ShareReader>> ShareReader::open(format::ShareAccess access, const sys::Clock& clock,
                                                       crypto::Random& random) {
  std::unique_ptr<ShareReader> out(new ShareReader(std::move(access), clock, random));
  out->bundle_ = TRY(out->session_.run(fetch_bundle(out->bridge_, out->access_, clock)));
  TRY(remember_bundle({}, out->access_.keys.id(), out->bundle_));
  out->names_.emplace(out->bundle_);
  out->leases_.emplace(out->bridge_, out->access_.keys, out->access_.bridge, out->bundle_.accounts,
                       out->session_.network().executor, clock);
  out->session_.set_capabilities([leases = &*out->leases_](const HostId& host, const PieceId& piece) {
    return leases->capability_for(host, piece);
  });
  return out;
}

Result<GetReport> ShareReader::get(const format::SharedFile& file,
                                   const std::vector<transfer::HostAddress>& hosts,
                                   std::unique_ptr<ByteSink> plain, std::optional<PlainRange> range,
                                   GetOptions options, GetCallbacks callbacks) {
  return session_.run(get_shared(session_.network(), *leases_, file, hosts, std::move(plain), range, options,
                                 std::move(callbacks)));
}

void ShareReader::expect(const std::vector<SharedItem>& items) {
  for (const auto& item : items) {
    if (item.file == nullptr) continue;
    for (const auto& manifest : item.file->manifests)
      if (manifest.secrets.size() == 1)
        if (const auto table = table_of(manifest.lines, format::any_writer())) leases_->add(*table);
  }
}

bool ShareReader::has_ended() const {
  return leases_->trouble() && leases_->trouble()->code == Code::denied;
}

}  // namespace inxt::client
