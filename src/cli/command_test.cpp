// The frame of the words: options by description, help with examples first, hints for slips.
#include "cli/command.h"

#include <gtest/gtest.h>

#include "cli/words.h"

namespace telltale::cli {
namespace {

/// A console on two temporary files.
class Captured {
 public:
  Captured() : out_(std::tmpfile()), err_(std::tmpfile()), console(out_, err_) {}
  ~Captured() {
    std::fclose(out_);
    std::fclose(err_);
  }
  std::string out() const { return content(out_); }
  std::string err() const { return content(err_); }

 private:
  static std::string content(std::FILE* f) {
    std::fflush(f);
    std::rewind(f);
    std::string text(100'000, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), f));
    return text;
  }
  std::FILE *out_, *err_;

 public:
  Console console;
};

Command sample() {
  return {.word = "sample",
          .about = "Tries the frame",
          .examples = {"telltale sample a.csv"},
          .arguments = "FILE...",
          .least_words = 1,
          .most_words = 2,
          .options = {{"--window", "N", "rows", OptionKind::count},
                      {"--for", "TIME", "how long", OptionKind::duration},
                      {"--ignore", "COL,..", "columns", OptionKind::texts},
                      {"--all", {}, "everything"}}};
}

Result<void> parsed(Call& call, const std::vector<std::string>& arguments) { return parse_arguments(sample(), arguments, call); }

}  // namespace

TEST(Options, MayStandAnywhereAndTakeTheirValueEitherWay) {
  const Command command = sample();
  Captured at;
  Call call(at.console, command);
  ASSERT_TRUE(parsed(call, {"--window", "30", "a.csv", "--for=5min", "--all"}));
  EXPECT_EQ(call.words, std::vector<std::string>{"a.csv"});
  EXPECT_EQ(call.count("--window"), 30u);
  EXPECT_EQ(call.duration("--for"), std::chrono::minutes(5));
  EXPECT_TRUE(call.has("--all"));
}

TEST(Options, ThatAreListsGatherCommasAndRepetitions) {
  const Command command = sample();
  Captured at;
  Call call(at.console, command);
  ASSERT_TRUE(parsed(call, {"a", "--ignore", "x,y", "--ignore=z w"}));
  EXPECT_EQ(call.texts("--ignore"), (std::vector<std::string>{"x", "y", "z w"}));
}

TEST(Options, EndWithTwoDashes) {
  const Command command = sample();
  Captured at;
  Call call(at.console, command);
  ASSERT_TRUE(parsed(call, {"--", "--all", "-x"}));
  EXPECT_EQ(call.words, (std::vector<std::string>{"--all", "-x"}));
}

TEST(Options, ThatAreUnknownNameTheNearestOne) {
  const Command command = sample();
  Captured at;
  Call call(at.console, command);
  const auto wrong = parsed(call, {"a", "--widnow", "3"});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().message, "there is no option '--widnow'");
  EXPECT_EQ(wrong.error().hint, "did you mean '--window'?");
}

TEST(Options, RefuseValuesOfTheWrongKind) {
  const Command command = sample();
  Captured at;
  for (const std::vector<std::string>& wrong : std::vector<std::vector<std::string>>{
           {"a", "--window", "many"}, {"a", "--window", "-3"}, {"a", "--window"}, {"a", "--for", "soon"}, {"a", "--all=1"}}) {
    Call call(at.console, command);
    EXPECT_FALSE(parsed(call, wrong)) << wrong.back();
  }
}

TEST(Options, CountTheWords) {
  const Command command = sample();
  Captured at;
  Call none(at.console, command), three(at.console, command);
  EXPECT_EQ(parsed(none, {}).error().message, "sample needs FILE...");
  EXPECT_EQ(parsed(three, {"a", "b", "c"}).error().message, "'c' is one word too many");
}

TEST(Program, ExplainsItselfWithoutAWord) {
  Captured at;
  EXPECT_EQ(run_line({}, at.console), 0);
  EXPECT_NE(at.out().find("telltale detect pump.csv"), std::string::npos);
  EXPECT_EQ(at.err(), "");
}

TEST(Program, HelpOfEveryWordBeginsWithItsExamples) {
  for (const Command& c : all_words()) {
    Captured at;
    EXPECT_EQ(run_line({std::string(c.word), "--help"}, at.console), 0);
    const std::string text = at.out();
    EXPECT_TRUE(text.starts_with("Examples:\n  telltale " + std::string(c.word))) << text;
    EXPECT_GE(c.examples.size(), 2u) << c.word;
    EXPECT_FALSE(c.about.ends_with('.')) << c.word;
  }
}

TEST(Program, KnowsWhatWasMeant) {
  Captured at;
  EXPECT_EQ(run_line({"versoin"}, at.console), 2);
  EXPECT_NE(at.err().find("did you mean 'telltale version'?"), std::string::npos);
  EXPECT_EQ(at.out(), "");
}

TEST(Program, SaysItsVersionInWordsAndInJson) {
  Captured words, json;
  EXPECT_EQ(run_line({"--version"}, words.console), 0);
  EXPECT_TRUE(words.out().starts_with("telltale "));
  EXPECT_EQ(run_line({"version", "--json"}, json.console), 0);
  EXPECT_TRUE(json.out().starts_with("{\"version\":\""));
}

TEST(Program, FailsInJsonWithAFinalObject) {
  Captured at;
  EXPECT_EQ(run_line({"version", "surplus", "--json"}, at.console), 2);
  EXPECT_NE(at.err().find("'surplus' is one word too many"), std::string::npos);
}

TEST(Console, ColoursOnlyWhenTold) {
  Captured at;
  EXPECT_EQ(at.console.painted(Paint::bold, "x"), "x");
  at.console.color = true;
  EXPECT_EQ(at.console.painted(Paint::bold, "x"), "\x1b[1mx\x1b[0m");
}

TEST(Progress, SaysShareRateAndTimeLeft) {
  EXPECT_EQ(progress_line("reading a.csv", "rows", 500'000, 2'000'000, 0.5), "reading a.csv: 25 %, 1,000,000 rows/s, 2 s left");
  EXPECT_EQ(progress_line("listening", "messages", 30, 0, 10), "listening: 30 messages, 3 messages/s");
}

}  // namespace telltale::cli
