// Columns of times, values and qualities, compressed together.
#include "stores/cold_form.h"

#include "stores/columns.h"
#include "stores/compressed.h"
#include "stores/quality_word.h"

namespace telltale::stores {
namespace {

/// More than the columns of so many readings ever take: 9 bytes for each time, 18 and a place for each value, 15 for each quality.
constexpr std::size_t most_bytes(std::size_t count) { return 64 + count * 48; }

/// Runs of equal quality: the quality word, and how many have it.
void write_qualities(std::span<const Sample> samples, std::string& out) {
  ByteWriter bytes(out);
  for (std::size_t i = 0; i < samples.size();) {
    const std::uint64_t word = quality_word(samples[i]);
    const std::size_t begin = i;
    while (i < samples.size() && quality_word(samples[i]) == word) ++i;
    bytes.varint(word);
    bytes.varint(i - begin);
  }
}

bool read_qualities(ByteReader& in, std::span<Sample> samples) {
  for (std::size_t i = 0; i < samples.size();) {
    const std::uint64_t word = in.varint(), run = in.varint();
    if (word > largest_quality_word || run == 0 || run > samples.size() - i) return false;
    for (const std::size_t end = i + run; i < end; ++i) set_quality(samples[i], word);
  }
  return true;
}

}  // namespace

void write_cold(std::span<const Sample> samples, std::string& out) {
  std::vector<std::int64_t> times(samples.size());
  std::vector<double> values(samples.size());
  for (std::size_t i = 0; i < samples.size(); ++i) {
    times[i] = ns_of(samples[i].time);
    values[i] = samples[i].value;
  }
  std::string columns;
  write_steps(times, columns);
  write_reals(values, columns);
  write_qualities(samples, columns);
  write_compressed(columns, out);
}

bool read_cold(std::string_view bytes, std::size_t count, std::vector<Sample>& into) {
  std::string columns;
  if (!read_compressed(bytes, most_bytes(count), columns)) return false;
  ByteReader in(columns);
  std::vector<std::int64_t> times;
  std::vector<double> values;
  if (!read_steps(in, count, times) || !read_reals(in, count, values)) return false;
  const std::size_t before = into.size();
  into.resize(before + count);
  const std::span<Sample> samples = std::span(into).subspan(before);
  for (std::size_t i = 0; i < count; ++i) {
    samples[i].time = time_from_ns(times[i]);
    samples[i].value = values[i];
  }
  if (read_qualities(in, samples) && !in.failed() && in.left() == 0) return true;
  into.resize(before);
  return false;
}

}  // namespace telltale::stores
