// The engine: puts the stages together, in the order of a reading's way, and takes them apart in the reverse order.
#include <algorithm>
#include <cstdlib>
#include <future>

#include "core/log.h"
#include "core/thread_name.h"
#include "decoders/mapping.h"
#include "engine/decoding.h"
#include "engine/named_inlet.h"
#include "engine/projector.h"
#include "engine/recovery.h"
#include "engine/running_engine.h"

namespace telltale::engine {
namespace {
constexpr auto tick_every = std::chrono::seconds(1);
constexpr std::size_t states_at_once = 4u << 20;  // bytes, when the engine ends
constexpr auto most_time_to_save = std::chrono::seconds(5);

std::string text(std::uint64_t n) { return std::to_string(n); }

}  // namespace

// ---------------------------------------------------------------- start

RunningEngine::RunningEngine(std::shared_ptr<const Site> site, EngineOptions options)
    : site_(std::move(site)), options_(options),
      names_(NewNames{.most_signals = site_->engine.count("max_signals"),
                      .per_second = static_cast<double>(site_->engine.count("new_signals_per_second")),
                      .burst = static_cast<double>(site_->engine.count("new_signals_burst")),
                      .clock = options.clock}) {}

RunningEngine::~RunningEngine() { stop(); }

Result<void> RunningEngine::start() {
  started_ = clock().now();
  stores::LocalOptions local = options_.store;
  local.keep_raw = site_->store.duration("keep.raw");
  local.keep_minute = site_->store.duration("keep.minute");
  local.keep_hour = site_->store.duration("keep.hour");
  local.most_bytes = site_->store.bytes("max_bytes");
  auto store = stores::open_local(site_->store.text("directory"), names_, local);
  if (!store) return std::unexpected(store.error());
  store_ = std::move(*store);
  for (std::size_t k = 0; k < site_->engine.count("lanes"); ++k) {
    auto lane = make_lane(site_, names_);
    if (!lane) return std::unexpected(lane.error());
    lanes_.push_back(std::make_unique<RunningLane>());
    lanes_.back()->lane = std::move(*lane);
  }
  projector_ = std::make_unique<Projector>(*store_, [this] { return keep_from(); });
  if (auto caught_up = projector_->catch_up(); !caught_up) return caught_up;
  admission_ = std::make_unique<Admission>(names_, store_->reader());
  hub_ = std::make_unique<Hub>(names_);
  auto recovered = recover(*store_, names_, lanes_, *admission_, *hub_);
  if (!recovered) return std::unexpected(recovered.error());
  if (auto restored = restore_newest(); !restored) return restored;
  log(LogLevel::info, "engine", "", "recovered",
      {{"next input", text(recovered->next)},
       {"inputs run again", text(recovered->rerun)},
       {"signals learned again", text(recovered->relearned)},
       {"warming", text(recovered->warming.size())}});
  states_from_ = recovered->states_from;
  make_sinks();
  start_pipeline(*recovered);
  look_at_disk();  // before anything can come in
  if (auto started = start_sinks(); !started) return started;
  if (auto made = start_sources(recovered->positions); !made) return made;
  remember_accounts();
  if (!options_.suppress_tick) ticker_ = std::jthread([this](std::stop_token stop) { tick(stop); });
  disk_watch_ = std::jthread([this](std::stop_token stop) { watch_disk(stop); });
  ready_ = true;
  return {};
}

/// What history knows and the journal no longer holds: newest keys and newest values of every signal.
Result<void> RunningEngine::restore_newest() {
  return store_->reader().newest([this](const stores::NewestReading& r) {
    admission_->restore(r.id, r.time, r.value);
    hub_->restore({r.id, r.time, r.time, r.value, r.quality, r.anomaly});
  });
}

void RunningEngine::start_pipeline(const Recovered& recovered) {
  auto before = store_->reader().ledger();
  if (before) before_ = std::move(*before);
  std::set<std::string, std::less<>> keeps_last;
  for (const ConfiguredSource& source : site_->sources) {
    if (source.common.text("conflict") == "last") keeps_last.insert(source.name);
    decoding_[source.name] = decoding_hash(*site_, source);
  }
  pipeline_ = std::make_unique<Pipeline>(Pipeline::Parts{
      .names = names_,
      .journal = store_->journal(),
      .admission = *admission_,
      .lanes = lanes_,
      .clock = EngineClock(clock(), recovered.clock),
      .next = recovered.next,
      .queue_bytes = site_->engine.bytes("queue"),
      .committed = [this](std::shared_ptr<const Entry> entry) { committed(std::move(entry)); },
      .applied = [this] { return projector_->applied(); },
      .answer_when_applied =
          [this](Sequence sequence, OutcomeDone done, Result<Outcome> outcome) {
            projector_->answer_when_applied(sequence, std::move(done), std::move(outcome));
          },
      .keeps_last = std::move(keeps_last),
      .decoding = decoding_,
      .hold_ingest = [this] { return std::ranges::any_of(sinks_, [](const auto& sink) { return sink->blocks_ingest(); }); }});
  projector_->start();
  Offered configuration{.kind = EntryKind::configuration};
  configuration.configuration = site_->file;
  pipeline_->push(std::move(configuration), {});
}

Result<void> RunningEngine::start_sources(const std::map<std::string, Position>& positions) {
  for (const ConfiguredSource& configured : site_->sources) {
    sources::SourceContext context{
        .name = configured.name,
        .names = names_,
        .plant = *site_->plant,
        .clock = clock(),
        .make_decoder = [this, &configured] { return engine::make_decoder(*site_, configured, names_, clock()); },
        .find_mapping = [this, &configured] { return decoders::find_mapping(configured.mapping, mapping_folder(*site_)); },
        .zone = configured.common.text("zone"),
    };
    SourceAccount& account = this->account(configured.name, std::string(configured.part->name));
    if (configured.part->serve) {
      auto served = configured.part->serve(configured.settings, std::move(context));
      if (!served) return std::unexpected(served.error());
      served_.push_back({configured.name, std::move(*served)});
      account.state(SourceStatus::State::running);
      continue;
    }
    auto source = configured.part->make(configured.settings, std::move(context));
    if (!source) return std::unexpected(source.error());
    const auto at = positions.find(configured.name);
    runners_.push_back(std::make_unique<SourceRunner>(configured, std::move(*source), account, *pipeline_,
                                                      at == positions.end() ? Position{} : at->second, clock()));
  }
  for (auto& runner : runners_) {
    runner->pause(read_only_);
    runner->start();
  }
  return {};
}

/// Sources of earlier runs that nothing has come from yet: the ledger is over all time.
void RunningEngine::remember_accounts() {
  for (const auto& [name, ledger] : before_) {
    const std::string_view kind = name.starts_with("sink ") ? "sink" : name == "http" ? "http" : "earlier";
    account(name, std::string(kind));
  }
}

/// Before the commit thread runs, which wakes them: the list does not change afterwards.
void RunningEngine::make_sinks() {
  for (const ConfiguredSink& configured : site_->sinks) {
    sinks_.push_back(std::make_unique<SinkRunner>(configured, store_->journal(), store_->cursors(), names_, clock(),
                                                  [this, name = configured.name](Rejected dead) { dead_letter(name, std::move(dead)); }));
  }
}

Result<void> RunningEngine::start_sinks() {
  for (auto& sink : sinks_) {
    if (auto started = sink->start(); !started) return started;
  }
  return {};
}

// ---------------------------------------------------------------- while it runs

void RunningEngine::committed(std::shared_ptr<const Entry> entry) {
  if (!entry->source.empty()) account(entry->source, "http").committed(*entry);
  const Sequence sequence = entry->sequence;
  if (entry->restart != RestartPoint{}) states_from_ = entry->restart.states_from;
  hub_->publish(std::move(entry));
  projector_->wake(sequence);
  for (auto& sink : sinks_) sink->wake();
}

void RunningEngine::tick(std::stop_token stop) {
  name_this_thread("ticker");
  std::mutex mutex;
  std::condition_variable_any never;
  auto due = std::chrono::steady_clock::now();
  while (!stop.stop_requested()) {
    due += tick_every;
    std::unique_lock lock(mutex);
    never.wait_until(lock, stop, due, [] { return false; });
    if (stop.stop_requested()) return;
    if (read_only_) continue;  // a tick takes room too; timers go on with the first one after it
    save_rejected();
    pipeline_->push({.kind = EntryKind::tick, .save_states = true, .save_again_before = save_again_before()}, stop);
  }
}

/// The newest saved state of an asset that nothing happens to must not hold the journal back for ever.
Sequence RunningEngine::save_again_before() const {
  constexpr std::uint64_t mib = 1u << 20;
  std::uint64_t most = 0, states = 0;
  for (const auto& lane : lanes_) states += lane->saved_bytes;
  {
    std::lock_guard lock(space_mutex_);
    most = std::clamp(space_.space().total / 16, mib, 64 * mib);
  }
  return store_->journal().bytes_from(states_from_) < most + 2 * states ? 0 : pipeline_->counts().committed.load();
}

/// When the engine ends: in pieces, so that no append and no memory has to hold all of it. What time or the disk does not allow is run
/// again by the next start.
void RunningEngine::save_all_states() {
  const auto until = std::chrono::steady_clock::now() + most_time_to_save;
  const auto all_saved = [&] { return std::ranges::all_of(lanes_, [](const auto& lane) { return lane->all_saved.load(); }); };
  do {
    const auto committed = std::make_shared<std::promise<void>>();
    Offered tick{.kind = EntryKind::tick, .save_states = true, .state_budget = states_at_once};
    tick.done = [committed](const Result<Outcome>&) { committed->set_value(); };
    if (!pipeline_->push(std::move(tick), {})) return;
    const auto done = committed->get_future();
    while (done.wait_for(std::chrono::milliseconds(20)) != std::future_status::ready) {
      if (pipeline_->waits_for_room()) return;
    }
  } while (!all_saved() && std::chrono::steady_clock::now() < until);
}

/// What was answered otherwise than 2xx becomes an input of its own, so that the ledger knows it after a restart.
void RunningEngine::save_rejected() {
  std::vector<std::pair<std::string, std::uint64_t>> unsaved;
  {
    std::lock_guard lock(accounts_mutex_);
    for (const auto& [name, account] : accounts_) {
      if (const std::uint64_t n = account->take_unsaved_rejected(); n > 0) unsaved.emplace_back(name, n);
    }
  }
  for (auto& [name, n] : unsaved) {
    Offered offered{.rejected = n};
    offered.batch.source = std::move(name);
    pipeline_->push(std::move(offered), {});
  }
}

void RunningEngine::watch_disk(std::stop_token stop) {
  name_this_thread("disk watch");
  std::mutex mutex;
  std::condition_variable_any never;
  while (!stop.stop_requested()) {
    look_at_disk();
    std::unique_lock lock(mutex);
    never.wait_for(lock, stop, options_.look_at_disk, [] { return false; });
  }
}

void RunningEngine::look_at_disk() {
  if (const auto there = store_->still_there(); !there) {
    log(LogLevel::error, "disk", site_->store.text("directory"), "the engine ends: nothing more could be kept",
        {{"why", there.error().message}, {"hint", there.error().hint}});
    std::_Exit(74);
  }
  const auto space = store_->space();
  if (!space) return;  // a disk that does not answer shows itself at the next commit
  const bool waits = pipeline_->waits_for_room() || projector_->waits_for_room();
  SpaceWatch::Room before, now;
  std::string reason;
  {
    std::lock_guard lock(space_mutex_);
    before = space_.room();
    space_.look(*space, waits);
    now = space_.room();
    reason = space_.reason();
  }
  if (now == SpaceWatch::Room::low && before != now)
    log(LogLevel::warning, "disk", site_->store.text("directory"), "nearly full", {{"free", text(space->free >> 20) + " MiB"}});
  if (now == SpaceWatch::Room::none && before != now)
    log(LogLevel::error, "disk", site_->store.text("directory"), reason, {{"hint", "free disk space; it goes on by itself"}});
  if (now != SpaceWatch::Room::none && before == SpaceWatch::Room::none)
    log(LogLevel::info, "disk", site_->store.text("directory"), "there is room again: readings are taken");
  if (waits) store_->hold_reserve(false);
  if (now == SpaceWatch::Room::enough || (now == SpaceWatch::Room::low && before != SpaceWatch::Room::none)) store_->hold_reserve(true);
  be_read_only(now == SpaceWatch::Room::none);
}

void RunningEngine::be_read_only(bool read_only) {
  if (read_only_.exchange(read_only) == read_only) return;
  for (auto& runner : runners_) runner->pause(read_only);
}

Sequence RunningEngine::keep_from() const {
  Sequence keep = states_from_;
  for (const auto& sink : sinks_) keep = std::min(keep, sink->cursor());
  return keep;
}

SourceAccount& RunningEngine::account(const std::string& name, const std::string& kind) {
  std::lock_guard lock(accounts_mutex_);
  auto& slot = accounts_[name];
  if (!slot) {
    slot = std::make_unique<SourceAccount>(name, kind, before_[name]);
    slot->state(SourceStatus::State::running);
  }
  return *slot;
}

void RunningEngine::dead_letter(const std::string& sink, Rejected dead) {
  Batch batch;
  batch.n_items = 1;
  batch.rejected.push_back(std::move(dead));
  SourceAccount& account = this->account("sink " + sink, "sink");
  batch.source = account.name();
  account.taken(1, clock().now());
  pipeline_->push({.batch = std::move(batch)}, {});
}

// ---------------------------------------------------------------- commands and other ways in

void RunningEngine::command(Command command, std::function<void(Result<Transition>)> done) {
  if (read_only_)
    return done(failed(ErrorKind::disk_full, "the engine is read-only: the command was not taken", "free disk space; see /readyz"));
  Offered offered{.kind = EntryKind::command, .command = std::move(command), .answer_when_applied = true};
  offered.done = [done = std::move(done)](Result<Outcome> outcome) {
    if (!outcome) return done(std::unexpected(outcome.error()));
    if (!outcome->transition) return done(failed(ErrorKind::refused, "the command changed nothing"));
    done(*outcome->transition);
  };
  if (!pipeline_->push(std::move(offered), {})) log(LogLevel::warning, "engine", "", "a command came while stopping and was not taken");
}

sources::Inlet& RunningEngine::inlet(const std::string& name) {
  SourceAccount& account = this->account(name, "http");
  std::lock_guard lock(accounts_mutex_);
  auto& slot = inlets_[name];
  if (!slot) slot = std::make_unique<NamedInlet>(*pipeline_, account, clock(), read_only_);
  return *slot;
}

void RunningEngine::add_routes(Router& router) {
  for (auto& [name, served] : served_) served->add_routes(router, inlet(name));
}

void RunningEngine::count_rejected(const std::string& name, std::uint64_t readings) { account(name, "http").rejected(readings); }

// ---------------------------------------------------------------- end

void RunningEngine::wait_until_idle(std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  const auto idle = [this] {
    const bool ended = std::ranges::all_of(runners_, [](const auto& runner) { return runner->ended(); });
    const PipelineCounts& counts = pipeline_->counts();
    return ended && pipeline_->queue_bytes() == 0 && counts.committed == counts.numbered && projector_->applied() == counts.committed;
  };
  while (!stop.stop_requested() && !idle()) {
    std::unique_lock lock(mutex);
    never.wait_for(lock, stop, std::chrono::milliseconds(20), [] { return false; });
  }
}

void RunningEngine::stop() {
  if (stopping_.exchange(true) || !pipeline_) return;
  disk_watch_ = {};
  for (auto& runner : runners_) runner->stop();
  ticker_ = {};
  if (!read_only_) {
    save_rejected();
    save_all_states();
  }
  pipeline_->drain_and_stop();
  for (auto& sink : sinks_) sink->request_stop();  // all at once: several that hang take no longer than one
  for (auto& sink : sinks_) sink->stop();
  projector_->stop();
  hub_->stop();
  log(LogLevel::info, "engine", "", "stopped", {{"last input", text(pipeline_->counts().committed)}});
}

Result<std::unique_ptr<Engine>> start_engine(std::shared_ptr<const Site> site, EngineOptions options) {
  auto engine = std::make_unique<RunningEngine>(std::move(site), options);
  if (auto started = engine->start(); !started) return std::unexpected(started.error());
  return engine;
}

}  // namespace telltale::engine
