// Space: bytes that a value takes in history, hot, cold and in roll-ups, with times, quality and index; and what packing it costs.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "must.h"
#include "reference_data.h"
#include "row.h"
#include "stores/block_file.h"
#include "stores/scratch_directory.h"
#include "victoria_metrics.h"

namespace {

using namespace telltale;
using bench::must;
using namespace telltale::stores;
using bench::ReferenceData;

constexpr std::size_t seconds = 6 * 3600;  // 13 million values
constexpr std::size_t values = seconds * ReferenceData::series;

/// The reference data as history has it.
std::vector<std::vector<Sample>> samples_of_reference() {
  const Time begin = ReferenceData().time() + std::chrono::seconds(1);
  std::vector<std::vector<Sample>> all;
  for (const auto& numbers : bench::reference_series(seconds)) {
    auto& samples = all.emplace_back();
    for (std::size_t i = 0; i < numbers.size(); ++i) samples.push_back({begin + std::chrono::seconds(i), numbers[i], {}, false});
  }
  return all;
}

/// Bytes of a block file into which `put` writes every series.
template <typename Put>
double bytes_of_file(const std::vector<std::vector<Sample>>& all, BlockLevel level, Put put) {
  const ScratchDirectory directory;
  const auto writer = must(BlockWriter::create(Disk::system(), directory / "blocks", {.number = 1, .level = level}));
  std::vector<std::pair<std::string, std::size_t>> order;  // by name, as a file wants them
  for (std::size_t i = 0; i < all.size(); ++i) {
    order.emplace_back(ReferenceData::asset(i / ReferenceData::signals) + '\0' + ReferenceData::signal[i % ReferenceData::signals].name, i);
  }
  std::ranges::sort(order);
  for (const auto& [name, i] : order) {
    put(*writer, name.substr(0, name.find('\0')), name.substr(name.find('\0') + 1), std::span<const Sample>(all[i]));
  }
  must(writer->finish());
  return static_cast<double>(writer->bytes());
}

double cold_bytes(const std::vector<std::vector<Sample>>& all) {
  return bytes_of_file(all, BlockLevel::raw, [](BlockWriter& writer, const auto& asset, const auto& signal, auto samples) {
    std::string chunk;
    for (std::size_t at = 0; at < samples.size(); at += most_samples_in_cold) {
      const auto some = samples.subspan(at, std::min(most_samples_in_cold, samples.size() - at));
      chunk.clear();
      write_chunk(ChunkForm::cold, some, chunk);
      must(writer.add(asset, signal, chunk, summary_of(some)));
    }
  });
}

double hot_bytes(const std::vector<std::vector<Sample>>& all) {
  return bytes_of_file(all, BlockLevel::raw, [](BlockWriter& writer, const auto& asset, const auto& signal, auto samples) {
    OpenChunk open;
    std::string chunk;
    const auto flush = [&] {
      chunk.clear();
      open.write(chunk);
      must(writer.add(asset, signal, chunk, open.summary()));
      open.clear();
    };
    for (const Sample& s : samples) {
      if (open.add(s)) continue;
      flush();
      open.add(s);
    }
    flush();
  });
}

double rollup_bytes(const std::vector<std::vector<Sample>>& all, BlockLevel level, std::size_t slice) {
  return bytes_of_file(all, level, [&](BlockWriter& writer, const auto& asset, const auto& signal, auto samples) {
    std::vector<Summary> slices;
    for (std::size_t at = 0; at < samples.size(); at += slice)
      slices.push_back(summary_of(samples.subspan(at, std::min(slice, samples.size() - at))));
    must(writer.add_rollup(asset, signal, slices));
  });
}

/// Bytes of VictoriaMetrics for the same values, sent as lines of six; 0: it is not there.
double peer_bytes() {
  const auto peer = bench::VictoriaMetrics::start();
  if (!peer) return 0;
  ReferenceData data;
  std::string lines;
  for (std::size_t second = 0; second < seconds; ++second) {
    const auto& now = data.next();
    bench::append_lines(data, now, lines);
    if (lines.size() < (1 << 20) && second + 1 < seconds) continue;
    if (!peer->write(lines)) return 0;
    lines.clear();
  }
  return peer->settle() ? static_cast<double>(peer->data_bytes()) : 0;
}

void space_rows(bench::Table& table, const std::vector<std::vector<Sample>>& all) {
  const auto row = [&](const char* name, double bytes, std::optional<bench::Goal> goal, const char* note) {
    table.show({.name = name, .unit = "bytes per value", .ours = bytes / values, .goal = goal, .note = note});
  };
  if (table.wants("space/cold")) {
    const double cold = cold_bytes(all);
    row("space/cold", cold, bench::at_most(0.65), "whole file: times, quality, checksums and index too");
    const double theirs = peer_bytes();
    if (theirs > 0) {
      table.show({.name = "space/cold_and_peer",
                  .unit = "bytes per value",
                  .ours = cold / values,
                  .peer = bench::VictoriaMetrics::version(),
                  .theirs = theirs / values,
                  .goal = bench::ratio_at_most(1.1),
                  .note = "the peer merged by force"});
    }
  }
  if (table.wants("space/hot")) row("space/hot", hot_bytes(all), {}, "chunks of 128, as they leave memory");
  if (table.wants("space/minute"))
    row("space/minute", rollup_bytes(all, BlockLevel::minute, 60), {}, "roll-up of a minute, per value rolled up");
  if (table.wants("space/hour"))
    row("space/hour", rollup_bytes(all, BlockLevel::hour, 3600), {}, "roll-up of an hour, per value rolled up");
}

/// Nanoseconds of CPU time per value that `work` takes over all of the first samples of every series.
template <typename Work>
void time_row(bench::Table& table, const char* name, std::optional<bench::Goal> goal, std::size_t n_values, Work work) {
  if (!table.wants(name)) return;
  const auto took = bench::repeated(table.rounds(), [&] {
    const double before = bench::thread_cpu_seconds();
    work();
    return (bench::thread_cpu_seconds() - before) * 1e9 / static_cast<double>(n_values);
  });
  table.show({.name = name, .unit = "ns per value", .ours = took.median, .spread = took.spread, .goal = goal});
}

void time_rows(bench::Table& table, const std::vector<std::vector<Sample>>& all) {
  constexpr std::size_t n = most_samples_in_cold;
  const std::size_t n_values = n * all.size();
  std::vector<std::string> hot(all.size()), cold(all.size());
  std::vector<Sample> back;
  std::size_t total = 0;
  time_row(table, "codec/open", {}, n_values, [&] {
    std::vector<OpenChunk> open(all.size());
    for (std::size_t i = 0; i < n; ++i) {  // second by second, as they come
      for (std::size_t k = 0; k < all.size(); ++k) {
        if (open[k].add(all[k][i])) continue;
        open[k].clear();
        open[k].add(all[k][i]);
      }
    }
    for (const OpenChunk& chunk : open) total += chunk.count();
  });
  time_row(table, "codec/hot_write", bench::at_most(10), n_values, [&] {
    for (std::size_t k = 0; k < all.size(); ++k) {
      hot[k].clear();
      write_chunk(ChunkForm::hot, std::span(all[k]).first(n), hot[k]);
    }
  });
  time_row(table, "codec/cold_write", {}, n_values, [&] {
    for (std::size_t k = 0; k < all.size(); ++k) {
      cold[k].clear();
      write_chunk(ChunkForm::cold, std::span(all[k]).first(n), cold[k]);
    }
  });
  const auto read_all = [&](const std::vector<std::string>& chunks) {
    for (const std::string& chunk : chunks) {
      back.clear();
      if (!chunk.empty() && !read_chunk(chunk, back)) std::abort();
      total += back.size();
    }
  };
  time_row(table, "codec/hot_read", {}, n_values, [&] { read_all(hot); });
  time_row(table, "codec/cold_read", {}, n_values, [&] { read_all(cold); });
  time_row(table, "codec/summary", {}, n_values, [&] {
    for (const auto& samples : all) total += summary_of(std::span(samples).first(n)).good;
  });
  if (total == 1) std::puts("");  // so that nothing above can be left out
}

/// A word of the command line that begins with the row's name: one of its kind is wanted.
bool asked_for(int argc, char** argv, std::string_view row) {
  return std::any_of(argv + 1, argv + argc, [&](std::string_view word) { return word.starts_with(row); });
}

}  // namespace

int main(int argc, char** argv) {
  bench::Table table(argc, argv);
  constexpr std::array rows = {"space/cold", "space/hot", "space/minute", "space/hour", "codec/"};
  if (std::ranges::none_of(rows, [&](const char* row) { return table.wants(row) || asked_for(argc, argv, row); })) return 0;
  const auto all = samples_of_reference();
  space_rows(table, all);
  time_rows(table, all);
}
