// SPDX-License-Identifier: LGPL-3.0-or-later
#include "net/session.h"

#include <fmt/chrono.h>
#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <ctime>

#include "base/check.h"
#include "net/listening.h"

namespace inxt::net {
namespace {

constexpr int kLingerMs = 2000;  // for a peer that still sends after our last answer
constexpr std::uint64_t kLingerBytesMax = 4 * 1024 * 1024;  // two of the largest bodies
constexpr std::uint64_t kLargeBodyBytes = 64 * 1024;        // from here on a body is a transfer

/// Made once a second.
std::string_view date_now() {
  thread_local std::time_t made_at = -1;
  thread_local std::string text;
  const std::time_t now = std::time(nullptr);
  if (now != made_at) {
    text = fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(now));
    made_at = now;
  }
  return text;
}

std::string head_of(int status, std::span<const Header> headers, std::uint64_t content_length,
                    bool keep_alive) {
  std::string head = fmt::format("HTTP/1.1 {} {}\r\n", status, reason_phrase(status));
  for (const Header& header : headers) {
    CHECK_BUG(is_valid_header(header));
    head.append(header.name).append(": ").append(header.value).append("\r\n");
  }
  fmt::format_to(std::back_inserter(head), "Date: {}\r\n", date_now());
  if (status != 204 && status != 304)
    fmt::format_to(std::back_inserter(head), "Content-Length: {}\r\n", content_length);
  if (!keep_alive) head += "Connection: close\r\n";
  head += "\r\n";
  return head;
}

/// The code that a client reads in the body of an answer this room makes.
Code code_of(int status) {
  switch (status) {
    case 500:
      return Code::failure;
    case 408:
    case 503:
      return Code::try_again;
    default:
      return Code::usage;
  }
}

}  // namespace

Awaitable<bool> Session::read_head() {
  refusal.reset();
  sent_ = false;
  asked_to_continue_ = false;
  left_ = 0;
  answer_left_ = 0;
  head_ = RequestHead();
  if (buffer_.empty()) {
    table_.set_idle(*this, true);
    stream_->rest();
    stream_->limit({limits().idle_ms, "idle_ms", WaitLimit::Counts::since_now});
    const Result<void> readable = co_await stream_->wait_readable();
    table_.set_idle(*this, false);
    if (!readable) co_return false;
  }
  stream_->limit({limits().header_ms, "header_ms", WaitLimit::Counts::since_now});
  std::size_t filled = buffer_.size();
  std::size_t searched = 0;
  buffer_.resize(std::max(filled, limits().header_bytes_max));
  std::optional<std::size_t> end;
  while (!(end = find_head_end(ByteView(buffer_).first(filled), searched))) {
    searched = filled;
    if (filled == buffer_.size()) {
      refusal = Refusal{
          431, fmt::format("the head is larger than {} bytes (header_bytes_max)", limits().header_bytes_max)};
      buffer_ = Bytes();
      co_return true;
    }
    const Result<std::size_t> count = co_await stream_->read_some(ByteSpan(buffer_).subspan(filled));
    if (!count || *count == 0) co_return false;
    filled += *count;
  }
  auto parsed = parse_request_head(ByteView(buffer_).first(*end));
  buffer_.resize(filled);
  buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(*end));
  if (buffer_.empty()) buffer_ = Bytes();
  if (!parsed) {
    refusal = std::move(parsed).error();
    co_return true;
  }
  head_ = *std::move(parsed);
  left_ = head_.content_length.value_or(0);
  stream_->limit(progress_limit());
  if (plain_at_) {
    const auto host = header("Host");
    if (!host || !is_host_of(*host, *plain_at_))
      refusal = Refusal{421, "this address answers only to its own name: see the Host header"};
  }
  co_return true;
}

void Session::begin_transfer(std::uint64_t bytes) {
  if (bytes >= kLargeBodyBytes) transfer_ = Transfer{SteadyClock::now(), {}, traffic()};
}

