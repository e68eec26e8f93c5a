#include "gateway/ws/extension.h"

#include <utility>

#include "gateway/ws/extension_reader.h"
#include "gateway/ws/header_text.h"

namespace gateway::ws {
namespace {

using ingest::Failure;

constexpr std::string_view kDeflate = "permessage-deflate";
constexpr std::string_view kServerFlag = "server_no_context_takeover";
constexpr std::string_view kClientFlag = "client_no_context_takeover";
constexpr std::string_view kServerBits = "server_max_window_bits";
constexpr std::string_view kClientBits = "client_max_window_bits";
/// zlib's compressor has no window of 8 bits, and what it makes instead does not fit one.
constexpr int kOurBitsMin = 9;
constexpr int kBitsMax = 15;

/// 8 to 15, in decimal without a leading zero (RFC 7692 section 7.1.2).
std::optional<int> parse_bits(std::string_view text) {
  if (text == "8" || text == "9") return text[0] - '0';
  if (text.size() == 2 && text[0] == '1' && text[1] >= '0' && text[1] <= '5')
    return 10 + (text[1] - '0');
  return std::nullopt;
}

struct WindowBits {
  bool named = false;
  std::optional<int> value;
  bool lacks_value() const { return named && !value; }
};

/// The parameters of one permessage-deflate, offered or answered.
struct Parameters {
  bool server_flag = false;
  bool client_flag = false;
  WindowBits server;
  WindowBits client;
};

bool add_flag(bool& flag, const ExtensionPart& part) {
  return !std::exchange(flag, true) && !part.value;
}

bool add_bits(WindowBits& bits, const ExtensionPart& part) {
  if (std::exchange(bits.named, true)) return false;
  if (!part.value) return true;
  bits.value = parse_bits(*part.value);
  return bits.value.has_value();
}

/// False for a parameter that is unknown, comes twice or has a wrong value (section 7.1).
bool add(Parameters& parameters, const ExtensionPart& part) {
  if (part.name == kServerFlag) return add_flag(parameters.server_flag, part);
  if (part.name == kClientFlag) return add_flag(parameters.client_flag, part);
  if (part.name == kServerBits) return add_bits(parameters.server, part);
  if (part.name == kClientBits) return add_bits(parameters.client, part);
  return false;
}

struct Offer {
  Parameters parameters;
  bool valid = true;
};

std::optional<DeflateChoice> take(const Offer& offer) {
  const WindowBits& server = offer.parameters.server;
  if (!offer.valid || server.lacks_value()) return std::nullopt;
  DeflateChoice choice;
  choice.agreement.server_max_window_bits = server.value.value_or(kBitsMax);
  if (choice.agreement.server_max_window_bits < kOurBitsMin) return std::nullopt;
  choice.answer.append(kDeflate).append("; ").append(kServerFlag).append("; ").append(kClientFlag);
  // Named, it is accepted by being answered (section 7.1.2.1). client_max_window_bits is only the
  // client's permission to ask for less, which we have no need of: memory is one inflater's.
  if (server.value) {
    choice.answer.append("; ")
        .append(kServerBits)
        .append("=")
        .append(std::to_string(*server.value));
  }
  return choice;
}

}  // namespace

ingest::Result<std::optional<DeflateChoice>, MalformedExtensions> choose_deflate(
    std::span<const std::string_view> lines) {
  ExtensionReader reader{lines};
  std::optional<DeflateChoice> choice;
  std::optional<Offer> offer;  // the one being read
  while (true) {
    const std::optional<ExtensionPart> part = TRY(reader.next());
    if (part && part->kind == ExtensionPart::Kind::Parameter) {
      if (offer) offer->valid = add(offer->parameters, *part) && offer->valid;
      continue;
    }
    if (offer && !choice) choice = take(*offer);
    if (!part) return choice;
    offer.reset();
    if (part->name == kDeflate) offer.emplace();
  }
}

namespace {

constexpr std::string_view kHeader = "Sec-WebSocket-Extensions";

Failure<std::string> wrong(std::string_view what) {
  return Failure{std::string{"the server's "}.append(kHeader).append(" ").append(what)};
}

ingest::Result<DeflateAgreement, std::string> agreement_of(const Parameters& answered) {
  if (answered.server.lacks_value() || answered.client.lacks_value())
    return wrong("names max_window_bits without a value");
  if (!answered.server_flag)
    return wrong("keeps its compression context, though the offer asked it not to");
  return DeflateAgreement{.server_max_window_bits = answered.server.value.value_or(kBitsMax),
                          .client_max_window_bits = answered.client.value.value_or(kBitsMax)};
}

}  // namespace

ingest::Result<std::optional<DeflateAgreement>, std::string> check_deflate_answer(
    std::span<const std::string_view> lines, Compression offered) {
  ExtensionReader reader{lines};
  std::optional<Parameters> answered;
  while (true) {
    const auto read = reader.next();
    if (!read) return wrong("is malformed");
    const std::optional<ExtensionPart>& part = *read;
    if (!part) break;
    if (part->kind == ExtensionPart::Kind::Parameter) {
      if (!add(*answered, *part))
        return wrong("has a parameter that was not offered or is wrong: " + quoted(part->name));
      continue;
    }
    if (offered == Compression::None || part->name != kDeflate)
      return wrong("names an extension that was not offered: " + quoted(part->name));
    if (answered) return wrong("names permessage-deflate twice");
    answered.emplace();
  }
  if (!answered) return std::optional<DeflateAgreement>{};
  return std::optional{TRY(agreement_of(*answered))};
}

}  // namespace gateway::ws
