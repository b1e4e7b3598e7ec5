// `telltale dead-letters`: what came in and could not be used. Beside a running engine through its API; a stopped directory is only read.
#include <charconv>
#include <optional>

#include "cli/api_client.h"
#include "cli/command.h"
#include "cli/json_reader.h"
#include "cli/json_writer.h"
#include "cli/words_for_people.h"
#include "stores/store.h"

namespace telltale::cli {
namespace {

namespace json = boost::json;

/// One dead letter, wherever it comes from.
struct Letter {
  std::string id, source, reason, message, topic, last, replayed, content, encoding;
  std::uint64_t count = 1;
  bool settings_changed = false;
};

/// Where dead letters are: an engine that answers, or a directory on this machine.
class Letters {
 public:
  virtual ~Letters() = default;
  /// Newest first. @param limit  0: all
  virtual Result<std::vector<Letter>> list(const Call& call, std::size_t limit) = 0;
  virtual Result<Letter> show(const std::string& id) = 0;
};

Letter letter_of(const json::object& o) {
  return {.id = text_in(o, "id"),
          .source = text_in(o, "source"),
          .reason = text_in(o, "reason"),
          .message = text_in(o, "message"),
          .topic = text_in(o, "topic"),
          .last = text_in(o, "last"),
          .replayed = text_in(o, "replayed"),
          .content = text_in(o, "content"),
          .encoding = text_in(o, "encoding"),
          .count = static_cast<std::uint64_t>(number_in(o, "count").value_or(1)),
          .settings_changed = o.if_contains("settings_changed") != nullptr && o.at("settings_changed") == json::value(true)};
}

class OfEngine final : public Letters {
 public:
  explicit OfEngine(std::string url) : api_(std::move(url)) {}
  const ApiClient& api() const { return api_; }

  Result<std::vector<Letter>> list(const Call& call, std::size_t limit) override {
    std::vector<Letter> found;
    for (std::string cursor;;) {
      ApiClient::Arguments arguments{{"limit", std::to_string(limit == 0 ? 1000 : std::min<std::size_t>(limit - found.size(), 1000))}};
      for (const char* name : {"source", "reason"})
        if (call.has(std::string("--") + name)) arguments.emplace_back(name, call.text(std::string("--") + name));
      if (call.has("--open")) arguments.emplace_back("state", "open");
      if (!cursor.empty()) arguments.emplace_back("cursor", cursor);
      const auto body = api_.get("/api/v1/dead-letters", arguments);
      const auto page = body ? json_object(*body, api_.base()) : std::unexpected(body.error());
      if (!page) return std::unexpected(page.error());
      for (const json::value& v : array_in(*page, "dead_letters"))
        if (v.is_object()) found.push_back(letter_of(v.as_object()));
      cursor = text_in(*page, "next_cursor");
      if (cursor.empty() || (limit != 0 && found.size() >= limit)) return found;
    }
  }
  Result<Letter> show(const std::string& id) override {
    const auto body = api_.get("/api/v1/dead-letters/" + url_encoded(id));
    const auto letter = body ? json_object(*body, api_.base()) : std::unexpected(body.error());
    if (!letter) return std::unexpected(letter.error());
    return letter_of(*letter);
  }

 private:
  const ApiClient api_;
};

class OfDirectory final : public Letters {
 public:
  explicit OfDirectory(std::unique_ptr<const stores::Reader> reader) : reader_(std::move(reader)) {}

  Result<std::vector<Letter>> list(const Call& call, std::size_t limit) override {
    stores::DeadLetterFilter filter{
        .source = call.text("--source"), .reason = call.text("--reason"), .limit = limit == 0 ? 10'000'000 : limit};
    if (call.has("--open")) filter.replayed = false;
    return rows(filter);
  }
  Result<Letter> show(const std::string& id) override {
    std::uint64_t number = 0;
    std::from_chars(id.data(), id.data() + id.size(), number);
    auto found = rows({.id = number, .limit = 1});
    if (!found) return std::unexpected(found.error());
    if (found->empty()) return failed(ErrorKind::closed, "there is no dead letter '" + id + "'", "telltale dead-letters lists them");
    return std::move(found->front());
  }

