// SPDX-License-Identifier: LGPL-3.0-or-later
#include "serve/local_pages.h"

#include <fmt/format.h>

#include <algorithm>

#include "serve/page_policy.h"
#include "serve/refusal.h"

namespace inxt::serve {

namespace {

net::Awaitable<void> reply(net::ServerResponse& response, int status, std::string_view type,
                           std::string_view body, std::vector<net::Header> more) {
  std::vector<net::Header> headers = LocalPages::safe_headers();
  headers.insert(headers.end(), more.begin(), more.end());
  headers.push_back({"Content-Type", std::string(type)});
  // Whoever has gone away meanwhile is no trouble.
  const Result<void> ignored = co_await response.send(status, std::move(headers), view_of(body));
}

net::Awaitable<void> reply_error(net::ServerResponse& response, int status, Error error, std::string allow) {
  std::vector<net::Header> more;
  if (!allow.empty()) more.push_back({"Allow", std::move(allow)});
  const std::string body = refusal_json(Refusal(status, std::move(error)), {}, 0);
  co_await reply(response, status, kJsonType, body, std::move(more));
}

}  // namespace

std::vector<net::Header> LocalPages::safe_headers() {
  return {{"Cache-Control", "no-store"},
          {"Content-Security-Policy", page_policy()},
          {"Cross-Origin-Opener-Policy", "same-origin"},
          {"Cross-Origin-Resource-Policy", "same-origin"},
          {"Referrer-Policy", "no-referrer"},
          {"X-Content-Type-Options", "nosniff"}};
}

net::Awaitable<void> LocalPages::handle(net::ServerRequest& request, net::ServerResponse& response) {
  const auto view = std::ranges::find(views_, request.path(), &LocalView::path);
  if (view == views_.end()) {
    Error error{Code::not_found, "there is nothing at this path", "/, /metrics, /status.json, /status.txt"};
    co_await reply_error(response, 404, std::move(error), {});
    co_return;
  }
  if (request.method() != net::Method::get && request.method() != net::Method::head) {
    Error error{Code::usage, fmt::format("{} is not for this path", net::method_name(request.method())), {}};
    co_await reply_error(response, 405, std::move(error), "GET, HEAD");
    co_return;
  }
  const Result<std::string> body = co_await view->write();
  if (!body) {
    Error error = body.error();
    co_await reply_error(response, status_of(error.code), std::move(error), {});
    co_return;
  }
  co_await reply(response, 200, view->type, *body, {});
}

net::Awaitable<void> ControlSocket::handle(net::ServerRequest& request, net::ServerResponse& response) {
  const auto command = std::ranges::find(commands_, request.path(), &ControlCommand::path);
  if (command == commands_.end()) {
    co_await LocalPages::handle(request, response);
    co_return;
  }
  if (request.method() != net::Method::post) {
    Error error{Code::usage, "this path takes commands", {}};
    co_await reply_error(response, 405, std::move(error), "POST");
    co_return;
  }
  const Result<Bytes> body = co_await request.read_all(kCommandBytesMax);
  if (!body) {
    Error error = body.error();
    co_await reply_error(response, error.code == Code::usage ? 413 : 503, std::move(error), {});
    co_return;
  }
  log_.write(LogLevel::info, "command", {{"path", command->path}, {"body", std::string(text_of(*body))}});
  const Result<std::string> done = co_await command->run(text_of(*body));
  if (!done) {
    Error error = done.error();
    log_.write(LogLevel::error, "command-failed", {{"path", command->path}, {"reason", error.what}});
    co_await reply_error(response, status_of(error.code), std::move(error), {});
    co_return;
  }
  const std::string text = *done + (done->ends_with('\n') ? "" : "\n");
  co_await reply(response, 200, kJsonType, text, {});
}

}  // namespace inxt::serve
