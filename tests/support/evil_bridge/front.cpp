// SPDX-License-Identifier: AGPL-3.0-or-later
#include <fstream>
#include <sstream>

#include "base/encoding.h"
#include "evil_bridge/evil.h"

namespace inxt::evil {
namespace {

std::string text_of_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

Args words_of(const std::string& line) {
  Args words;
  std::stringstream stream(line);
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

const Attack& attack_named(const std::string& name) {
  for (const auto list : {log_attacks(), append_attacks(), record_attacks(), placement_attacks(),
                          host_attacks(), share_attacks()})
    for (const Attack& attack : list)
      if (attack.name == name) return attack;
  std::fprintf(stderr, "evil-bridge: no attack %s\n", name.c_str());
  std::abort();
}

About about_of(const Args& words, std::size_t at) {
  const auto about = about_named(words.at(at));
  CHECK_BUG(about.has_value());
  return *about;
}

Result<Ending> ending_of(const std::string& name) {
  if (name == "cut") return Ending::cut;
  if (name == "endless") return Ending::endless;
  if (name == "silent") return Ending::silent;
  return fail(Code::usage, "no ending " + name);
}

/// What any answer can be made into.  Nothing: the order is about something else.
Awaitable<std::optional<Answer>> change(Scene& scene, const Args& words, const Asked& asked) {
  const std::string& verb = words.at(0);
  if (verb == "json" && is_about(asked, about_of(words, 2))) {
    Answer out = co_await scene.answer(asked);
    out.told.body = must(hostile_json(words.at(1), out.told.body));
    co_return out;
  }
  if (verb == "status" && is_about(asked, about_of(words, 2)))
    co_return Answer(
        told(std::stoi(words.at(1)), "{\"error\":\"odd\",\"message\":\"\\u001b[31mred\\n\\u202e\"}\n"));
  if (verb == "end" && is_about(asked, about_of(words, 2))) {
    Answer out = co_await scene.answer(asked);
    out.ending = must(ending_of(words.at(1)));
    co_return out;
  }
  if (verb == "redirect" && is_about(asked, about_of(words, 1))) {
    Answer out{told(302, {})};
    out.told.headers.emplace_back("Location", "https://" + scene.address + "/v1/health");
    co_return out;
  }
  if (verb == "noise" && is_about(asked, about_of(words, 1))) {
    Answer out = co_await scene.answer(asked);
    Bytes noise(3000);
    scene.random.fill(noise);
    out.told.body = text_of(noise);
    co_return out;
  }
  if (verb == "empty" && is_about(asked, about_of(words, 1))) {
    Answer out = co_await scene.answer(asked);
    out.told.body.clear();
    co_return out;
  }
  co_return std::nullopt;
}

bool is_change(const std::string& verb) {
  return verb == "json" || verb == "status" || verb == "end" || verb == "redirect" || verb == "noise" ||
         verb == "empty";
}

}  // namespace

void EvilBridge::hit(const std::string& order, const Asked& asked) {
  std::ofstream(hits_, std::ios::app)
      << order << ": " << net::method_name(asked.method) << ' ' << asked.target << '\n';
}

Awaitable<Answer> EvilBridge::answer(const Asked& asked) {
  const std::string orders = text_of_file(control_);
  if (orders != orders_) scene_.counts.clear();
  orders_ = orders;
  for (const std::string& order : lines_of(orders)) {
    Args words = words_of(order);
    if (words.empty()) continue;
    const bool once = words.front() == "once";
    if (once) words.erase(words.begin());
    if (once && scene_.counts[order] > 0) continue;
    if (is_change(words.front())) {
      auto changed = co_await change(scene_, words, asked);
      if (!changed) continue;
      ++scene_.counts[order];
      hit(order, asked);
      co_return *std::move(changed);
    }
    const Attack& attack = attack_named(words.front());
    if (!is_about(asked, attack.about)) continue;
    ++scene_.counts[order];
    hit(order, asked);
    words.erase(words.begin());
    co_return co_await attack.mount(scene_, words, asked);
  }
  Answer out = co_await scene_.answer(asked);
  if (is_about(asked, About::append) && out.told.status == 201)  // for another-log
    for (const auto& line : lines_of(asked.body))
      if (format::open_entry_head(line)) scene_.kept["log " + part_of(asked, 2)] += line + '\n';
  co_return out;
}

Awaitable<void> EvilBridge::handle(net::ServerRequest& request, net::ServerResponse& response) {
  Asked asked;
  asked.method = request.method();
  asked.target = request.target();
  asked.headers.assign(request.headers().begin(), request.headers().end());
  asked.peer = request.peer_key();
  asked.address = request.peer_address();
  Result<Bytes> body = co_await request.read_all(std::size_t{32} << 20);
  if (!body) co_return;
  asked.body = text_of(*body);
  const Answer out = co_await answer(asked);
  std::vector<net::Header> headers;
  for (const auto& header : out.told.headers)
    if (header.name.starts_with("Inxt-") || header.name == "Location") headers.push_back(header);
  headers.emplace_back("Content-Type", out.told.content_type);
  const ByteView bytes = view_of(out.told.body);
  Result<void> sent;
  switch (out.ending) {
    case Ending::whole:
      sent = co_await response.send(out.told.status, std::move(headers), bytes);
      break;
    case Ending::cut:
      response.begin(out.told.status, std::move(headers), bytes.size() * 2 + 100);
      sent = co_await response.send_part(bytes);
      break;
    case Ending::endless: {
      response.begin(out.told.status, std::move(headers), std::uint64_t{1} << 40);
      const Bytes noise(65536, std::byte{'['});
      while (sent) sent = co_await response.send_part(noise);
      break;
    }
    case Ending::silent:
      co_await net::sleep_for(std::chrono::hours(1));
      break;
  }
}

}  // namespace inxt::evil
