// One HTTP/1.1 connection: reads requests one after another, each within its limits, and writes the answers in the same order.
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>

#include "api/core.h"
#include "api/exchange.h"
#include "api/replies.h"
#include "api/wire.h"

namespace telltale::api {
namespace {

namespace http = boost::beast::http;
using std::chrono::steady_clock;

constexpr std::string_view end_of_head = "\r\n\r\n";
constexpr std::chrono::seconds farewell_time{2};

/// Where a conversation stands: what a deadline means depends on it.
enum class Phase : std::uint8_t { idle, head, body, handler, reply, farewell };

bool has_bare_line_feed(std::string_view bytes) {
  for (std::size_t k = bytes.find('\n'); k != std::string_view::npos; k = bytes.find('\n', k + 1))
    if (k == 0 || bytes[k - 1] != '\r') return true;
  return false;
}

void copy_fields(const http::fields& fields, HttpRequest& request) {
  for (const auto& field : fields) {
    std::string name(field.name_string());
    for (char& c : name)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    std::string& value = request.header[name];
    if (!value.empty()) value += ", ";
    value += std::string_view(field.value());
  }
}

class HttpSession final : public Session, public std::enable_shared_from_this<HttpSession> {
 public:
  HttpSession(Core& core, std::unique_ptr<Connection> connection, std::unique_ptr<Seat> seat)
      : core_(core), limits_(core.options.limits), connection_(std::move(connection)), seat_(std::move(seat)), registered_(core, this),
        deadline_(core.io) {}

  void start() {
    arm(limits_.header_time);
    connection_->handshake([self = shared_from_this()](error_code error) {
      if (error)
        self->close();
      else
        self->next_request();
    });
  }

  void going_away() override {
    last_ = true;
    if (phase_ == Phase::idle) close();
  }
  void close() override {
    const auto self = std::exchange(waiting_for_answer_, nullptr);
    deadline_.cancel();
    if (connection_) connection_->close();
  }

 private:
  void next_request() {
    phase_ = Phase::idle;
    parser_.reset();
    request_ = std::make_shared<HttpRequest>();
    route_ = nullptr;
    shape_ = ErrorShape::ours;
    if (in_.empty()) {
      arm(limits_.idle_time);
      read();
    } else {
      on_head_bytes();
    }
  }

  void read() {
    reading_ = true;
    connection_->async_read_some(asio::buffer(scratch_), [self = shared_from_this()](error_code error, std::size_t n) {
      self->reading_ = false;
      if (self->phase_ > Phase::body) return;  // refused meanwhile: the answer is on its way
      if (error) return self->close();
      self->in_.append(self->scratch_.data(), n);
      if (self->phase_ == Phase::body)
        self->on_body_bytes(n);
      else
        self->on_head_bytes();
    });
  }

  // ---- the header block

  void on_head_bytes() {
    if (phase_ == Phase::idle) {
      phase_ = Phase::head;
      arm(limits_.header_time);  // in total, however slowly the bytes drip
      request_->request_id = new_request_id();
      if (in_.starts_with("\r\n")) in_.erase(0, 2);  // RFC 9112 2.2: an empty line before a request is ignored
    }
    const auto end = in_.find(end_of_head);
    const std::size_t size = end == std::string::npos ? in_.size() : end + end_of_head.size();
    if (size > limits_.header)
      return refuse({431, "too_large", "the header is larger than " + std::to_string(limits_.header) + " bytes",
                     "send fewer or shorter header fields"});
    if (end != std::string::npos) return on_head(size);
    if (has_bare_line_feed(in_)) return refuse({400, "bad_request", "a header line ends with LF alone", "end lines with CR LF"});
    read();
  }

  void on_head(std::size_t size) {
    if (auto refusal = refuse_head(std::string_view(in_).substr(0, size), limits_)) return refuse(*refusal);
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(limits_.header) + 1);
    parser_->body_limit(boost::none);  // checked when the route is known: its source's ledger counts what is too large
    parser_->on_chunk_header(refuse_extensions_);
    error_code error;
    const std::size_t n = parser_->put(asio::buffer(in_.data(), size), error);
    if (error && error != http::error::need_more) return refuse_parse(error);
    in_.erase(0, n);
    if (!parser_->is_header_done()) return refuse({400, "bad_request", "the header cannot be read", "send HTTP/1.1"});
    route();
  }

