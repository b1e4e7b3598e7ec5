// `telltale demo`: four simulated machines in one process, one of which fails and recovers; nothing beside it is needed.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <random>

#include "api/server.h"
#include "cli/command.h"
#include "cli/demo_story.h"
#include "cli/json_writer.h"
#include "cli/site_words.h"
#include "cli/stop_signals.h"
#include "cli/words_for_people.h"
#include "core/log.h"
#include "engine/engine.h"

namespace telltale::cli {
namespace {
using namespace std::chrono_literals;

/// The demo's data live in a folder of their own and go with it, unless the caller names one.
class DemoDirectory {
 public:
  explicit DemoDirectory(std::string given) : path_(std::move(given)) {
    if (!path_.empty()) return;
    std::string pattern = (std::filesystem::temp_directory_path() / "telltale-demo-XXXXXX").string();
    if (mkdtemp(pattern.data()) != nullptr) path_ = pattern;
    ours_ = true;
  }
  ~DemoDirectory() {
    std::error_code ignored;  // a leftover in the temporary folder harms nobody
    if (ours_ && !path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  DemoDirectory(const DemoDirectory&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  bool ours_ = false;
};

std::shared_ptr<const engine::Site> demo_site(Call& call, const std::string& directory) {
  engine::Overrides overrides;  // without the environment: the demo is the same everywhere
  overrides.flags["store.directory"] = RawValue{{directory}, false, {"demo"}};
  overrides.flags["log.level"] = RawValue{{call.text("--log", "error")}, false, {"flag --log"}};
  if (call.has("--listen")) overrides.flags["api.listen"] = RawValue{{call.text("--listen")}, false, {"flag --listen"}};
  const engine::SiteReading reading = engine::parse_site(demo_site_text(call.texts("--fault")), "demo", overrides);
  say_mistakes(call.console, reading);
  return reading.site;
}

/// On the address that was asked for; without a wish, on a free port when the usual one is taken.
Result<std::unique_ptr<api::Server>> serve_demo(Call& call, engine::Engine& engine) {
  auto options = api::server_options(engine.site().api);
  if (!options) return std::unexpected(options.error());
  auto server = api::serve(engine, *options);
  if (server || call.has("--listen")) return server;
  options->listen = "127.0.0.1:0";
  return api::serve(engine, *options);
}

int play(Call& call, const std::string& directory, const StopSignals& signals, std::chrono::nanoseconds duration, bool announce) {
  const auto site = demo_site(call, directory);
  if (!site) return status::configuration;
  configure_log(engine::log_level(*site), engine::log_format(*site), nullptr);
  auto engine = engine::start_engine(site);
  if (!engine) return call.fail(engine.error());
  auto story = std::make_shared<DemoStory>(call.console, (*engine)->names(), *site->plant);
  (*engine)->listen(story);
  auto server = serve_demo(call, **engine);
  if (!server) {
    (*engine)->stop();
    return call.fail(server.error());
  }
  if (announce) story->begin((*server)->url(), call.has("--fault"));
  if (duration > 0ns) {
    signals.wait_for(duration);
  } else {
    while (!signals.wait_for(1h)) {
    }
  }
  (*server)->stop();
  (*engine)->stop();
  return status::ok;
}

/// The same program as a child that can be killed. TELLTALE_PROGRAM names it where a loader stands before it.
pid_t start_child(const std::vector<std::string>& arguments, bool again) {
  const char* named = std::getenv("TELLTALE_PROGRAM");
  const std::string program = named != nullptr ? named : "/proc/self/exe";
  std::vector<char*> raw = {const_cast<char*>(program.c_str())};
  for (const std::string& a : arguments) raw.push_back(const_cast<char*>(a.c_str()));
  raw.push_back(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    setenv("TELLTALE_DEMO_PART", again ? "again" : "first", 1);
    sigset_t none;
    sigemptyset(&none);
    pthread_sigmask(SIG_SETMASK, &none, nullptr);
    execv(program.c_str(), raw.data());
    _exit(127);
  }
  return child;
}

std::vector<std::string> child_arguments(const Call& call, const std::string& directory, std::chrono::nanoseconds rest) {
  std::vector<std::string> arguments = {"demo", "--directory", directory};
  if (rest > 0ns) arguments.insert(arguments.end(), {"--for", to_text(std::chrono::duration_cast<std::chrono::milliseconds>(rest))});
  for (const std::string& fault : call.texts("--fault")) arguments.insert(arguments.end(), {"--fault", fault});
  arguments.insert(arguments.end(), {"--listen", call.text("--listen", "127.0.0.1:8000")});
  if (call.console.json) arguments.push_back("--json");
  return arguments;
}

/// Waits for the child or the time; true when the child is still there.
bool let_live(pid_t child, std::chrono::nanoseconds d, const StopSignals& signals, bool& stop) {
  const auto until = std::chrono::steady_clock::now() + d;
  while (std::chrono::steady_clock::now() < until) {
    if (waitpid(child, nullptr, WNOHANG) == child) return false;
    if (signals.wait_for(std::min<std::chrono::nanoseconds>(100ms, until - std::chrono::steady_clock::now()))) {
      stop = true;
      return true;
    }
  }
  return true;
}

/// Kills the engine `kills` times with -9 on the way: nothing that was stored may be missing afterwards.
int play_and_kill(Call& call, const std::string& directory, const StopSignals& signals, std::chrono::nanoseconds duration,
                  std::size_t kills) {
  const auto share = duration / static_cast<std::int64_t>(kills + 1);
  const auto began = std::chrono::steady_clock::now();
  std::mt19937 random(std::random_device{}());
  bool stop = false;
  for (std::size_t k = 0; k < kills && !stop; ++k) {
    const pid_t child = start_child(child_arguments(call, directory, 0ns), k > 0);
    const auto until =
        share * static_cast<std::int64_t>(k + 1) + std::chrono::milliseconds(std::uniform_int_distribution<int>(-300, 300)(random));
    if (!let_live(child, until - (std::chrono::steady_clock::now() - began), signals, stop)) {
      return call.fail(status::failure, "the engine ended by itself", "run `telltale demo` without --kill to see why");
    }
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    if (!call.console.json)
      call.console.line(clock_of_day() + "     engine killed (-9), " + std::to_string(k + 1) + " of " + std::to_string(kills));
    call.console.flush();  // before the next child speaks
  }
  if (stop) return status::ok;
  const pid_t last = start_child(child_arguments(call, directory, duration - (std::chrono::steady_clock::now() - began)), true);
  if (!let_live(last, duration + 30s, signals, stop)) return status::ok;
  kill(last, SIGTERM);
  waitpid(last, nullptr, 0);
  return status::ok;
}

int run_demo(Call& call) {
  const StopSignals signals;
  const DemoDirectory directory(call.text("--directory"));
  if (directory.path().empty())
    return call.fail(status::failure, "no folder for the demo's data can be made", "set TMPDIR, or name one with --directory DIR");
  const auto duration = call.duration("--for");
  if (call.has("--kill") && duration == 0ns)
    return call.fail(status::usage, "--kill needs --for: how long the demo runs in all", "telltale demo --for 30s --kill 3");

  if (const char* part = std::getenv("TELLTALE_DEMO_PART")) {  // a child of play_and_kill
    return play(call, directory.path(), signals, duration, std::string_view(part) == "first");
  }
  const std::size_t kills = call.count("--kill");
  const int result =
      kills > 0 ? play_and_kill(call, directory.path(), signals, duration, kills) : play(call, directory.path(), signals, duration, true);
  if (result != status::ok) return result;
  return tell_demo_end(call, directory.path(), kills);
}

}  // namespace

Command demo() {
  return {
      .word = "demo",
      .about = "Four simulated machines, live: open the page that it prints",
      .examples = {"telltale demo", "telltale demo --for 60s", "telltale demo --for 30s --kill 3",
                   "telltale demo --fault FERM-01:temperature@20s..60s"},
      .options = {{"--for", "DURATION", "end by itself after so long, with a summary", OptionKind::duration},
                  {"--listen", "ADDRESS:PORT", "where the page is served (127.0.0.1:8000, or a free port when that is taken)",
                   OptionKind::text},
                  {"--fault", "ASSET:KIND@8s..40s", "a fault on order instead of COMP-001's; may be given several times",
                   OptionKind::texts},
                  {"--kill", "N", "kill the engine N times with -9 on the way and show that nothing is lost", OptionKind::count},
                  {"--directory", "DIR", "keep the data there (else they go when the demo ends)", OptionKind::text},
                  {"--log", "LEVEL", "debug, info, warning or error", OptionKind::text}},
      .notes = "Needs nothing beside it: no broker, no database, no network.",
      .run = run_demo,
  };
}

}  // namespace telltale::cli
