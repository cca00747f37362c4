// SPDX-License-Identifier: LGPL-3.0-or-later
#include "bridge/routes.h"

#include <algorithm>
#include <optional>

namespace inxt::bridge {

namespace {

struct Table {
  std::vector<RouteRule> rules;
  std::vector<std::size_t> actions;  // by rule
  std::vector<std::string_view> names;
};

Table make_table() {
  Table table;
  // One line a subject.
  for (const auto subject :
       {about_routes(), hosts_routes(), accounts_routes(), log_routes(), share_routes(), care_routes()})
    table.rules.insert(table.rules.end(), subject.begin(), subject.end());
  for (const RouteRule& rule : table.rules) {
    const auto known = std::ranges::find(table.names, rule.action);
    table.actions.push_back(static_cast<std::size_t>(known - table.names.begin()));
    if (known == table.names.end()) table.names.push_back(rule.action);
  }
  table.names.push_back("none");
  return table;
}

const Table& table() {
  static const Table made = make_table();
  return made;
}

std::string_view take_component(std::string_view& path) {
  const std::string_view component = path.substr(0, path.find('/'));
  path.remove_prefix(std::min(path.size(), component.size() + 1));
  return component;
}

/// What the stars stand for; nothing where the path is another.
std::optional<PathValues> match(std::string_view pattern, std::string_view path) {
  if (std::ranges::count(pattern, '/') != std::ranges::count(path, '/')) return std::nullopt;
  PathValues values;
  while (!pattern.empty() || !path.empty()) {
    const std::string_view wanted = take_component(pattern), given = take_component(path);
    if (wanted == "*" && !given.empty())
      values.emplace_back(given);
    else if (wanted != given)
      return std::nullopt;
  }
  return values;
}

}  // namespace

std::expected<Route, Refusal> route(net::Method method, std::string_view path) {
  std::string allowed;
  for (std::size_t i = 0; i < table().rules.size(); ++i) {
    const RouteRule& rule = table().rules[i];
    std::optional<PathValues> values = match(rule.path, path);
    if (!values) continue;
    if (rule.method == method)
      return Route{.rule = &rule, .action = table().actions[i], .values = *std::move(values)};
    allowed += (allowed.empty() ? "" : ", ") + std::string(net::method_name(rule.method));
  }
  if (!allowed.empty()) return serve::not_allowed(method, allowed);
  return refuse(404, Code::not_found, "there is nothing at this path");
}

const std::vector<std::string_view>& action_names() {
  return table().names;
}

}  // namespace inxt::bridge
