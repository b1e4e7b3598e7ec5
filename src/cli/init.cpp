// `telltale init`: looks at a broker or a file and writes a first site.yaml and tags.csv that run at once.
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <random>

#include "cli/command.h"
#include "cli/detect_rows.h"
#include "cli/init_files.h"
#include "cli/json_writer.h"
#include "cli/words_for_people.h"
#include "clients/mqtt.h"
#include "core/clock.h"
#include "decoders/input_file.h"
#include "decoders/mapping.h"
#include "machines/units.h"

namespace telltale::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_messages = 200'000, most_bytes = 64u << 20;  // what is kept while listening

struct Heard {
  std::string topic, payload;
  bool retained;
  Time arrival;
};

std::string fresh_client_id() {
  std::random_device random;
  return "telltale-init-" + std::to_string(::getpid()) + "-" + std::to_string(random() % 1'000'000);
}

/// Listens as a guest: QoS 0, a client id of its own, a session that the broker forgets. Nothing is acknowledged for anybody else.
Result<std::vector<Heard>> listen(const Call& call, const clients::MqttUrl& broker, const std::vector<std::string>& topics) {
  clients::MqttOptions options{.broker = broker, .client_id = fresh_client_id(), .keep_session = false};
  options.tls = {.ca = call.text("--ca"), .certificate = call.text("--certificate"), .key = call.text("--key")};
  if (auto files = clients::check_tls_files(options.tls); !files) return std::unexpected(files.error());
  auto client = clients::MqttClient::connect(options);
  if (!client) return std::unexpected(client.error());
  call.console.say("connected to " + broker.shown());
  if (auto subscribed = (*client)->subscribe(topics, 0); !subscribed) return std::unexpected(subscribed.error());
  const Nanoseconds patience = call.duration("--for", std::chrono::seconds(30));
  std::string filters;
  for (const std::string& t : topics) filters += (filters.empty() ? "" : ", ") + t;
  call.console.say("subscribed to " + filters + ", listening for " + to_words(patience));
  const auto end =
      clients::MqttClient::Deadline::clock::now() + std::chrono::duration_cast<clients::MqttClient::Deadline::duration>(patience);
  Progress progress(call.console, "listening", "messages");
  std::vector<Heard> heard;
  std::size_t bytes = 0;
  while (clients::MqttClient::Deadline::clock::now() < end && heard.size() < most_messages && bytes < most_bytes) {
    clients::MqttInbox some;
    if (auto received = (*client)->receive(some, {.messages = 1000, .bytes = 1 << 20}, end); !received)
      return std::unexpected(received.error());
    if (auto done = (*client)->acknowledge(); !done) return std::unexpected(done.error());
    bytes += some.bytes();
    for (std::size_t k = 0; k < some.size(); ++k) {
      const auto m = some[k];
      heard.push_back({std::string(m.topic), std::string(m.payload), m.retained, Clock::system().now()});
    }
    progress.at(heard.size());
  }
  return heard;
}

Result<Survey> survey_with(const std::string& mapping, const std::vector<Heard>& heard) {
  Names names;
  const machines::Plant nobody;
  auto decoder = decoders::make_decoder(mapping, "", nobody, names, {.reject_future = false});
  if (!decoder) return std::unexpected(decoder.error());
  MessageSurvey survey(names);
  for (const Heard& h : heard) survey.take(**decoder, h.topic, h.payload, h.arrival, h.retained);
  return survey.result();
}

/// Units that a shipped mapping knows of its sender.
void take_units(Survey& survey, const decoders::Mapping& mapping) {
  for (SeenSignal& s : survey.signals)
    for (const auto& known : mapping.signals)
      if (known.signal == s.signal && !known.unit.empty()) {
        s.unit = machines::unit_code(known.unit);
        s.unit_guessed = false;
      }
}

struct Understood {
  std::string mapping;
  Survey survey;
};

