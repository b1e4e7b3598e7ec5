// Messages of the live stream that are not events: what a client may say, and what it is answered.
#include "api/live_messages.h"

#include <boost/json.hpp>

#include "api/json_out.h"

namespace telltale::api {
namespace {

namespace json = boost::json;
using NamesWanted = std::optional<std::set<std::string, std::less<>>>;

std::unexpected<Error> refused(std::string message, std::string hint) {
  return failed(ErrorKind::refused, std::move(message), std::move(hint));
}

Result<NamesWanted> names_of(const json::object& object, std::string_view field) {
  const json::value* value = object.if_contains(field);
  if (!value || value->is_null()) return NamesWanted{};
  const json::array* list = value->if_array();
  if (!list) return refused(std::string(field) + " is no list", "send a list of names, or leave it out for all");
  NamesWanted names(std::in_place);
  for (const json::value& name : *list) {
    if (!name.is_string()) return refused(std::string(field) + " holds something that is no text", "send a list of names");
    names->emplace(name.get_string());
  }
  return names;
}

Result<std::optional<LiveRequest::Resume>> resume_of(const json::object& object) {
  const json::value* value = object.if_contains("resume");
  if (!value || value->is_null()) return std::optional<LiveRequest::Resume>{};
  const json::object* resume = value->if_object();
  const json::value* session = resume ? resume->if_contains("session") : nullptr;
  const json::value* sequence = resume ? resume->if_contains("sequence") : nullptr;
  boost::system::error_code error;
  const auto number = sequence ? sequence->to_number<std::uint64_t>(error) : 0;
  if (!session || !session->is_string() || !sequence || error)
    return refused("resume is not {session, sequence}", "send both as the hello and the last event gave them");
  return LiveRequest::Resume{std::string(session->get_string()), number};
}

}  // namespace

std::string LiveFilter::key() const {
  std::string key;
  for (const NamesWanted* names : {&assets, &signals}) {
    key += *names ? '+' : '*';
    if (*names)
      for (const auto& name : **names) key += name + '\0';
    key += '\1';
  }
  return key;
}

Result<LiveRequest> parse_live_request(std::string_view text) {
  boost::system::error_code error;
  const json::value value = json::parse(text, error, {}, {.max_depth = 8});
  const json::object* object = error ? nullptr : value.if_object();
  if (!object) return refused("the message is no JSON object", "send {\"type\":\"subscribe\"}");
  const json::value* type = object->if_contains("type");
  if (!type || !type->is_string()) return refused("the message has no type", "send {\"type\":\"subscribe\"}");
  if (type->get_string() != "subscribe") return refused("type '" + std::string(type->get_string()) + "' is not known", "send subscribe");
  auto assets = names_of(*object, "assets");
  if (!assets) return std::unexpected(assets.error());
  auto signals = names_of(*object, "signals");
  if (!signals) return std::unexpected(signals.error());
  auto resume = resume_of(*object);
  if (!resume) return std::unexpected(resume.error());
  return LiveRequest{{std::move(*assets), std::move(*signals)}, std::move(*resume)};
}

std::string live_error(const Error& error) {
  JsonOut out;
  out.object().field("type", "error").key("error").object();
  out.field("kind", "bad_request").field("message", error.message).field("hint", error.hint).end().end();
  return out.take();
}

}  // namespace telltale::api
