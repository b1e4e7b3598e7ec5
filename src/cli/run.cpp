// `telltale run`: the engine of one site, until somebody stops it.
#include <malloc.h>

#include <thread>

#include "api/server.h"
#include "cli/command.h"
#include "cli/site_words.h"
#include "cli/stop_signals.h"
#include "core/log.h"
#include "engine/engine.h"

namespace telltale::cli {
namespace {

int run_site(Call& call) {
  const StopSignals signals;
  // glibc would give each of a dozen threads a heap of its own, and what moves from one to the other stays in all of them: with 100,000
  // signals a fifth of the memory.
  mallopt(M_ARENA_MAX, 1);
  // A call with a thousand messages takes some megabytes and gives them back: handed to the system and asked for again each time, they cost
  // more page faults than the call costs otherwise. So much stays.
  mallopt(M_MMAP_THRESHOLD, 4 << 20);
  mallopt(M_TRIM_THRESHOLD, 4 << 20);
  int exit = status::ok;
  const auto site = site_of(call, call.words[0], exit);
  if (!site) return exit;
  configure_log(engine::log_level(*site), engine::log_format(*site), nullptr);

  auto engine = engine::start_engine(site);
  if (!engine) return call.fail(engine.error());
  auto options = api::server_options(site->api);
  if (!options) return call.fail(options.error());
  auto server = api::serve(**engine, *options);
  if (!server) {
    (*engine)->stop();
    return call.fail(server.error());
  }
  call.console.say("Telltale watches " + (site->plant->site().empty() ? call.words[0] : site->plant->site()) + ": " + (*server)->url() +
                   "  (Ctrl-C ends)");
  malloc_trim(0);  // what only the start needed: a third of the memory with 100,000 signals

  if (call.has("--until-read")) {
    std::stop_source stop;
    std::jthread waiter([&](std::stop_token) {
      (*engine)->wait_until_idle(stop.get_token());
      kill(getpid(), SIGTERM);
    });
    while (!signals.wait_for(std::chrono::hours(1))) {
    }
    stop.request_stop();
  } else if (call.has("--for")) {
    signals.wait_for(call.duration("--for"));
  } else {
    while (!signals.wait_for(std::chrono::hours(1))) {
    }
  }
  signals.let_through();
  (*server)->stop();
  (*engine)->stop();
  const engine::EngineStatus end = (*engine)->status();
  call.console.say(std::to_string(end.total.received) + " readings = " + std::to_string(end.total.stored) + " stored + " +
                   std::to_string(end.total.duplicate) + " repeated + " + std::to_string(end.total.conflict) + " in conflict + " +
                   std::to_string(end.total.dead_letter) + " dead letters + " + std::to_string(end.total.rejected) + " rejected");
  return end.total.balances() ? status::ok : status::failure;
}

}  // namespace

Command run() {
  return {
      .word = "run",
      .about = "Runs the engine of a site: sources, alarms, page and API",
      .examples = {"telltale run site.yaml", "telltale run site.yaml --listen 127.0.0.1:8080",
                   "TELLTALE_STORE__DIRECTORY=/var/lib/telltale telltale run site.yaml"},
      .arguments = "SITE.yaml",
      .least_words = 1,
      .most_words = 1,
      .options = with_site_options({{"--for", "DURATION", "end by itself after so long", OptionKind::duration},
                                    {"--until-read", "", "end when every source has ended and all of it is stored"}}),
      .notes = "SIGTERM and Ctrl-C end it within 10 s; kill -9 loses nothing that was acknowledged.",
      .run = run_site,
  };
}

}  // namespace telltale::cli
