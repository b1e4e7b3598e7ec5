// The way in for readings of other than the site file's sources: HTTP, and what is played into an engine.
#pragma once

#include <atomic>
#include <memory>
#include <utility>

#include "engine/pipeline.h"
#include "engine/source_runner.h"
#include "sources/source.h"

namespace telltale::engine {

/// Readings by other ways in than a source of the site file, under a source's name.
class NamedInlet final : public sources::Inlet {
 public:
  NamedInlet(Pipeline& pipeline, SourceAccount& account, const Clock& clock, const std::atomic<bool>& read_only)
      : pipeline_(pipeline), account_(account), clock_(clock), read_only_(read_only) {}

  Taken offer(Batch&& batch, Done&& done) override {
    if (read_only_) return Taken::read_only;
    batch.source = account_.name();
    if (batch.arrival == Time{}) batch.arrival = clock_.now();
    const std::uint64_t n = batch.readings.size() + batch.rejected.size();
    account_.taken(n, batch.arrival);
    Offered offered{.batch = std::move(batch), .answer_when_applied = true};
    const auto answer = std::make_shared<Done>(std::move(done));  // shared with the caller until it is known who answers
    offered.done = [this, answer, n](Result<Outcome> outcome) {
      if (!outcome) account_.refused(n);  // whoever waits for it gets an answer that is not 2xx
      (*answer)(outcome ? Result<std::vector<Verdict>>(std::move(outcome->verdicts)) : std::unexpected(outcome.error()));
    };
    if (pipeline_.try_push(offered)) return Taken::accepted;
    account_.given_up(n);
    batch = std::move(offered.batch);
    done = std::move(*answer);
    return Taken::full;
  }
  void count_rejected(std::uint64_t readings) override { account_.rejected(readings); }

 private:
  Pipeline& pipeline_;
  SourceAccount& account_;
  const Clock& clock_;
  const std::atomic<bool>& read_only_;
};

}  // namespace telltale::engine
