// Shared libraries that are loaded when somebody first needs them.
#include "clients/late_library.h"

#include <dlfcn.h>

namespace telltale::clients {

Result<void> LateLibrary::load() {
  const std::lock_guard lock(mutex_);
  if (handle_ != nullptr) return {};
  const auto cannot = [&](const std::string& why) {
    return failed(ErrorKind::config, std::string("cannot load ") + file_ + ": " + why, std::string("install the package ") + package_);
  };
  void* const handle = ::dlopen(file_, RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return cannot(::dlerror());
  for (const char* function : functions_) {
    if (::dlsym(handle, function) != nullptr) continue;
    ::dlclose(handle);
    return cannot(std::string("it has no ") + function);
  }
  handle_ = handle;
  return {};
}

void* LateLibrary::symbol(const char* name) const { return ::dlsym(handle_, name); }

}  // namespace telltale::clients
