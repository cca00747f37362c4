// SPDX-License-Identifier: AGPL-3.0-or-later
#include <charconv>

#include "base/encoding.h"
#include "evil_bridge/evil.h"
#include "serve/query_value.h"

namespace inxt::evil {
namespace {

using net::Method;

constexpr std::pair<std::string_view, About> kNames[] = {
    {"anything", About::anything},     {"log_page", About::log_page},
    {"append", About::append},         {"any_log", About::any_log},
    {"record", About::record},         {"record_end", About::record_end},
    {"placement", About::placement},   {"placement_end", About::placement_end},
    {"vouchers", About::vouchers},     {"account", About::account},
    {"revocation", About::revocation}, {"hosts", About::hosts},
    {"share_put", About::share_put},   {"share_list", About::share_list},
    {"share", About::share},           {"share_end", About::share_end},
    {"leases", About::leases}};

}  // namespace

void Log::recount() {
  head = {};
  if (!lines.empty()) head = {.seq = lines.size(), .hash = format::entry_hash(lines.back())};
}

Awaitable<cheat::Told> Scene::ask(const Asked& asked) {
  cheat::MemoryRequest request(asked);
  cheat::MemoryResponse response;
  co_await engine.handle(request, response);
  co_return std::move(response.told);
}

Awaitable<Answer> Scene::answer(const Asked& asked) {
  cheat::Told honest = co_await ask(asked);
  co_return Answer(std::move(honest));
}

Awaitable<Log> Scene::whole_log(const Asked& asked, std::string log_id) {
  Log log;
  Asked page = asked;
  page.method = Method::get;
  page.body.clear();
  while (true) {
    page.target = "/v1/logs/" + log_id + "?after=" + std::to_string(log.lines.size()) + "&limit=256";
    const cheat::Told told = co_await ask(page);
    if (told.status != 200 || told.body.empty()) break;
    for (auto& line : lines_of(told.body)) log.lines.push_back(std::move(line));
  }
  log.recount();
  co_return log;
}

std::string part_of(const Asked& asked, std::size_t number) {
  std::string_view path = std::string_view(asked.target).substr(0, asked.target.find('?'));
  for (std::size_t i = 0; !path.empty(); ++i) {
    path.remove_prefix(1);
    const auto part = path.substr(0, path.find('/'));
    if (i == number) return std::string(part);
    path.remove_prefix(part.size());
  }
  return {};
}

bool is_about(const Asked& asked, About about) {
  const auto kind = part_of(asked, 1);
  const bool one = !part_of(asked, 2).empty();
  const auto last = part_of(asked, 3);
  const auto is = [&](Method method, std::string_view name) {
    return asked.method == method && kind == name;
  };
  switch (about) {
    case About::anything:
      return true;
    case About::log_page:
      return is(Method::get, "logs");
    case About::append:
      return is(Method::post, "logs");
    case About::any_log:
      return kind == "logs" || kind == "objects";
    case About::record:
      return is(Method::get, "objects") && !last.empty();
    case About::record_end:
      return is(Method::delete_, "objects");
    case About::placement:
      return is(Method::post, "placements") && !one;
    case About::placement_end:
      return is(Method::delete_, "placements");
    case About::vouchers:
      return is(Method::post, "placements") && last == "vouchers";
    case About::account:
      return is(Method::get, "account");
    case About::revocation:
      return is(Method::post, "permits");
    case About::hosts:
      return is(Method::get, "hosts");
    case About::share_put:
      return is(Method::post, "shares") && !one;
    case About::share_list:
      return is(Method::get, "shares") && !one;
    case About::share:
      return is(Method::get, "shares") && one;
    case About::share_end:
      return is(Method::delete_, "shares");
    case About::leases:
      return is(Method::post, "shares") && last == "leases";
  }
  return false;
}

std::optional<About> about_named(std::string_view name) {
  for (const auto& [known, about] : kNames)
    if (known == name) return about;
  return std::nullopt;
}

std::uint64_t query_number(const Asked& asked, std::string_view name, std::uint64_t otherwise) {
  const auto at = asked.target.find('?');
  if (at == std::string::npos) return otherwise;
  const auto text = serve::query_value(std::string_view(asked.target).substr(at + 1), name);
  std::uint64_t number = otherwise;
  if (text) std::from_chars(text->data(), text->data() + text->size(), number);
  return number;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

cheat::Told told(int status, std::string body, std::string content_type) {
  cheat::Told out;
  out.status = status;
  out.content_type = std::move(content_type);
  out.body = std::move(body);
  return out;
}

cheat::Told page_of(const Log& log, const Asked& asked) {
  const auto after = query_number(asked, "after", 0);
  const auto limit = query_number(asked, "limit", 1024);
  std::string body;
  for (std::uint64_t i = after; i < std::min<std::uint64_t>(log.lines.size(), after + limit); ++i)
    body += log.lines[i] + '\n';
  auto out = told(200, std::move(body), "application/jsonl");
  out.headers.emplace_back("Inxt-Log-Seq", std::to_string(log.head.seq));
  out.headers.emplace_back("Inxt-Log-Head", to_hex(log.head.hash));
  return out;
}

}  // namespace inxt::evil
