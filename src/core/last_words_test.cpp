// What is said at the end, in a process of its own.
#include "core/last_words.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <limits>
#include <new>
#include <system_error>
#include <thread>

namespace telltale {
namespace {

TEST(LastWordsDeathTest, WithoutMemoryItEndsWithItsStatusAndSaysSo) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "the sanitizer's own allocator ends the process first";
#endif
  EXPECT_EXIT(
      {
        end_in_words_when_nothing_is_left(71);
        volatile std::size_t all = std::numeric_limits<std::size_t>::max() / 4;
        ::operator delete(::operator new(all));
      },
      ::testing::ExitedWithCode(71), "no memory is left");
}

TEST(LastWordsDeathTest, WithoutThreadsItEndsWithItsStatusAndSaysSo) {
  EXPECT_EXIT(
      {
        end_in_words_when_nothing_is_left(71);
        std::thread([] { throw std::system_error(EAGAIN, std::generic_category(), "thread"); }).join();
      },
      ::testing::ExitedWithCode(71), "no thread can be started");
}

TEST(LastWordsDeathTest, OtherExceptionsStillAbort) {
  EXPECT_EXIT(
      {
        end_in_words_when_nothing_is_left(71);
        std::thread([] { throw 1; }).join();
      },
      ::testing::KilledBySignal(SIGABRT), "");
}

}  // namespace
}  // namespace telltale
