// TLS for the listener: certificate and key from PEM files, TLS 1.2 and 1.3 with AEAD ciphers only.
#include "api/tls.h"

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

namespace telltale::api {

class TlsContext {
 public:
  asio::ssl::context context{asio::ssl::context::tls_server};
};

void TlsContextDeleter::operator()(TlsContext* context) const { delete context; }

namespace {

class Tls final : public Connection {
 public:
  Tls(asio::ip::tcp::socket socket, asio::ssl::context& context) : stream_(std::move(socket), context) {}

  executor_type get_executor() override { return stream_.get_executor(); }
  bool tls() const override { return true; }
  void handshake(std::function<void(error_code)> done) override {
    stream_.async_handshake(asio::ssl::stream_base::server, std::move(done));
  }
  void finish(std::function<void()> done) override {
    stream_.async_shutdown([done = std::move(done)](error_code) { done(); });
  }
  void close() override {
    error_code ignored;
    stream_.next_layer().close(ignored);
  }
  void bound_send_buffer(int bytes) override {
    error_code ignored;
    stream_.next_layer().set_option(asio::socket_base::send_buffer_size(bytes), ignored);
  }

 private:
  void read(ReadPieces pieces, Transferred done) override { stream_.async_read_some(pieces, std::move(done)); }
  void write(WritePieces pieces, Transferred done) override { stream_.async_write_some(pieces, std::move(done)); }

  asio::ssl::stream<asio::ip::tcp::socket> stream_;
};

Result<void> load(SSL_CTX* context, const std::string& certificate, const std::string& key) {
  if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1)
    return failed(ErrorKind::config, "api.tls.certificate '" + certificate + "' cannot be read as a PEM certificate chain",
                  "give a readable PEM file, the server's own certificate first");
  if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1)
    return failed(ErrorKind::config, "api.tls.key '" + key + "' cannot be read as a PEM key, or it is not that of '" + certificate + "'",
                  "give the private key of the certificate, readable by this user and without a password");
  return {};
}

}  // namespace

Result<TlsContextPtr> load_tls(const std::string& certificate, const std::string& key) {
  TlsContextPtr tls(new TlsContext);
  SSL_CTX* context = tls->context.native_handle();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20");
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  if (auto loaded = load(context, certificate, key); !loaded) return std::unexpected(loaded.error());
  return tls;
}

std::unique_ptr<Connection> tls_connection(asio::ip::tcp::socket socket, TlsContext& context) {
  return std::make_unique<Tls>(std::move(socket), context.context);
}

}  // namespace telltale::api