std::optional<std::uint64_t> Session::transfer_rate(std::chrono::milliseconds age) const {
  if (!transfer_) return std::nullopt;
  const auto took = SteadyClock::now() - transfer_->since - transfer_->throttled;
  if (took < age) return std::nullopt;
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(took).count();
  return (traffic() - transfer_->bytes_before) * 1000 /
         static_cast<std::uint64_t>(std::max<std::int64_t>(ms, 1));
}

Awaitable<std::size_t> Session::pass(Throttle& throttle, std::size_t bytes) {
  const auto start = SteadyClock::now();
  const std::size_t passed = co_await throttle.pass(bytes);
  if (transfer_) transfer_->throttled += SteadyClock::now() - start;
  co_return passed;
}

Awaitable<Result<std::size_t>> Session::read_some(ByteSpan into) {
  if (left_ == 0 || into.empty()) co_return std::size_t{0};
  into = into.first(std::min<std::uint64_t>(into.size(), left_));
  if (!transfer_) begin_transfer(left_);
  if (!buffer_.empty()) {
    const std::size_t count = std::min(into.size(), buffer_.size());
    std::memcpy(into.data(), buffer_.data(), count);
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(count));
    if (buffer_.empty()) buffer_ = Bytes();
    left_ -= count;
    if (left_ == 0) transfer_.reset();
    co_return count;
  }
  if (head_.expects_continue && !asked_to_continue_ && !sent_) {
    asked_to_continue_ = true;
    CO_CHECK(co_await stream_->write(view_of("HTTP/1.1 100 Continue\r\n\r\n"), ByteView()));
  }
  Throttle* const throttle = limits().throttle_in;
  const bool is_throttled = throttle != nullptr && throttle->rate();
  if (is_throttled) into = into.first(std::min(into.size(), kThrottleSliceBytesMax));
  Result<std::size_t> count = co_await stream_->read_some(into);
  if (!count) co_return std::unexpected(std::move(count).error().in("reading the request's body"));
  if (*count == 0)
    co_return fail(Code::try_again,
                   fmt::format("the peer closed with {} bytes of the request's body to come", left_));
  // Paid for afterwards, so that a peer that sends nothing holds nobody's share; the kernel slows it down.
  for (std::size_t unpaid = is_throttled ? *count : 0; unpaid > 0;)
    unpaid -= co_await pass(*throttle, unpaid);
  left_ -= *count;
  if (left_ == 0) transfer_.reset();
  co_return *count;
}

Awaitable<Result<void>> Session::write(ByteView head, ByteView body) {
  stream_->limit(progress_limit());
  Throttle* const throttle = limits().throttle_out;
  begin_transfer(body.size());
  Result<void> written;
  if (throttle == nullptr || !throttle->rate()) {
    written = co_await stream_->write(head, body);
  } else {
    while (written && !(head.empty() && body.empty())) {
      const std::size_t passed = co_await pass(*throttle, head.size() + body.size());
      const ByteView now = body.first(std::min(passed - std::min(passed, head.size()), body.size()));
      written = co_await stream_->write(head, now);  // a head is small, and goes in one piece
      head = ByteView();
      body = body.subspan(now.size());
    }
  }
  transfer_.reset();
  co_return written;
}

Awaitable<Result<void>> Session::send(int status, std::vector<Header> headers, ByteView body) {
  CHECK_BUG(!sent_);
  sent_ = true;
  // A client that still waits for 100 Continue may or may not send its body after this answer: the end is
  // certain then.
  const bool unasked = head_.expects_continue && !asked_to_continue_ && left_ > 0;
  if (left_ > limits().drain_bytes_max || unasked || refusal) ending_ = true;
  const bool keep_alive = head_.keep_alive && !ending_;
  if (!keep_alive) ending_ = true;
  const std::string head = head_of(status, headers, body.size(), keep_alive);
  const bool bodyless = head_.method == Method::head || status == 204 || status == 304;
  if (bodyless) body = ByteView();
  Result<void> written = co_await write(view_of(head), body);
  if (!written) co_return std::unexpected(std::move(written).error().in("sending the answer"));
  co_return written;
}

