// One JSON text as a flat list of leaves, read with simdjson on demand.
#include "decoders/json_message.h"

#include <simdjson.h>

#include <cstring>
#include <unordered_set>

#include "decoders/json_number.h"

namespace telltale::decoders {
namespace {

namespace ondemand = simdjson::ondemand;

std::string_view trimmed(std::string_view t) {
  while (!t.empty() && static_cast<unsigned char>(t.back()) <= ' ') t.remove_suffix(1);
  while (!t.empty() && static_cast<unsigned char>(t.front()) <= ' ') t.remove_prefix(1);
  return t;
}

/// Texts that live as long as one message.
class Arena {
 public:
  std::string_view join(std::string_view a, std::string_view b, bool escape) {
    std::string& out = next();
    out.assign(a);
    if (!a.empty()) out += '/';
    for (const char c : b) {
      if (escape && c == '~')
        out += "~0";
      else if (escape && c == '/')
        out += "~1";
      else
        out += c;
    }
    return out;
  }
  void clear() { used_ = 0; }

 private:
  std::string& next() {
    if (used_ == texts_.size()) texts_.push_back(std::make_unique<std::string>());
    return *texts_[used_++];
  }
  std::vector<std::unique_ptr<std::string>> texts_;
  std::size_t used_ = 0;
};

/// Keys of one object: few are compared, many are hashed.
class KeysSeen {
 public:
  bool add(std::string_view key) {
    if (keys_.size() < 24) {
      for (const auto k : keys_) {
        if (k == key) return false;
      }
    } else {
      if (many_.empty()) many_.insert(keys_.begin(), keys_.end());
      if (!many_.insert(key).second) return false;
    }
    keys_.push_back(key);
    return true;
  }

 private:
  std::vector<std::string_view> keys_;
  std::unordered_set<std::string_view> many_;
};

}  // namespace

struct JsonReader::Parser {
  explicit Parser(const DecoderLimits& l) : limits(l) {}

  const DecoderLimits limits;
  ondemand::parser parser;
  ondemand::document document;
  std::string held;
  std::size_t held_size = 0;
  Arena arena;
  Message* message = nullptr;
  std::unique_ptr<Problem> problem;

  bool fail(DeadLetterReason reason, std::string text) {
    problem = std::make_unique<Problem>(Problem{reason, std::move(text)});
    return false;
  }
  bool fail(simdjson::error_code error) {
    if (error == simdjson::UTF8_ERROR) return fail(DeadLetterReason::invalid_utf8, "not valid UTF-8");
    if (error == simdjson::STRING_ERROR)
      return fail(DeadLetterReason::invalid_utf8, "a text holds an escape that stands for no character (a lone surrogate?)");
    if (error == simdjson::DEPTH_ERROR) return fail(DeadLetterReason::limit_exceeded, "nested too deep");
    return fail(DeadLetterReason::not_json, std::string("not JSON (RFC 8259): ") + simdjson::error_message(error));
  }

  std::size_t add_group(std::size_t parent) {
    if (message->n_groups == message->groups.size()) message->groups.emplace_back();
    Group& group = message->groups[message->n_groups];
    group.parent = parent;
    group.leaves.clear();
    group.bytes = {};
    group.duplicate_key = group.bare = false;
    return message->n_groups++;
  }

  std::size_t left(const char* at) const { return static_cast<std::size_t>(held.data() + held_size - at); }

