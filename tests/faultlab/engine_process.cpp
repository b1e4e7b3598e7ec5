// Starting, killing and feeding an engine process.
#include "tests/faultlab/engine_process.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <thread>

#include "tests/faultlab/http_call.h"

namespace telltale::faultlab {
namespace {

using std::chrono::steady_clock;
constexpr auto look_again = std::chrono::milliseconds(2);

int status_from(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

}  // namespace

pid_t start_program(const std::string& program, const std::vector<std::string>& words, const std::string& crash,
                    const std::string& log_file, const std::function<void()>& in_child) {
  std::vector<char*> arguments = {const_cast<char*>(program.c_str())};
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const pid_t process = ::fork();
  if (process != 0) return process;
  const int log = ::open(log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  ::dup2(log, 1);
  ::dup2(log, 2);
  if (crash.empty()) {
    ::unsetenv("TELLTALE_CRASH");
  } else {
    ::setenv("TELLTALE_CRASH", crash.c_str(), 1);
  }
  if (in_child) in_child();
  ::execv(program.c_str(), arguments.data());
  ::_exit(127);
}

int run_program(const std::string& program, const std::vector<std::string>& words, const std::string& crash, const std::string& log) {
  int status = 0;
  ::waitpid(start_program(program, words, crash, log), &status, 0);
  return status_from(status);
}

void EngineProcess::spawn(const std::string& crash, const std::function<void()>& in_child) {
  kill();
  process_ = start_program(program_, {"run", site_}, crash, log_, in_child);
}

std::optional<double> EngineProcess::wait_until_ready() {
  const auto begin = steady_clock::now();
  while (steady_clock::now() - begin < std::chrono::seconds(30)) {
    if (wait_for_end(0)) return std::nullopt;
    const auto answer = get(port_, "/readyz");
    if (answer && answer->status == 200) return std::chrono::duration<double, std::milli>(steady_clock::now() - begin).count();
    std::this_thread::sleep_for(look_again);
  }
  return std::nullopt;
}

void EngineProcess::kill() {
  if (process_ <= 0) return;
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
  process_ = -1;
}

std::optional<int> EngineProcess::stop(double seconds) {
  if (process_ <= 0) return std::nullopt;
  ::kill(process_, SIGTERM);
  const auto status = wait_for_end(seconds);
  kill();
  return status;
}

std::optional<int> EngineProcess::wait_for_end(double seconds) {
  if (process_ <= 0) return std::nullopt;
  const auto until = steady_clock::now() + std::chrono::duration<double>(seconds);
  for (;;) {
    int status = 0;
    if (::waitpid(process_, &status, WNOHANG) == process_) {
      process_ = -1;
      return status_from(status);
    }
    if (steady_clock::now() >= until) return std::nullopt;
    std::this_thread::sleep_for(look_again);
  }
}

Poster::Poster(std::uint16_t port, const std::string& ledger)
    : port_(port), ledger_(::open(ledger.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {
  thread_ = std::thread([this] { run(); });
}

void Poster::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
  if (ledger_ >= 0) ::close(ledger_);
  ledger_ = -1;
}

void Poster::run() {
  for (std::uint64_t batch = 0; !stopping_;) {
    std::string body = "[";
    for (std::uint64_t k = batch * per_batch; k < (batch + 1) * per_batch; ++k) {
      body += (body.size() > 1 ? ",{\"asset\":\"" : "{\"asset\":\"") + asset(k) +
              "\",\"signal\":\"flow\",\"time\":" + std::to_string(kill_start + k) + ",\"value\":" + std::to_string(k) + ".25}";
    }
    body += "]";
    while (!stopping_) {
      if (paused_) {
        std::this_thread::sleep_for(look_again);
        continue;
      }
      if (const auto answer = post(port_, "/api/v1/readings", body); answer && answer->status == 200) {
        const std::string line = std::to_string(batch) + "\n";
        if (::write(ledger_, line.data(), line.size()) == static_cast<ssize_t>(line.size())) (void)::fdatasync(ledger_);
        n_acknowledged_ = ++batch;
        break;
      }
      ++n_unanswered_;
      std::this_thread::sleep_for(look_again);
    }
  }
}

}  // namespace telltale::faultlab