Awaitable<Result<void>> Session::send_head(int status, std::vector<Header> headers,
                                           std::uint64_t content_length) {
  CHECK_BUG(!sent_ && head_.method == Method::head);
  sent_ = true;
  if (left_ > limits().drain_bytes_max || !head_.keep_alive) ending_ = true;
  const std::string head = head_of(status, headers, content_length, !ending_);
  co_return co_await write(view_of(head), ByteView());
}

void Session::begin(int status, std::vector<Header> headers, std::uint64_t content_length) {
  CHECK_BUG(!sent_ && head_.method != Method::head);
  sent_ = true;
  const bool unasked = head_.expects_continue && !asked_to_continue_ && left_ > 0;
  if (left_ > limits().drain_bytes_max || unasked || !head_.keep_alive) ending_ = true;
  begun_head_ = head_of(status, headers, content_length, !ending_);
  answer_left_ = content_length;
}

Awaitable<Result<void>> Session::send_part(ByteView part) {
  CHECK_BUG(part.size() <= answer_left_);
  const std::string head = std::exchange(begun_head_, {});
  Result<void> written = co_await write(view_of(head), part);
  if (!written) co_return std::unexpected(std::move(written).error().in("sending the answer"));
  answer_left_ -= part.size();
  co_return written;
}

Awaitable<void> Session::refuse(int with_status, std::string why) {
  std::vector<Header> headers = settings_.refusal_headers;
  headers.push_back({"Content-Type", "application/json"});
  if (with_status == 503) headers.push_back({"Retry-After", "1"});
  if (with_status == 405) headers.push_back({"Allow", "GET, HEAD, PUT, POST, DELETE"});
  std::string text;  // only for JSON: the sentences of this room have no letters that need more
  for (const char c : why)
    if (c >= ' ' && c < '\x7f' && c != '"' && c != '\\') text += c;
  const std::string body =
      fmt::format("{{\"error\":\"{}\",\"message\":\"{}\"}}\n", code_name(code_of(with_status)), text);
  const Result<void> ignored = co_await send(with_status, std::move(headers), view_of(body));
}

Awaitable<bool> Session::end_request() {
  transfer_.reset();  // the handler has what it wants of the body
  if (!sent_ || answer_left_ > 0 || stream_->is_broken()) co_return false;
  if (ending_) {
    co_await linger();
    co_return false;
  }
  if (left_ > 0) {
    const auto sink = std::make_unique_for_overwrite<std::byte[]>(limits().drain_bytes_max);
    while (left_ > 0) {
      const Result<std::size_t> count = co_await read_some(ByteSpan(sink.get(), limits().drain_bytes_max));
      if (!count) co_return false;
    }
  }
  co_return !ending_;
}

Awaitable<void> Session::linger() {
  stream_->limit({kLingerMs, "linger", WaitLimit::Counts::since_now});
  co_await stream_->finish(kLingerBytesMax);
}

ConnectionInfo Session::info() const {
  ConnectionInfo info;
  info.address = address_;
  info.key = stream_->peer_key();
  info.age = std::chrono::duration_cast<std::chrono::milliseconds>(SteadyClock::now() - began_);
  info.requests = requests_;
  info.bytes_in = stream_->traffic().bytes_in;
  info.bytes_out = stream_->traffic().bytes_out;
  info.is_idle = is_idle();
  return info;
}

std::string_view ServerRequest::query() const {
  const std::string_view whole = target();
  const std::size_t mark = whole.find('?');
  return mark == std::string_view::npos ? std::string_view() : whole.substr(mark + 1);
}

Awaitable<Result<void>> ServerRequest::read_exactly(ByteSpan into) {
  while (!into.empty()) {
    CO_TRY(const std::size_t count, co_await read_some(into));
    CHECK_BUG(count > 0);  // asked for more than body_bytes_left()
    into = into.subspan(count);
  }
  co_return Result<void>();
}

Awaitable<Result<Bytes>> ServerRequest::read_all(std::size_t limit_bytes) {
  const std::uint64_t left = body_bytes_left();
  if (left > limit_bytes)
    co_return fail(Code::usage, fmt::format("a body of {} bytes is larger than {} bytes", left, limit_bytes));
  Bytes body(left);
  CO_CHECK(co_await read_exactly(body));
  co_return body;
}

}  // namespace inxt::net
