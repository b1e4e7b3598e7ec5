// Words that take no memory, from the handlers of the language.
#include "core/last_words.h"

#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <new>
#include <string_view>
#include <system_error>

namespace telltale {
namespace {

int exit_status = 1;

[[noreturn]] void end_with(std::string_view words) {
  (void)!::write(STDERR_FILENO, words.data(), words.size());
  std::_Exit(exit_status);
}

[[noreturn]] void without_memory() {
  end_with(
      "telltale: no memory is left. What was acknowledged is on disk.\n  give it more, or lower engine.queue and engine.max_signals\n");
}

[[noreturn]] void uncaught() {
  if (const auto exception = std::current_exception()) {
    try {
      std::rethrow_exception(exception);
    } catch (const std::bad_alloc&) {
      without_memory();
    } catch (const std::system_error& e) {
      if (e.code() == std::errc::resource_unavailable_try_again)
        end_with(
            "telltale: no thread can be started. What was acknowledged is on disk.\n  raise the limit of processes (ulimit -u, "
            "TasksMax)\n");
    } catch (...) {
    }
  }
  std::abort();
}

}  // namespace

void end_in_words_when_nothing_is_left(int status) {
  exit_status = status;
  std::set_new_handler(without_memory);
  std::set_terminate(uncaught);
}

}  // namespace telltale
