#include "gateway/auth/jws.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "gateway/auth/base64url.h"

namespace gateway::auth {
namespace {

using Json = nlohmann::json;

struct Parts {
  std::string_view header;
  std::string_view payload;
  std::string_view signature;
  std::string_view text;  // header.payload: what is signed
};

std::optional<Parts> split(std::string_view token) {
  if (token.size() > kTokenBytesMax) return std::nullopt;
  const std::size_t first = token.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const std::size_t second = token.find('.', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  Parts parts{.header = token.substr(0, first),
              .payload = token.substr(first + 1, second - first - 1),
              .signature = token.substr(second + 1),
              .text = token.substr(0, second)};
  if (parts.signature.find('.') != std::string_view::npos) return std::nullopt;
  return parts;
}

struct Header {
  Algorithm algorithm;
  std::optional<std::string> kid;
};

ingest::Result<Header, JwsFault> read_header(std::string_view encoded) {
  const auto text = decode_base64url(encoded);
  if (!text) return ingest::Failure{JwsFault::Malformed};
  const Json json = Json::parse(*text, nullptr, false);
  if (!json.is_object()) return ingest::Failure{JwsFault::Malformed};
  const auto alg = json.find("alg");
  if (alg == json.end() || !alg->is_string()) return ingest::Failure{JwsFault::Malformed};
  const auto algorithm = read_algorithm(*alg->get_ptr<const std::string*>());
  // RFC 7515 section 4.1.11: what `crit` names must be understood, and we understand none of it.
  if (!algorithm || json.contains("crit")) return ingest::Failure{JwsFault::UnknownAlgorithm};
  Header header{.algorithm = *algorithm, .kid = std::nullopt};
  const auto kid = json.find("kid");
  if (kid == json.end()) return header;
  if (!kid->is_string()) return ingest::Failure{JwsFault::Malformed};
  header.kid = *kid->get_ptr<const std::string*>();
  return header;
}

}  // namespace

std::string_view jws_fault_text(JwsFault fault) {
  switch (fault) {
    case JwsFault::Malformed:
      return "not a signed token";
    case JwsFault::UnknownAlgorithm:
      return "an algorithm other than HS256, RS256, ES256, or a critical extension";
    case JwsFault::BadSignature:
      return "not signed by a key of auth.jwt.jwks";
  }
  return {};
}

ingest::Result<Opened, JwsFault> open_jws(std::string_view token, const KeySet& keys) {
  const auto parts = split(token);
  if (!parts) return ingest::Failure{JwsFault::Malformed};
  Header header = TRY(read_header(parts->header));
  auto payload = decode_base64url(parts->payload);
  const auto signature = decode_base64url(parts->signature);
  if (!payload || !signature) return ingest::Failure{JwsFault::Malformed};
  const Signed message{.algorithm = header.algorithm,
                       .kid = std::move(header.kid),
                       .text = parts->text,
                       .signature = *signature};
  const auto key = keys.verifies(message);
  if (!key) return ingest::Failure{JwsFault::BadSignature};
  return Opened{.payload = *std::move(payload), .key = *key};
}

}  // namespace gateway::auth