  bool read_root(std::string_view text);
  bool read_value(ondemand::value value, std::size_t group, std::string_view path, std::size_t depth);
  bool read_object(ondemand::object object, std::size_t group, std::string_view path, std::size_t depth);
  bool read_array(ondemand::array array, std::size_t group, std::string_view path, std::size_t depth);
  bool read_text(ondemand::value value, std::string_view token, Leaf& leaf);
  void read_scalar(std::string_view token, Leaf& leaf);
};

JsonReader::JsonReader(const DecoderLimits& limits) : parser_(std::make_unique<Parser>(limits)) {}
JsonReader::~JsonReader() = default;

std::string_view JsonReader::hold(std::string_view payload) {
  std::string& held = parser_->held;
  held.resize(payload.size() + simdjson::SIMDJSON_PADDING);
  std::memcpy(held.data(), payload.data(), payload.size());
  std::memset(held.data() + payload.size(), 0, simdjson::SIMDJSON_PADDING);
  parser_->held_size = payload.size();
  return std::string_view(held).substr(0, payload.size());
}

std::unique_ptr<JsonReader::Problem> JsonReader::read(std::string_view text, Message& message) {
  Parser& p = *parser_;
  p.arena.clear();
  p.problem.reset();
  p.message = &message;
  message.n_groups = 0;
  if (text.empty())
    p.fail(DeadLetterReason::not_json, "not JSON (RFC 8259): nothing stands here");
  else
    p.read_root(text);
  return std::move(p.problem);
}

bool JsonReader::Parser::read_root(std::string_view text) {
  const std::size_t group = add_group(0);
  message->groups[group].bytes = text;
  if (auto error = parser.iterate(text.data(), text.size(), text.size() + left(text.data() + text.size()) + simdjson::SIMDJSON_PADDING)
                       .get(document))
    return fail(error);
  const char first = text.front();
  if (first != '{' && first != '[') {
    message->groups[group].bare = true;
    Leaf leaf;
    if (first == '"') {
      std::string_view words;
      if (auto error = document.get_string().get(words)) return fail(error);
      leaf.kind = Leaf::Kind::text;
      leaf.text = words;
      leaf.is_number = is_json_number(trimmed(words)) && read_number(trimmed(words), leaf.number);
    } else {
      read_scalar(text, leaf);
      if (leaf.kind == Leaf::Kind::bad)
        return fail(leaf.reason, "'" + std::string(text.substr(0, 40)) + "' is no value of JSON (RFC 8259)");
    }
    message->groups[group].leaves.push_back(leaf);
    return first != '"' || document.at_end() || fail(simdjson::TRAILING_CONTENT);
  }
  ondemand::value root;
  if (auto error = document.get_value().get(root)) return fail(error);
  if (!read_value(root, group, {}, 1)) return false;
  return document.at_end() || fail(simdjson::TRAILING_CONTENT);
}

bool JsonReader::Parser::read_text(ondemand::value value, std::string_view token, Leaf& leaf) {
  leaf.kind = Leaf::Kind::text;
  if (value.get_string().get(leaf.text)) {  // an escape that stands for no character: the leaf is lost, the message is not
    leaf.kind = Leaf::Kind::bad;
    leaf.reason = DeadLetterReason::invalid_utf8;
    leaf.text = trimmed(token);
    return true;
  }
  if (leaf.text.size() > limits.text)
    return fail(DeadLetterReason::limit_exceeded,
                "a text of " + std::to_string(leaf.text.size()) + " bytes; at most " + std::to_string(limits.text) + " are taken");
  const std::string_view number = trimmed(leaf.text);
  leaf.is_number = is_json_number(number) && read_number(number, leaf.number);
  return true;
}

void JsonReader::Parser::read_scalar(std::string_view token, Leaf& leaf) {
  leaf.text = token;
  if (token == "true" || token == "false") {
    leaf.kind = Leaf::Kind::truth;
    leaf.number = token == "true" ? 1 : 0;
    leaf.is_number = true;
  } else if (token == "null") {
    leaf.kind = Leaf::Kind::null;
  } else if (is_json_number(token) && read_number(token, leaf.number)) {
    leaf.kind = Leaf::Kind::number;
    leaf.is_number = true;
  } else {
    leaf.kind = Leaf::Kind::bad;
    leaf.reason = is_json_number(token) || token.find_first_of("0123456789NI") != token.npos ? DeadLetterReason::bad_number
                                                                                             : DeadLetterReason::not_json;
  }
}

bool JsonReader::Parser::read_value(ondemand::value value, std::size_t group, std::string_view path, std::size_t depth) {
  if (depth > limits.depth) return fail(DeadLetterReason::limit_exceeded, "nested deeper than " + std::to_string(limits.depth));
  const std::string_view token = value.raw_json_token();
  if (token.empty()) return fail(simdjson::TAPE_ERROR);
  // Behind the last token of a text that was cut off simdjson gives one that ends before it begins.
  if (token.size() > left(token.data())) return fail(simdjson::INCOMPLETE_ARRAY_OR_OBJECT);
  if (token.front() == '{') {
    ondemand::object object;
    if (auto error = value.get_object().get(object)) return fail(error);
    return read_object(object, group, path, depth);
  }
  if (token.front() == '[') {
    ondemand::array array;
    if (auto error = value.get_array().get(array)) return fail(error);
    return read_array(array, group, path, depth);
  }
  Leaf leaf;
  leaf.path = path;
  if (token.front() == '"') {
    if (!read_text(value, token, leaf)) return false;
  } else {
    read_scalar(trimmed(token), leaf);
  }
  message->groups[group].leaves.push_back(leaf);
  return true;
}

bool JsonReader::Parser::read_object(ondemand::object object, std::size_t group, std::string_view path, std::size_t depth) {
  KeysSeen keys;
  for (auto field : object) {
    std::string_view key;
    if (auto error = field.escaped_key().get(key)) return fail(error);
    if (key.find('\\') != key.npos) {
      if (auto error = field.unescaped_key().get(key)) return fail(error);
    }
    if (!keys.add(key)) message->groups[group].duplicate_key = true;
    const bool escape = key.find_first_of("/~") != key.npos;
    const std::string_view full = path.empty() && !escape ? key : arena.join(path, key, escape);
    if (full.size() > limits.name)
      return fail(DeadLetterReason::limit_exceeded,
                  "a name of " + std::to_string(full.size()) + " bytes; at most " + std::to_string(limits.name) + " are taken");
    ondemand::value value;
    if (auto error = field.value().get(value)) return fail(error);
    if (!read_value(value, group, full, depth + 1)) return false;
  }
  return true;
}

/// Objects in an array are groups of their own; numbers in an array have no name and stay together as one leaf.
bool JsonReader::Parser::read_array(ondemand::array array, std::size_t group, std::string_view path, std::size_t depth) {
  bool noted = false;
  for (auto element : array) {
    ondemand::value value;
    if (auto error = element.get(value)) return fail(error);
    const std::string_view token = value.raw_json_token();
    const std::size_t into = add_group(group);
    if (!read_value(value, into, {}, depth + 1)) return false;
    if (token.starts_with('{')) {
      const char* end = nullptr;
      if (document.current_location().get(end) || end < token.data()) end = token.data() + token.size();
      message->groups[into].bytes = trimmed({token.data(), static_cast<std::size_t>(end - token.data())});
      continue;
    }
    message->n_groups = into;  // read to be checked, not to be kept
    if (!noted) message->groups[group].leaves.push_back({.kind = Leaf::Kind::array, .path = path});
    noted = true;
  }
  return true;
}

}  // namespace telltale::decoders
