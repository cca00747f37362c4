// SPDX-License-Identifier: AGPL-3.0-or-later
// A Host, and accounts that a Bridge vouches for, for tests.
#pragma once

#include "format/voucher.h"
#include "support/host_world.h"

namespace inxt::testing {

inline constexpr std::int64_t kHourS = 3600;

/// A Host that accepts a Bridge and reports to it.
struct VoucherWorld : HostWorld {
  explicit VoucherWorld(bool by_name = false) {
    Options options = engine->options();
    if (!by_name) options.accept = *AcceptList::parse("bridge " + to_hex(bridge.public_key()));
    engine->set_options(std::move(options));
    engine->vouched().set_bridges(std::vector{bridge.public_key()});
  }

  Header voucher(std::optional<std::uint64_t> bytes) {
    format::Voucher said;
    said.bridge = bridge.public_key();
    said.account = peer.id;
    said.host = engine->id();
    said.bytes = bytes;
    said.issued_unix_s = clock.unix_s();
    said.expires_unix_s = clock.unix_s() + kHourS;
    return Header("Inxt-Voucher", *format::sign_voucher(said, bridge));
  }
  net::Request request_for(ByteView body, std::optional<std::uint64_t> bytes) {
    net::Request request(Method::put, path(proof::piece_id_of(body)));
    request.headers.push_back(Header("Inxt-Offer", token_for(body)));
    request.headers.push_back(voucher(bytes));
    request.body = body;
    return request;
  }
  net::Response put(ByteView body, std::optional<std::uint64_t> bytes) {
    return send(request_for(body, bytes), &peer.tls);
  }
  std::vector<format::AccountBytes> due() {
    return engine->vouched().due(bridge.public_key(), 32,
                                 [&](const AccountId& account) { return store->account_bytes(account); });
  }

  crypto::SigningKey bridge = key_number(50);
};

}  // namespace inxt::testing
