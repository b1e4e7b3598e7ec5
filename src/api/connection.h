// One accepted connection, plain or TLS, behind one type: sessions are compiled once for both.
#pragma once

#include <array>
#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>
#include <string>

namespace telltale::api {

namespace asio = boost::asio;
using error_code = boost::system::error_code;

/// Up to four pieces of one write: a copyable buffer sequence of fixed size.
template <typename Piece>
struct Pieces {
  std::array<Piece, 4> piece;
  std::size_t n = 0;
  using value_type = Piece;
  using const_iterator = const Piece*;
  const Piece* begin() const { return piece.data(); }
  const Piece* end() const { return piece.data() + n; }

  template <typename Sequence>
  static Pieces of(const Sequence& sequence) {
    Pieces pieces;
    for (auto it = asio::buffer_sequence_begin(sequence); it != asio::buffer_sequence_end(sequence) && pieces.n < 4; ++it)
      pieces.piece[pieces.n++] = Piece(*it);
    return pieces;
  }
};
using ReadPieces = Pieces<asio::mutable_buffer>;
using WritePieces = Pieces<asio::const_buffer>;

/// Models AsyncReadStream and AsyncWriteStream. The API thread only.
class Connection {
 public:
  using Transferred = asio::any_completion_handler<void(error_code, std::size_t)>;
  using executor_type = asio::any_io_executor;

  virtual ~Connection() = default;
  virtual executor_type get_executor() = 0;
  virtual bool tls() const = 0;
  /// TLS handshake; done at once where there is none.
  virtual void handshake(std::function<void(error_code)> done) = 0;
  /// Says that no more is sent and lets the other side read to the end, so that a last answer is not cut off.
  /// `done` when it hung up; close() ends the waiting.
  virtual void finish(std::function<void()> done) = 0;
  virtual void close() = 0;
  /// How much the system may hold for a peer that does not read: what waits for a slow client is then really bounded.
  virtual void bound_send_buffer(int bytes) = 0;

  template <typename Buffers, typename Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return asio::async_initiate<Token, void(error_code, std::size_t)>(
        [this](auto handler, ReadPieces pieces) { read(pieces, Transferred(std::move(handler))); }, token, ReadPieces::of(buffers));
  }
  template <typename Buffers, typename Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return asio::async_initiate<Token, void(error_code, std::size_t)>(
        [this](auto handler, WritePieces pieces) { write(pieces, Transferred(std::move(handler))); }, token, WritePieces::of(buffers));
  }

 private:
  virtual void read(ReadPieces, Transferred) = 0;
  virtual void write(WritePieces, Transferred) = 0;
};

/// What TLS needs, loaded once; null: plain.
class TlsContext;
struct TlsContextDeleter {
  void operator()(TlsContext*) const;
};
using TlsContextPtr = std::unique_ptr<TlsContext, TlsContextDeleter>;

std::unique_ptr<Connection> plain_connection(asio::ip::tcp::socket socket);
std::unique_ptr<Connection> tls_connection(asio::ip::tcp::socket socket, TlsContext& context);

}  // namespace telltale::api
