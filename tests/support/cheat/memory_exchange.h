// SPDX-License-Identifier: AGPL-3.0-or-later
// A request that the program makes up for a handler, and the answer kept in memory: what a real Host would
// say.
#pragma once

#include <algorithm>

#include "base/check.h"
#include "net/http_server.h"

namespace inxt::cheat {

/// A request as it came, with its whole body.
struct Asked {
  net::Method method = net::Method::post;
  std::string target;
  std::vector<net::Header> headers = {};
  std::optional<crypto::PublicKey> peer = {};
  std::string address = "127.0.0.1";
  std::string body = {};
};

struct Told {
  int status = 0;
  std::string content_type = "application/jsonl";
  std::vector<net::Header> headers = {};
  std::string body = {};
};

class MemoryRequest final : public net::ServerRequest {
 public:
  explicit MemoryRequest(const Asked& asked) : asked_(asked) {}
  net::Method method() const override { return asked_.method; }
  std::string_view target() const override { return asked_.target; }
  std::span<const net::Header> headers() const override { return asked_.headers; }
  const std::optional<crypto::PublicKey>& peer_key() const override { return asked_.peer; }
  std::string_view peer_address() const override { return asked_.address; }
  std::optional<std::uint64_t> content_length() const override { return asked_.body.size(); }
  std::uint64_t body_bytes_left() const override { return asked_.body.size() - done_; }
  net::Awaitable<Result<std::size_t>> read_some(ByteSpan into) override {
    const std::size_t count = std::min(into.size(), asked_.body.size() - done_);
    std::ranges::copy(view_of(asked_.body).subspan(done_, count), into.begin());
    done_ += count;
    co_return count;
  }

 private:
  const Asked& asked_;
  std::size_t done_ = 0;
};

class MemoryResponse final : public net::ServerResponse {
 public:
  net::Awaitable<Result<void>> send(int status, std::vector<net::Header> headers, ByteView body) override {
    begin(status, std::move(headers), body.size());
    told.body = text_of(body);
    co_return Result<void>{};
  }
  void begin(int status, std::vector<net::Header> headers, std::uint64_t) override {
    CHECK_BUG(told.status == 0);
    told.status = status;
    if (const auto type = net::find_header(headers, "Content-Type")) told.content_type = *type;
    told.headers = std::move(headers);
  }
  net::Awaitable<Result<void>> send_part(ByteView part) override {
    told.body += text_of(part);
    co_return Result<void>{};
  }
  net::Awaitable<Result<void>> send_head(int status, std::vector<net::Header> headers,
                                         std::uint64_t) override {
    begin(status, std::move(headers), 0);
    co_return Result<void>{};
  }
  bool sent() const override { return told.status != 0; }

  Told told;
};

}  // namespace inxt::cheat
