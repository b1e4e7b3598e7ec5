// flock on a file that says who holds it.
#include "stores/directory_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace telltale::stores {

Result<DirectoryLock> DirectoryLock::take(const std::string& directory) {
  const std::string path = directory + "/lock";
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
  if (descriptor < 0) {
    return failed(ErrorKind::storage, "cannot open '" + path + "': " + std::generic_category().message(errno),
                  "give the user that runs telltale permission to write there");
  }
  DirectoryLock lock(descriptor);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    char who[64];
    const auto n = ::pread(descriptor, who, sizeof who, 0);
    std::string holder(who, n > 0 ? static_cast<std::size_t>(n) : 0);
    while (!holder.empty() && holder.back() == '\n') holder.pop_back();
    return failed(ErrorKind::storage,
                  "the data directory '" + directory + "' is in use by " + (holder.empty() ? "another process" : holder),
                  "stop that one first, or give this one another directory");
  }
  const std::string me = "process " + std::to_string(::getpid()) + "\n";
  if (::ftruncate(descriptor, 0) != 0 || ::pwrite(descriptor, me.data(), me.size(), 0) != static_cast<ssize_t>(me.size())) {
    return failed(ErrorKind::storage, "cannot write '" + path + "': " + std::generic_category().message(errno), "is the disk full?");
  }
  return lock;
}

DirectoryLock::~DirectoryLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace telltale::stores
