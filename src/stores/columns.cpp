// Columns of integers: byte planes, and regular series as changes of their steps.
#include "stores/columns.h"

#include <algorithm>
#include <bit>
#include <numeric>

namespace telltale::stores {
namespace {

std::uint64_t wrapped(std::int64_t v) { return static_cast<std::uint64_t>(v); }

/// What divides every difference; 0: all numbers are the same.
std::uint64_t common_divisor(std::span<const std::int64_t> numbers) {
  std::uint64_t divisor = 0, before = 0;
  for (std::size_t i = 1; i < numbers.size() && divisor != 1; ++i) {
    const std::uint64_t step = wrapped(numbers[i]) - wrapped(numbers[i - 1]);
    if (step != before) divisor = std::gcd(divisor, step);
    before = step;
  }
  return divisor;
}

}  // namespace

void write_planes(std::span<const std::uint64_t> numbers, std::string& out) {
  std::uint64_t all = 0;
  for (const std::uint64_t n : numbers) all |= n;
  const unsigned width = (static_cast<unsigned>(std::bit_width(all)) + 7) / 8;
  const std::size_t begin = out.size();
  out.resize_and_overwrite(begin + 1 + width * numbers.size(), [&](char* bytes, std::size_t size) {
    char* to = bytes + begin;
    *to++ = static_cast<char>(width);
    for (unsigned plane = 0; plane < width; ++plane) {
      for (const std::uint64_t n : numbers) *to++ = static_cast<char>(n >> (8 * plane));
    }
    return size;
  });
}

bool read_planes(ByteReader& in, std::size_t count, std::vector<std::uint64_t>& into) {
  const unsigned width = in.byte();
  if (in.failed() || width > sizeof(std::uint64_t)) return false;
  if (width > 0 && count > in.left() / width) return false;
  into.assign(count, 0);
  for (unsigned plane = 0; plane < width; ++plane) {
    const auto* from = reinterpret_cast<const unsigned char*>(in.raw(count));
    for (std::size_t i = 0; i < count; ++i) into[i] |= static_cast<std::uint64_t>(from[i]) << (8 * plane);
  }
  return true;
}

void write_steps(std::span<const std::int64_t> numbers, std::string& out) {
  if (numbers.empty()) return;
  ByteWriter bytes(out);
  bytes.word(wrapped(numbers[0]));
  const std::uint64_t divisor = common_divisor(numbers);
  bytes.varint(divisor);
  if (divisor == 0) return;
  std::uint64_t before = (wrapped(numbers[1]) - wrapped(numbers[0])) / divisor;
  bytes.varint(before);
  std::vector<std::uint64_t> changes(numbers.size() - 2);
  for (std::size_t i = 2; i < numbers.size(); ++i) {
    const std::uint64_t step = (wrapped(numbers[i]) - wrapped(numbers[i - 1])) / divisor;
    changes[i - 2] = zigzag(static_cast<std::int64_t>(step - before));
    before = step;
  }
  write_planes(changes, out);
}

bool read_steps(ByteReader& in, std::size_t count, std::vector<std::int64_t>& into) {
  into.clear();
  if (count == 0) return true;
  std::uint64_t number = in.word();
  const std::uint64_t divisor = in.varint();
  if (in.failed()) return false;
  if (divisor == 0) {
    into.assign(count, static_cast<std::int64_t>(number));
    return true;
  }
  std::uint64_t step = in.varint();
  std::vector<std::uint64_t> changes;
  if (count < 2 || !read_planes(in, count - 2, changes)) return false;
  into.reserve(count);
  into.push_back(static_cast<std::int64_t>(number));
  into.push_back(static_cast<std::int64_t>(number += step * divisor));
  for (const std::uint64_t change : changes) {
    step += wrapped(unzigzag(change));
    into.push_back(static_cast<std::int64_t>(number += step * divisor));
  }
  return true;
}

}  // namespace telltale::stores