  void route() {
    const auto& message = parser_->get();
    request_->method = std::string_view(message.method_string());
    copy_fields(message, *request_);
    Admission admission = admit(core_.routes, core_.access, std::string_view(message.target()), *request_);
    shape_ = admission.errors;
    route_ = admission.route;
    if (!route_) {
      finish_reply(core_.access, *request_, admission.reply);
      return reply(std::move(admission.reply));
    }
    const std::size_t most = std::min(limits_.body, Limits::hard_body);
    parser_->body_limit(most);
    if (const auto length = parser_->content_length(); length && *length > most) return refuse_parse(http::error::body_limit);
    if (wants_upgrade()) return upgrade();
    if (const auto expect = request_->field("expect"); !expect.empty() && !parser_->is_done()) {
      if (expect != "100-continue")
        return refuse({417, "bad_request", "Expect names something unknown", "leave it out or write 100-continue"});
      return say_continue();
    }
    read_body();
  }

  bool wants_upgrade() const { return route_->pattern == "/api/v1/live" && accepts(request_->field("upgrade"), "websocket"); }

  void upgrade() {
    if (!in_.empty() || !parser_->is_done()) return refuse({400, "bad_request", "bytes follow the upgrade", "wait for 101"});
    deadline_.cancel();
    start_live(core_, std::move(connection_), std::move(seat_), *request_);
  }

  // ---- the body

  void say_continue() {
    out_ = "HTTP/1.1 100 Continue\r\n\r\n";
    phase_ = Phase::reply;
    interim_ = true;
    written_ = 0;
    write();
  }

  void read_body() {
    if (parser_->is_done()) return dispatch();
    phase_ = Phase::body;
    body_began_ = steady_clock::now();
    body_bytes_ = 0;
    parser_->eager(true);
    on_body_bytes(in_.size());
  }

  void on_body_bytes(std::size_t n) {
    body_bytes_ += n;
    while (!in_.empty() && !parser_->is_done()) {
      error_code error;
      const std::size_t used = parser_->put(asio::buffer(in_), error);
      in_.erase(0, used);
      if (error && error != http::error::need_more) return refuse_parse(error);
      if (used == 0) break;
    }
    if (parser_->is_done()) return dispatch();
    // chunk headers are not body, but they are not for free either: tiny chunks must not multiply what the limit allows
    if (body_bytes_ > 2 * limits_.body + limits_.header) return refuse_parse(http::error::body_limit);
    const auto due = limits_.body_grace + std::chrono::milliseconds(body_bytes_ * 1000 / limits_.body_rate);
    arm_at(body_began_ + due);
    read();
  }

  // ---- the answer

  void dispatch() {
    phase_ = Phase::handler;
    deadline_.cancel();
    request_->body = std::move(parser_->get().body());
    waiting_for_answer_ = shared_from_this();
    asio::post(core_.workers, [&limits = limits_, request = request_, route = route_, reply = way_back()] {
      run_handler(*route, limits, request, reply);
    });
  }

  /// What any thread may call with the answer, even when this session or the server is gone.
  std::function<void(HttpReply)> way_back() {
    return [door = core_.door, session = weak_from_this(), request = request_, began = steady_clock::now()](HttpReply reply) {
      std::lock_guard lock(door->mutex);
      if (!door->core) return;
      asio::post(door->core->workers, [core = door->core, session, request, began, reply = std::move(reply)]() mutable {
        finish_reply(core->access, *request, reply);
        core->counters.answer_nanoseconds += static_cast<std::uint64_t>((steady_clock::now() - began) / std::chrono::nanoseconds(1));
        asio::post(core->io, [session, reply = std::move(reply)]() mutable {
          if (const auto self = session.lock()) self->reply(std::move(reply));
        });
      });
    };
  }

