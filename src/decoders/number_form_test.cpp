// Openings and forms of numbers: a guess at what comes next is right or says nothing.
#include "decoders/number_form.h"

#include <gtest/gtest.h>

#include <bit>
#include <cstdlib>
#include <string>

#include "core/random.h"
#include "decoders/json_number.h"
#include "decoders/opening.h"

namespace telltale::decoders {
namespace {

/// A number as instruments write them, with the mistakes that they make.
std::string some_number(Random& random) {
  std::string text;
  for (std::uint64_t n = random.below(5); n > 0; --n) text += static_cast<char>('0' + random.below(10));
  if (random.below(3) != 0) text += '.';
  for (std::uint64_t n = random.below(5); n > 0; --n) text += static_cast<char>('0' + random.below(10));
  const std::string_view odd[] = {"-", "e3", ".", " ", "k", "\x80"};
  if (random.below(8) == 0) text.insert(random.below(text.size() + 1), odd[random.below(std::size(odd))]);
  return text;
}

TEST(NumberForm, ReadsTheNearestDoubleOfAWholeNumberOrNothing) {
  Random random(11);
  int fitted = 0;
  for (int run = 0; run < 300'000; ++run) {
    const std::string first = some_number(random), second = some_number(random) + (random.below(2) ? ", \"rpm\": 5" : "}       ");
    double learned, value, in_full;
    if (read_number_at(first.data(), first.data() + first.size(), learned) != first.data() + first.size()) continue;
    if (!NumberForm::fits(first.data(), first.data() + first.size())) continue;
    const NumberForm form(first);
    const char* const end = second.data() + second.size();
    const char* const stop = form.read(second.data(), end, value);
    if (stop == nullptr) continue;
    ++fitted;
    ASSERT_EQ(stop, read_any_number(second.data(), end, in_full)) << first << " and " << second;
    ASSERT_EQ(std::bit_cast<std::uint64_t>(value), std::bit_cast<std::uint64_t>(in_full)) << second;
    ASSERT_EQ(value, std::strtod(second.c_str(), nullptr)) << second;
  }
  EXPECT_GT(fitted, 5000);
}

TEST(NumberForm, OfWhatIsNoNumberFitsNothing) {
  double value;
  const std::string_view text = "1204, \"temp\": 51.3";
  for (const char* learned : {"-1204", "12e4", "12041204", "NORMAL", ""})
    EXPECT_EQ(NumberForm(learned).read(text.data(), text.data() + text.size(), value), nullptr) << learned;
  EXPECT_EQ(NumberForm().read(text.data(), text.data() + text.size(), value), nullptr);
  EXPECT_EQ(NumberForm("1204").read(text.data(), text.data() + 7, value), nullptr) << "no room to look";
  EXPECT_EQ(NumberForm("1204").read(text.data(), text.data() + 8, value), text.data() + 4);
}

TEST(Opening, IsFoundAtTheFrontOfATextAndNowhereElse) {
  const std::string text = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  for (std::size_t n = 0; n <= 40; ++n) {
    const Opening opening(text.substr(0, n));
    EXPECT_EQ(opening.size(), n);
    for (std::size_t left = 0; left <= text.size(); ++left)
      ASSERT_EQ(opening.opens(text.data(), text.data() + left), left >= n) << n << " of " << left;
    for (std::size_t k = 0; k < n; ++k) {
      std::string other = text;
      other[k] = '_';
      ASSERT_FALSE(opening.opens(other.data(), other.data() + other.size())) << n << " at " << k;
      ASSERT_FALSE(opening.opens(other.data(), other.data() + n)) << n << " at " << k;
    }
  }
}

}  // namespace
}  // namespace telltale::decoders