/// A shipped mapping whose topics fit and that leaves nothing over; else the one that finds the usual names by itself.
Result<Understood> understand(const std::vector<Heard>& heard) {
  for (const std::string_view name : decoders::mapping_names()) {
    const auto mapping = decoders::find_mapping(std::string(name), "");
    if (!mapping || mapping->topic.empty()) continue;
    auto survey = survey_with(std::string(name), heard);
    if (!survey || !survey->skipped.empty() || survey->signals.empty()) continue;
    take_units(*survey, *mapping);
    return Understood{std::string(name), std::move(*survey)};
  }
  auto survey = survey_with("", heard);
  if (!survey) return std::unexpected(survey.error());
  return Understood{"", std::move(*survey)};
}

/// Prints what was found, writes both files, or adds to the tags of an earlier run.
class Writing {
 public:
  Writing(const Call& call, FirstSite first, Survey survey)
      : call_(call), first_(std::move(first)), survey_(std::move(survey)), folder_(call.text("--dir", ".")) {}

  int run() {
    if (survey_.signals.empty()) return nothing();
    std::error_code ignored;
    const std::string site = place("site.yaml"), tags = place("tags.csv");
    if (fs::exists(tags, ignored)) return again(tags);
    if (fs::exists(site, ignored))
      return call_.fail(status::failure, site + " is there already, without a tags.csv beside it",
                        "name another folder with --dir: an existing file is never overwritten");
    list(survey_.signals);
    for (const auto& [path, text] : {std::pair{tags, tags_text(survey_.signals, true)}, std::pair{site, site_text(first_, survey_)}})
      if (auto written = write_whole(path, text); !written) return call_.fail(written.error());
    finish(survey_.signals.size(), "written", "Wrote " + site + " and " + tags + ". Next: telltale run " + site);
    return status::ok;
  }

 private:
  std::string place(const char* name) const { return folder_ == "." ? name : (fs::path(folder_) / name).string(); }

  int nothing() const {
    list_skipped();
    return call_.fail(status::not_found, "no signal was found in " + first_.from,
                      "look at what was skipped, or name other topics with --topic");
  }

  /// A later run changes nothing that a person may have edited: it lists what is new, and with --add appends it.
  int again(const std::string& tags) const {
    const auto old = decoders::read_input(tags);
    if (!old) return call_.fail(old.error());
    const auto known = tags_in(*old);
    std::vector<SeenSignal> fresh;
    for (const SeenSignal& s : survey_.signals)
      if (!known.contains({s.asset, s.signal})) fresh.push_back(s);
    list(fresh);
    if (fresh.empty()) {
      finish(0, "unchanged",
             "Nothing new: " + counted(survey_.signals.size(), "signal stands", "signals stand") + " in " + tags + " already");
    } else if (!call_.has("--add")) {
      finish(fresh.size(), "unchanged", grouped(fresh.size()) + " new, not yet in " + tags + ". Append them: --add");
    } else {
      if (auto written = write_whole(tags, *old + (old->ends_with('\n') ? "" : "\n") + tags_text(fresh, false)); !written)
        return call_.fail(written.error());
      finish(fresh.size(), "added", "Added " + counted(fresh.size(), "signal", "signals") + " to " + tags);
    }
    return status::ok;
  }

  void list(const std::vector<SeenSignal>& signals) const {
    const Console& console = call_.console;
    std::string asset;
    for (const SeenSignal& s : signals) {
      if (console.json) {
        console.line(Json()
                         .add("source", s.source)
                         .add("asset", s.asset)
                         .add("signal", s.signal)
                         .add("unit", s.unit)
                         .add("unit_guessed", s.unit_guessed)
                         .add("sample", s.sample)
                         .add("low", s.low)
                         .add("high", s.high)
                         .add("readings", s.count)
                         .text());
        continue;
      }
      if (asset != s.asset) console.line(console.painted(Paint::bold, asset = s.asset));
      std::string name = s.signal + (s.unit.empty() ? "" : " [" + machines::unit_sign(s.unit) + "]") + (s.unit_guessed ? " ?" : "");
      if (name.size() < 30) name.resize(30, ' ');
      console.line("  " + name + "  " + rounded(s.sample, 6) + (s.source == s.signal ? "" : "   from " + s.source));
    }
    list_skipped();
  }