  void refuse(const Refusal& refusal) {
    if (route_ && phase_ <= Phase::body) route_->refused();
    last_ = true;
    reply(refusal_reply(refusal, request_->request_id, shape_));
  }

  void refuse_parse(error_code error) {
    if (error == http::error::body_limit)
      return refuse(
          {413, "too_large", "the body is larger than " + std::to_string(limits_.body) + " bytes", "send smaller batches, or gzip"});
    refuse({400, "bad_request", "the request cannot be read: " + error.message(), "send HTTP/1.1 as RFC 9112 has it"});
  }

  void reply(HttpReply reply) {
    if (phase_ == Phase::reply || phase_ == Phase::farewell) return;
    phase_ = Phase::reply;
    const auto self = std::exchange(waiting_for_answer_, nullptr);
    // what is left of an unread body would be taken for the next request
    const bool keep = !last_ && !core_.stopping && parser_ && parser_->is_done() && parser_->get().keep_alive();
    last_ = !keep;
    core_.counters.answered(reply.status);
    out_ = reply_head(reply, request_->request_id, keep, connection_->tls());
    if (request_->method != "HEAD" && reply.status != 204 && reply.status != 304) out_ += reply.body;
    interim_ = false;
    written_ = 0;
    write();
  }

  void write() {
    arm(limits_.idle_time);  // for each piece that the other side takes
    const auto rest = asio::buffer(out_.data() + written_, out_.size() - written_);
    connection_->async_write_some(rest, [self = shared_from_this()](error_code error, std::size_t n) {
      if (error) return self->close();
      self->written_ += n;
      if (self->written_ < self->out_.size())
        self->write();
      else
        self->on_written();
    });
  }

  void on_written() {
    out_ = {};
    if (interim_) return read_body();
    if (!last_) return next_request();
    if (reading_ && connection_->tls()) return close();  // TLS cannot say goodbye beside a read
    phase_ = Phase::farewell;
    arm(farewell_time);
    connection_->finish([self = shared_from_this()] { self->close(); });
  }

  // ---- deadlines

  void arm(steady_clock::duration d) { arm_at(steady_clock::now() + d); }

  void arm_at(steady_clock::time_point t) {
    deadline_.expires_at(t);
    deadline_.async_wait([self = weak_from_this()](error_code error) {
      if (auto session = self.lock(); session && !error && session->deadline_.expiry() <= steady_clock::now()) session->on_deadline();
    });
  }

  void on_deadline() {
    const bool asked_half = phase_ == Phase::head || phase_ == Phase::body;
    if (!asked_half) return close();
    refuse({408, "timeout", phase_ == Phase::head ? "the header did not come in time" : "the body comes too slowly", "send it faster"});
  }

  Core& core_;
  const Limits& limits_;
  std::unique_ptr<Connection> connection_;
  std::unique_ptr<Seat> seat_;
  Registered registered_;
  asio::steady_timer deadline_;

  Phase phase_ = Phase::idle;
  bool last_ = false;  // close after this answer
  bool reading_ = false;
  bool interim_ = false;  // "100 Continue" is being written
  std::array<char, 16 << 10> scratch_;
  std::string in_, out_;
  std::size_t written_ = 0, body_bytes_ = 0;
  steady_clock::time_point body_began_;
  std::optional<http::request_parser<http::string_body>> parser_;
  std::shared_ptr<HttpRequest> request_;
  std::shared_ptr<HttpSession> waiting_for_answer_;  // itself: nothing else holds a session whose handler runs
  const Route* route_ = nullptr;
  ErrorShape shape_ = ErrorShape::ours;

  /// Chunk extensions carry nothing that we read and hide requests from proxies that read them otherwise.
  std::function<void(std::uint64_t, boost::beast::string_view, error_code&)> refuse_extensions_ =
      [](std::uint64_t, boost::beast::string_view extensions, error_code& error) {
        if (!extensions.empty()) error = http::error::bad_chunk_extension;
      };
};

}  // namespace

void start_http(Core& core, std::unique_ptr<Connection> connection, std::unique_ptr<Seat> seat) {
  std::make_shared<HttpSession>(core, std::move(connection), std::move(seat))->start();
}

}  // namespace telltale::api
