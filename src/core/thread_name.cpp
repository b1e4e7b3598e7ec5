// Names of threads, as `top -H`, `ps -L` and debuggers show them.
#include "core/thread_name.h"

#include <pthread.h>

#include <string>

namespace telltale {

void name_this_thread(std::string_view name) {
  constexpr std::size_t most_bytes = 15;
  const auto within_a_character = [&](std::size_t at) { return (static_cast<unsigned char>(name[at]) & 0xC0) == 0x80; };
  if (name.size() > most_bytes) {
    std::size_t end = most_bytes;
    while (end > 0 && within_a_character(end)) --end;
    name = name.substr(0, end);
  }
  ::pthread_setname_np(::pthread_self(), std::string(name).c_str());
}

}  // namespace telltale
