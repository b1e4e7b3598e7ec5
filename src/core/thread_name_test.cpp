// Names of threads.
#include "core/thread_name.h"

#include <gtest/gtest.h>
#include <pthread.h>

#include <array>
#include <string>
#include <thread>

namespace telltale {
namespace {

std::string as_the_system_shows(std::string_view name) {
  std::array<char, 16> shown{};
  std::jthread([&] {
    name_this_thread(name);
    ::pthread_getname_np(::pthread_self(), shown.data(), shown.size());
  }).join();
  return shown.data();
}

TEST(ThreadName, IsWhatTheSystemShows) { EXPECT_EQ(as_the_system_shows("lane 1"), "lane 1"); }

TEST(ThreadName, IsCutBetweenCharacters) {
  EXPECT_EQ(as_the_system_shows("source wellpad north"), "source wellpad ");
  EXPECT_EQ(as_the_system_shows("source Verdichö"), "source Verdich");
}

}  // namespace
}  // namespace telltale
