// Shared libraries that are loaded when somebody first needs them.
#include "clients/late_library.h"

#include <gtest/gtest.h>

namespace telltale::clients {
namespace {

TEST(LateLibrary, GivesTheFunctionsOfALibraryThatIsThere) {
  static constexpr const char* functions[] = {"zlibVersion"};
  LateLibrary library("libz.so.1", "zlib1g", functions);
  ASSERT_TRUE(library.load()) << library.load().error().message;
  ASSERT_TRUE(library.load()) << "a second time as well";
  EXPECT_TRUE(std::string(library.find<const char*()>("zlibVersion")()).starts_with("1."));
}

TEST(LateLibrary, TellsWhichPackageBringsOneThatIsMissing) {
  LateLibrary library("libnowhere.so.9", "libnowhere9", {});
  const auto loaded = library.load();
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().kind, ErrorKind::config);
  EXPECT_TRUE(loaded.error().message.contains("libnowhere.so.9")) << loaded.error().message;
  EXPECT_TRUE(loaded.error().hint.contains("libnowhere9")) << loaded.error().hint;
}

TEST(LateLibrary, IsNotTakenWithoutOneOfTheFunctions) {
  static constexpr const char* functions[] = {"zlibVersion", "zlibWisdom"};
  LateLibrary library("libz.so.1", "zlib1g", functions);
  const auto loaded = library.load();
  ASSERT_FALSE(loaded);
  EXPECT_TRUE(loaded.error().message.contains("zlibWisdom")) << loaded.error().message;
}

TEST(LateLibrary, FindsAllThatIsUsedOfTheThree) {
  for (LateLibrary* library : {&libcurl(), &libpq(), &libmariadb()}) EXPECT_TRUE(library->load()) << library->load().error().message;
}

}  // namespace
}  // namespace telltale::clients