  void list_skipped() const {
    for (const Skipped& s : survey_.skipped) {
      if (call_.console.json)
        call_.console.line(Json().add("skipped", s.what).add("why", s.why).add("times", s.count).add("sample", s.sample).text());
      else
        call_.console.line("Skipped: " + s.what + ": " + s.why + (s.count > 1 ? " (" + grouped(s.count) + " times)" : ""));
    }
  }

  void finish(std::size_t n, const char* did, const std::string& words) const {
    if (call_.console.json)
      call_.console.line(Json().add("status", "ok").add("did", did).add("signals", n).add("skipped", survey_.skipped.size()).text());
    else
      call_.console.line(words);
  }

  const Call& call_;
  const FirstSite first_;
  const Survey survey_;
  const std::string folder_;
};

/// The part of a URL that may stand in a file: without account and password.
std::vector<std::string> mqtt_source(const Call& call, const clients::MqttUrl& broker, const std::vector<std::string>& topics,
                                     const Understood& understood) {
  std::string filters;
  for (const std::string& t : topics) filters += (filters.empty() ? "" : ", ") + json_string(t);
  std::vector<std::string> lines{"name: broker", "mqtt:", "  url: " + json_string(broker.shown()), "  topic: [" + filters + "]"};
  if (!broker.user.empty()) {
    lines.push_back("  user: " + json_string(broker.user));
    lines.push_back("  password: \"${MQTT_PASSWORD}\"  # not written down: set it in the environment");
  }
  for (const auto& [option, key] :
       {std::pair{"--ca", "tls.ca"}, std::pair{"--certificate", "tls.certificate"}, std::pair{"--key", "tls.key"}})
    if (call.has(option))
      lines.push_back("  " + std::string(key) + ": " + json_string(fs::absolute(call.text(option)).lexically_normal().string()));
  if (!understood.mapping.empty()) lines.push_back("mapping: " + understood.mapping + "  # ? its topics and fields fit");
  if (const std::string zone = zone_line(understood.survey, call.text("--zone")); !zone.empty()) lines.push_back(zone);
  return lines;
}

int init_from_broker(Call& call) {
  const auto broker = clients::parse_mqtt_url(call.words[0]);
  if (!broker) return call.fail(status::usage, broker.error().message, broker.error().hint);
  const std::vector<std::string> topics = call.has("--topic") ? call.texts("--topic") : std::vector<std::string>{"#"};
  const auto heard = listen(call, *broker, topics);
  if (!heard) return call.fail(heard.error());
  if (heard->empty())
    return call.fail(
        status::not_found,
        "connected, authorised and subscribed, but no message came in " + to_words(call.duration("--for", std::chrono::seconds(30))),
        "is anybody sending? Other topics: --topic; longer: --for 5min; some brokers hide topics from accounts without rights to them");
  auto understood = understand(*heard);
  if (!understood) return call.fail(understood.error());
  FirstSite first{.site = broker->host,
                  .site_note = "the broker's name",
                  .from = broker->shown() + ", " + counted(heard->size(), "message", "messages")};
  const std::string& topic = heard->front().topic;
  if (const std::size_t slash = topic.find('/'); slash != std::string::npos && slash > 0) {
    first.site = topic.substr(0, slash);
    first.site_note = "the first level of the topics";
  }
  first.source = mqtt_source(call, *broker, topics, *understood);
  return Writing(call, std::move(first), std::move(understood->survey)).run();
}

/// Columns that number rows or only count up say nothing about a machine's health.
std::string ignored_columns(const decoders::Table& table) {
  std::string names;
  for (const auto& c : table.columns)
    if (c.kind == decoders::ColumnKind::index || c.kind == decoders::ColumnKind::counter)
      names += (names.empty() ? "" : ", ") + json_string(c.name);
  return names;
}

