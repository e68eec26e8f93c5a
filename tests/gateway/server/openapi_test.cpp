// The document of the API says what is routed, and nothing else.

#include "gateway/server/openapi.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "gateway/http/routes.h"
#include "gateway/server/answer.h"

namespace gateway::server {
namespace {

using http::Method;
using nlohmann::json;

struct Named {
  const char* name;
  Method method;
};
constexpr std::array kMethods{Named{"get", Method::Get}, Named{"post", Method::Post},
                              Named{"put", Method::Put}, Named{"delete", Method::Delete}};

json document() {
  return json::parse(openapi_text("1.2.3"), nullptr, false);
}

/// As OpenAPI writes it.
std::string written(std::string_view path) {
  const std::size_t star = path.find('*');
  if (star == std::string_view::npos) return std::string{path};
  const bool is_file = path.starts_with("/pages/");
  return std::string{path.substr(0, star)} + (is_file ? "{file}" : "{id}");
}

/// Every reference in it.
void collect(const json& part, std::set<std::string>& references) {
  if (part.is_object() && part.contains("$ref")) references.insert(part["$ref"]);
  if (!part.is_structured()) return;
  for (const json& member : part)
    collect(member, references);
}

TEST(OpenApi, IsADocumentOfItsVersion) {
  const json all = document();
  ASSERT_TRUE(all.is_object());
  EXPECT_EQ(all["openapi"], "3.1.0");
  EXPECT_EQ(all["info"]["version"], "1.2.3");
}

TEST(OpenApi, EachRouteStandsInItWithItsMethods) {
  const json paths = document()["paths"];
  for (const auto& route : usual_routes()) {
    const std::string path = written(route.path);
    ASSERT_TRUE(paths.contains(path)) << path;
    for (const Named& method : kMethods) {
      if (!route.methods.has(method.method)) continue;
      ASSERT_TRUE(paths[path].contains(method.name)) << method.name << " " << path;
      const json& operation = paths[path][method.name];
      EXPECT_FALSE(operation.value("summary", "").empty()) << path;
      EXPECT_FALSE(operation["responses"].empty()) << path;
      if (route.body_bytes_max > 0) continue;
      EXPECT_FALSE(operation.contains("requestBody")) << path;
    }
  }
}

TEST(OpenApi, EachPathOfItIsRouted) {
  const json paths = document()["paths"];
  for (const auto& [path, operations] : paths.items()) {
    if (path == kWebSocketPath || path == kStreamPath) continue;
    for (const Named& method : kMethods) {
      if (!operations.contains(method.name)) continue;
      const auto found = http::find_route(usual_routes(), method.method, path);
      EXPECT_TRUE(std::holds_alternative<http::Found<Endpoint>>(found))
          << method.name << " " << path;
    }
  }
  EXPECT_TRUE(paths.contains(kWebSocketPath));
  EXPECT_TRUE(paths.contains(kStreamPath));
}

TEST(OpenApi, EachReferenceLeadsSomewhereAndEachPartIsReferredTo) {
  const json all = document();
  std::set<std::string> references;
  collect(all, references);
  for (const std::string& reference : references)
    EXPECT_TRUE(all.contains(json::json_pointer(reference.substr(1)))) << reference;
  for (const char* group : {"parameters", "responses", "schemas"}) {
    for (const auto& [name, part] : all["components"][group].items()) {
      const std::string reference = std::string{"#/components/"} + group + "/" + name;
      EXPECT_TRUE(references.contains(reference)) << reference;
    }
  }
}

}  // namespace
}  // namespace gateway::server