 private:
  Result<std::vector<Letter>> rows(const stores::DeadLetterFilter& filter) {
    const auto rows = reader_->dead_letters(filter);
    if (!rows) return std::unexpected(rows.error());
    std::vector<Letter> found;
    for (const auto& r : *rows)
      found.push_back({.id = std::to_string(r.id),
                       .source = r.source,
                       .reason = r.reason,
                       .message = r.text,
                       .topic = r.topic,
                       .last = to_rfc3339(r.last),
                       .replayed = r.replayed ? to_rfc3339(*r.replayed) : "",
                       .content = r.bytes,
                       .encoding = "text",
                       .count = r.count});
    return found;
  }
  const std::unique_ptr<const stores::Reader> reader_;
};

int fail(const Call& call, const Error& error) {
  return call.fail(error.kind == ErrorKind::closed ? status::not_found : status_of(error.kind), error.message, error.hint);
}

std::string as_json(const Letter& l, bool whole) {
  Json out;
  out.add("id", l.id).add("source", l.source).add("reason", l.reason).add("message", l.message).add("topic", l.topic);
  out.add("last", l.last).add("count", l.count).add("replayed", l.replayed);
  if (whole) out.add("encoding", l.encoding).add("content", l.content);
  return out.text();
}

void print(const Call& call, const Letter& l) {
  if (call.console.json) return call.console.line(as_json(l, false));
  const std::string more = l.count > 1 ? " x" + grouped(l.count) : "";
  call.console.line(call.console.painted(Paint::warning, l.reason + more) + "  " + l.source + (l.topic.empty() ? "" : " " + l.topic) +
                    "  " + l.message);
  call.console.line("    " + l.id + "  " + l.last + (l.replayed.empty() ? "" : "  replayed " + l.replayed) +
                    (l.settings_changed ? "  its source is read by other settings now" : ""));
}

int run_list(const Call& call, Letters& letters) {
  const auto found = letters.list(call, call.count("--limit", 100));
  if (!found) return fail(call, found.error());
  for (const Letter& l : *found) print(call, l);
  if (call.console.json)
    call.console.line(Json().add("status", "ok").add("dead_letters", found->size()).text());
  else if (found->empty())
    call.console.line("No dead letters.");
  return status::ok;
}

int run_show(const Call& call, Letters& letters) {
  const auto letter = letters.show(call.words[1]);
  if (!letter) return fail(call, letter.error());
  if (call.console.json) {
    call.console.line(as_json(*letter, true));
    return status::ok;
  }
  print(call, *letter);
  call.console.line(letter->encoding == "base64" ? "    (base64) " + letter->content : letter->content);
  return status::ok;
}

/// JSON lines with their bytes: what another program, or a later replay by hand, can read.
int run_export(const Call& call, Letters& letters) {
  const auto found = letters.list(call, 0);
  if (!found) return fail(call, found.error());
  for (const Letter& l : *found) {
    const auto whole = letters.show(l.id);
    if (!whole) return fail(call, whole.error());
    call.console.line(as_json(*whole, true));
  }
  return status::ok;
}

int run_replay(const Call& call, OfEngine& letters) {
  std::vector<std::string> ids(call.words.begin() + 1, call.words.end());
  if (ids.empty()) {
    const auto found = letters.list(call, 0);
    if (!found) return fail(call, found.error());
    for (auto l = found->rbegin(); l != found->rend(); ++l) ids.push_back(l->id);  // oldest first, as they came
  }
  std::size_t good = 0, refused = 0;
  for (const std::string& id : ids) {
    const auto body = letters.api().post("/api/v1/dead-letters/" + url_encoded(id) + "/replay", "{}");
    if (!body && body.error().kind != ErrorKind::refused) return fail(call, body.error());
    ++(body ? good : refused);
    if (call.console.json)
      call.console.line(body ? Json().add("id", id).raw("verdicts", *body).text()
                             : Json().add("id", id).add("refused", body.error().message).text());
    else
      call.console.line(id + "  " + (body ? *body : "not replayed: " + body.error().message));
  }
  if (call.console.json)
    call.console.line(Json().add("status", "ok").add("replayed", good).add("refused", refused).text());
  else
    call.console.line(counted(good, "dead letter", "dead letters") + " replayed, " + grouped(refused) + " could not be");
  return refused > 0 ? status::failure : status::ok;
}

int run_purge(const Call& call, OfEngine& letters) {
  Json wanted;
  bool any = false;
  const auto ask = [&](const char* name, const std::string& value) {
    if (value.empty()) return;
    wanted.add(name, value);
    any = true;
  };
  if (call.words.size() > 1) ask("id", call.words[1]);
  for (const char* name : {"source", "reason", "before"}) ask(name, call.text(std::string("--") + name));
  if (!any && !call.has("--yes"))
    return call.fail(status::usage, "purge takes all dead letters away for good",
                     "name an id, --source, --reason or --before, or add --yes");
  if (!any) wanted.add("all", "yes");
  const auto done = letters.api().post("/api/v1/dead-letters/purge", wanted.text());
  if (!done) return fail(call, done.error());
  call.console.line(call.console.json ? Json().add("status", "ok").text() : "They are gone.");
  return status::ok;
}

int run_dead_letters(Call& call) {
  const std::string word = call.words.empty() ? "list" : call.words[0];
  if (word == "show" && call.words.size() != 2)
    return call.fail(status::usage, "show needs the id of one dead letter", "telltale dead-letters lists them");
  OfEngine engine(url_of(call));
  if (word == "replay" || word == "purge") {
    if (call.has("--data"))
      return call.fail(status::usage, word + " needs a running engine: --data only reads", "start it and leave --data out");
    return word == "replay" ? run_replay(call, engine) : run_purge(call, engine);
  }
  std::optional<OfDirectory> directory;
  if (call.has("--data")) {
    auto reader = stores::open_local_read_only(call.text("--data"));
    if (!reader) return call.fail(reader.error());
    directory.emplace(std::move(*reader));
  }
  Letters& letters = directory ? static_cast<Letters&>(*directory) : engine;
  if (word == "list") return run_list(call, letters);
  if (word == "show") return run_show(call, letters);
  if (word == "export") return run_export(call, letters);
  return call.fail(status::usage, "dead-letters knows list, show, replay, export and purge, not '" + word + "'",
                   "telltale dead-letters list");
}

}  // namespace

Command dead_letters() {
  return {
      .word = "dead-letters",
      .about = "Lists, shows, replays, exports and purges what came in and could not be used",
      .examples = {"telltale dead-letters", "telltale dead-letters show 4194304",
                   "telltale dead-letters replay --source grid --reason no_time",
                   "telltale dead-letters export --data telltale-data > letters.jsonl"},
      .arguments = "[list | show ID | replay [ID...] | export | purge [ID]]",
      .least_words = 0,
      .most_words = 1000,
      .options = {{"--source", "NAME", "of this source only", OptionKind::text},
                  {"--reason", "REASON", "for this reason only", OptionKind::text},
                  {"--open", {}, "only those that no replay has turned into readings"},
                  {"--before", "TIME", "purge: last heard of before", OptionKind::text},
                  {"--limit", "N", "list: at most so many (100)", OptionKind::count},
                  {"--yes", {}, "purge: all of them"},
                  {"--data", "DIR", "read this data directory instead of asking an engine", OptionKind::text},
                  url_option()},
      .notes =
          "A replay decodes once more as the source does, with the time of the first arrival where a message has none: a second one\n"
          "finds duplicates and changes nothing. Exit status: 1 when one could not be replayed, 3 no such dead letter, 69 no engine.\n",
      .run = run_dead_letters,
  };
}

}  // namespace telltale::cli
