// The one implementation of Engine: owns the stages of a reading's way.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "engine/engine.h"
#include "engine/hub.h"
#include "engine/pipeline.h"
#include "engine/projector.h"
#include "engine/recovery.h"
#include "engine/sink_runner.h"
#include "engine/source_runner.h"
#include "engine/space_watch.h"

namespace telltale::engine {

class NamedInlet;

class RunningEngine final : public Engine {
 public:
  RunningEngine(std::shared_ptr<const Site> site, EngineOptions options);
  ~RunningEngine() override;
  Result<void> start();

  const Site& site() const override { return *site_; }
  Names& names() override { return names_; }
  const stores::Reader& history() const override { return store_->reader(); }
  const Clock& clock() const override { return *options_.clock; }
  std::vector<LatestValue> latest() const override { return hub_->latest(); }
  void each_latest(const std::function<void(const LatestValue&)>& visit) const override { hub_->each_latest(visit); }
  std::vector<LatestValue> latest(std::string_view asset) const override;
  Band band(SignalId) const override;
  EngineStatus status() const override;
  void command(Command, std::function<void(Result<Transition>)> done) override;
  void replay(const stores::DeadLetterRow&, std::function<void(Result<std::vector<Verdict>>)> done) override;
  std::optional<bool> read_otherwise_now(const stores::DeadLetterRow&) const override;
  void purge(const DeadLetterPurge&, std::function<void(Result<void>)> done) override;
  void listen(std::weak_ptr<Listener> listener) override { hub_->listen(std::move(listener)); }
  sources::Inlet& inlet(const std::string& name) override;
  void add_routes(Router&) override;
  void count_rejected(const std::string& name, std::uint64_t readings) override;
  void wait_until_idle(std::stop_token) override;
  void stop() override;

 private:
  struct Served {
    std::string name;
    std::unique_ptr<sources::ServedSource> source;
  };

  Result<void> restore_newest();
  void start_pipeline(const Recovered& recovered);
  Result<void> start_sources(const std::map<std::string, Position>& positions);
  void remember_accounts();
  void make_sinks();
  Result<void> start_sinks();
  void committed(std::shared_ptr<const Entry> entry);
  Result<std::unique_ptr<decoders::Decoder>> decoder_of(const stores::DeadLetterRow& letter);
  void tick(std::stop_token stop);
  void save_rejected();
  void watch_disk(std::stop_token stop);
  void look_at_disk();
  void be_read_only(bool read_only);
  Sequence keep_from() const;
  Sequence save_again_before() const;
  void save_all_states();
  SourceAccount& account(const std::string& name, const std::string& kind);
  void dead_letter(const std::string& sink, Rejected dead);

  const std::shared_ptr<const Site> site_;
  const EngineOptions options_;
  Names names_;
  Time started_{};
  std::atomic<Sequence> states_from_ = 0;  // a start would need the journal from here on, as far as that is on disk
  std::atomic<bool> ready_ = false, stopping_ = false, read_only_ = false;
  mutable std::mutex space_mutex_;
  SpaceWatch space_;

  // In the order of a reading's way; members are destroyed in the reverse order, after stop().
  std::unique_ptr<stores::Store> store_;
  std::vector<std::unique_ptr<RunningLane>> lanes_;
  std::unique_ptr<Projector> projector_;
  std::unique_ptr<Admission> admission_;
  std::unique_ptr<Hub> hub_;
  std::vector<std::unique_ptr<SinkRunner>> sinks_;
  std::map<std::string, Ledger> before_;                        // ledgers of earlier runs
  std::map<std::string, std::uint64_t, std::less<>> decoding_;  // by source: decoding_hash
  mutable std::mutex accounts_mutex_;
  std::map<std::string, std::unique_ptr<SourceAccount>> accounts_;
  std::unique_ptr<Pipeline> pipeline_;
  std::map<std::string, std::unique_ptr<NamedInlet>> inlets_;
  std::vector<Served> served_;
  std::vector<std::unique_ptr<SourceRunner>> runners_;
  std::jthread ticker_, disk_watch_;
};

}  // namespace telltale::engine