int init_from_file(Call& call) {
  const std::string& path = call.words[0];
  auto bytes = decoders::read_input(path);
  if (!bytes)
    return call.fail(bytes.error().kind == ErrorKind::closed ? status::not_found : status::failure, bytes.error().message,
                     bytes.error().hint);
  decoders::TableOptions options{
      .time_column = call.text("--time-col"), .time_format = call.text("--time-format"), .zone = call.text("--zone")};
  const auto table = decoders::read_table(std::move(*bytes), options);
  if (!table) return call.fail(status::failure, path + ": " + table.error().message, table.error().hint);
  const std::string stem = path == "-" ? "file" : fs::path(decoders::without_packing(path)).stem().string();
  const std::string asset = call.text("--asset", stem);
  FirstSite first{.site = stem, .site_note = "the file's name", .from = path + ", " + counted(table->rows(), "row", "rows")};
  Survey survey = survey_of(*table, asset);
  std::error_code ignored;
  first.source = {"name: " + yaml_text(stem), "csv:", "  file: " + json_string(fs::absolute(path, ignored).lexically_normal().string())};
  if (table->assets.empty()) first.source.push_back("  asset: " + yaml_text(asset) + (call.has("--asset") ? "" : "  # ? the file's name"));
  for (const auto& [option, key] : {std::pair{"--time-col", "time_column"}, std::pair{"--time-format", "time_format"}})
    if (call.has(option)) first.source.push_back("  " + std::string(key) + ": " + json_string(call.text(option)));
  if (const std::string ignore = ignored_columns(*table); !ignore.empty())
    first.source.push_back("  ignore: [" + ignore + "]  # ? they count");
  first.source.push_back("  speed: 1  # as recorded; 60: an hour in a minute; 0: as fast as can be");
  first.source.push_back("  shift: now  # the history seems to happen now; none: at its own times");
  if (const std::string zone = zone_line(survey, call.text("--zone")); !zone.empty()) first.source.push_back(zone);
  return Writing(call, std::move(first), std::move(survey)).run();
}

int run_init(Call& call) { return call.words[0].contains("://") ? init_from_broker(call) : init_from_file(call); }

}  // namespace

Command init() {
  return {
      .word = "init",
      .about = "Looks at a broker or a file and writes a first site.yaml and tags.csv",
      .examples = {"telltale init mqtt://localhost", "telltale init mqtts://broker:8883 --topic 'plant/#' --for 5min --ca ca.pem",
                   "telltale init pump.csv --asset P-101"},
      .arguments = "mqtt://HOST | FILE",
      .least_words = 1,
      .most_words = 1,
      .options = {{"--topic", "FILTER,..", "topics to listen to (#: all)", OptionKind::texts},
                  {"--for", "TIME", "how long to listen (30s)", OptionKind::duration},
                  {"--asset", "NAME", "the asset that a file is of (its name)", OptionKind::text},
                  {"--time-col", "COL", "the column that holds a file's time", OptionKind::text},
                  {"--time-format", "FORMAT", "dmy, mdy, ymd, s, ms, us, ns, counter, or a pattern such as '%d.%m.%Y %H:%M:%S'",
                   OptionKind::text},
                  {"--zone", "ZONE", "the zone of times that say none: +02:00", OptionKind::text},
                  {"--ca", "PEM", "the authority that signed the broker's certificate", OptionKind::text},
                  {"--certificate", "PEM", "our own certificate, where the broker wants one", OptionKind::text},
                  {"--key", "PEM", "its private key", OptionKind::text},
                  {"--dir", "DIR", "where to write (.)", OptionKind::text},
                  {"--add", {}, "a later run: append what is new to tags.csv"}},
      .notes =
          "It listens as a guest: QoS 0, a client id of its own, nothing is acknowledged for others. Guesses are marked \"# ?\" with a "
          "sample.\n"
          "Ranges that were seen stay comments; they are never limits. An existing file is never overwritten: a later run lists what is "
          "new.\n",
      .run = run_init,
  };
}

}  // namespace telltale::cli
