// Dead letters once more: decoded as their source does, taken away when somebody says so.
#include <algorithm>
#include <filesystem>

#include "core/log.h"
#include "core/random.h"
#include "engine/decoding.h"
#include "engine/running_engine.h"

namespace telltale::engine {
namespace {

const std::string replay_source = "dead-letters";

/// A message without a time got its arrival: that must be the same one again, or each replay would make new readings. What was too far
/// ahead has a time of its own and is held against the clock of today.
Time arrival_for(const stores::DeadLetterRow& letter, const Clock& clock) {
  return letter.reason == name_of(DeadLetterReason::future) ? clock.now() : letter.first;
}

}  // namespace

std::string mapping_folder(const Site& site) {
  return site.file.empty() ? "" : (std::filesystem::path(site.file).parent_path() / "mappings").string();
}

std::uint64_t decoding_hash(const Site& site, const ConfiguredSource& source) {
  const auto mapping = decoders::find_mapping(source.mapping, mapping_folder(site));
  std::uint64_t hash = mapping ? mapping->fingerprint : 0;
  for (const char c : std::string(source.part->name) + " " + source.mapping) hash = spread(hash ^ static_cast<unsigned char>(c));
  return std::max<std::uint64_t>(1, spread(spread(hash ^ source.settings.hash()) ^ source.common.hash()));
}

Result<std::unique_ptr<decoders::Decoder>> make_decoder(const Site& site, const ConfiguredSource& source, Names& names,
                                                        const Clock& clock) {
  const decoders::DecoderOptions options{
      .zone = source.common.text("zone"), .time_required = source.common.text("time") == "required", .clock = &clock};
  return decoders::make_decoder(source.mapping, mapping_folder(site), *site.plant, names, options);
}

Result<std::unique_ptr<decoders::Decoder>> RunningEngine::decoder_of(const stores::DeadLetterRow& letter) {
  if (letter.stage() == "deliver")
    return failed(ErrorKind::refused, "dead letter " + std::to_string(letter.id) + " is what '" + letter.source + "' refused for good",
                  "its reading is in history; send it again to that system by hand");
  const auto source = std::ranges::find(site_->sources, letter.source, &ConfiguredSource::name);
  if (source != site_->sources.end() && source->part->decodes) return make_decoder(*site_, *source, names_, clock());
  if (source != site_->sources.end())
    return failed(ErrorKind::refused, "source '" + letter.source + "' reads tables, not messages", "mend the table and read it again");
  if (letter.source == "http") return decoders::make_decoder(decoders::readings_mapping(), *site_->plant, names_, {.clock = &clock()});
  return failed(ErrorKind::refused, "there is no source '" + letter.source + "' any more", "name it in the site file again");
}

void RunningEngine::replay(const stores::DeadLetterRow& letter, std::function<void(Result<std::vector<Verdict>>)> done) {
  if (read_only_) return done(failed(ErrorKind::disk_full, "the engine is read-only: nothing is replayed", "free disk space; see /readyz"));
  auto decoder = decoder_of(letter);
  if (!decoder) return done(std::unexpected(decoder.error()));
  Batch batch;
  batch.source = replay_source;
  batch.arrival = arrival_for(letter, clock());
  batch.replayed.push_back(letter.id);
  (*decoder)->decode({.topic = letter.topic, .bytes = letter.bytes, .arrival = batch.arrival}, batch);
  if (batch.n_items == 0) return done(failed(ErrorKind::refused, "dead letter " + std::to_string(letter.id) + " holds no reading"));
  const std::uint64_t n = batch.readings.size() + batch.rejected.size();
  SourceAccount& account = this->account(replay_source, "replay");
  account.taken(n, clock().now());
  Offered offered{.batch = std::move(batch), .answer_when_applied = true};
  offered.done = [&account, n, done](Result<Outcome> outcome) {
    if (!outcome) account.refused(n);
    done(outcome ? Result<std::vector<Verdict>>(std::move(outcome->verdicts)) : std::unexpected(outcome.error()));
  };
  if (pipeline_->try_push(offered)) return;
  account.given_up(n);
  done(failed(ErrorKind::timeout, "the queue is above 80 %: nothing was replayed", "try again in a few seconds"));
}

std::optional<bool> RunningEngine::read_otherwise_now(const stores::DeadLetterRow& letter) const {
  const auto now = decoding_.find(letter.source);
  if (letter.decoded_under == 0 || now == decoding_.end()) return std::nullopt;
  return now->second != letter.decoded_under;
}

void RunningEngine::purge(const DeadLetterPurge& purge, std::function<void(Result<void>)> done) {
  if (read_only_) return done(failed(ErrorKind::disk_full, "the engine is read-only: nothing is purged", "free disk space; see /readyz"));
  Command command{.actor = purge.actor, .verb = std::string(purge_dead_letters)};
  if (purge.id)
    command.target = std::to_string(*purge.id);
  else
    command.note = purge.source + "\n" + purge.reason + "\n" + (purge.before ? std::to_string(ns_of(*purge.before)) : "");
  Offered offered{.kind = EntryKind::command, .command = std::move(command), .answer_when_applied = true};
  offered.done = [done = std::move(done)](Result<Outcome> outcome) { done(outcome ? Result<void>{} : std::unexpected(outcome.error())); };
  if (!pipeline_->push(std::move(offered), {})) log(LogLevel::warning, "engine", "", "a purge came while stopping and was not taken");
}

}  // namespace telltale::engine
