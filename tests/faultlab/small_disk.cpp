// Mounting, filling and unmounting a tmpfs.
#include "tests/faultlab/small_disk.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace telltale::faultlab {
namespace {

/// Root of a namespace of one's own may mount where an account may not. Only a process without threads may go there.
bool become_root_of_a_namespace() {
  const auto user = ::getuid(), group = ::getgid();
  if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
  std::ofstream("/proc/self/setgroups") << "deny";
  std::ofstream("/proc/self/uid_map") << "0 " << user << " 1";
  std::ofstream("/proc/self/gid_map") << "0 " << group << " 1";
  return true;
}

}  // namespace

SmallDisk::SmallDisk(std::string folder, std::size_t mib) : folder_(std::move(folder)) {
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  const std::string size = "size=" + std::to_string(mib) + "m";
  const auto mount = [&] { return ::mount("tmpfs", folder_.c_str(), "tmpfs", 0, size.c_str()) == 0; };
  if (mount() || (errno == EPERM && become_root_of_a_namespace() && mount())) return;
  missing_ = std::string("a small disk cannot be mounted here: ") + std::strerror(errno) + "; needs root or namespaces of users";
}

SmallDisk::~SmallDisk() {
  if (!missing_) ::umount2(folder_.c_str(), MNT_DETACH);
}

void SmallDisk::fill() const {
  const int filler = ::open((folder_ + "/filler").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  std::string block(64 << 10, 'x');
  while (!block.empty()) {
    if (::write(filler, block.data(), block.size()) <= 0) block.resize(block.size() / 2);
  }
  ::close(filler);
}

void SmallDisk::make_room() const { ::unlink((folder_ + "/filler").c_str()); }

std::size_t SmallDisk::free_bytes() const {
  struct statvfs v{};
  return ::statvfs(folder_.c_str(), &v) == 0 ? v.f_bavail * v.f_frsize : 0;
}

bool SmallDisk::read_only(bool on) const {
  return ::mount(nullptr, folder_.c_str(), nullptr, MS_REMOUNT | (on ? MS_RDONLY : 0), nullptr) == 0;
}

}  // namespace telltale::faultlab
