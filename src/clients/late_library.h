// Shared libraries that are loaded when somebody first needs them. Most engines speak to no PostgreSQL, to no MariaDB and call no URL; these
// libraries bring thirty more with them, and loading them all would take half of a start.
#pragma once

#include <mutex>
#include <span>
#include <string>

#include "core/result.h"

namespace telltale::clients {

class LateLibrary {
 public:
  /// @param file  as the loader knows it, "libpq.so.5"   @param package  what brings it, for the words of an error
  /// @param functions  those that find() will be asked for
  LateLibrary(const char* file, const char* package, std::span<const char* const> functions)
      : file_(file), package_(package), functions_(functions) {}

  /// Loads it when it is asked for the first time. errors  config: it is not there, cannot be loaded, or lacks one of the functions
  Result<void> load();

  /// One of its functions, of the type that its header declares. Only after load() went well.
  template <typename Function>
  Function* find(const char* name) const {
    return reinterpret_cast<Function*>(symbol(name));
  }

 private:
  void* symbol(const char* name) const;

  const char* const file_;
  const char* const package_;
  const std::span<const char* const> functions_;
  std::mutex mutex_;
  void* handle_ = nullptr;  // never unloaded
};

// The three: behind each stand the functions of its header, by their own names, which pass on what they are called with.
LateLibrary& libcurl();
LateLibrary& libpq();
LateLibrary& libmariadb();

}  // namespace telltale::clients
