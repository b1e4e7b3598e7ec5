// TLS files of a client: whom it trusts and who it is. Checked before anything connects, so that the mistake has a name.
#include "clients/tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace telltale::clients {
namespace {
template <auto release>
struct Release {
  void operator()(auto* object) const { release(object); }
};
using File = std::unique_ptr<std::FILE, Release<[](std::FILE* f) { std::fclose(f); }>>;
using Certificate = std::unique_ptr<X509, Release<[](X509* c) { X509_free(c); }>>;
using Key = std::unique_ptr<EVP_PKEY, Release<[](EVP_PKEY* k) { EVP_PKEY_free(k); }>>;
using Text = std::unique_ptr<BIO, Release<[](BIO* b) { BIO_free(b); }>>;

Result<File> open(const std::string& path, std::string_view what) {
  File file(std::fopen(path.c_str(), "re"));
  if (file) return file;
  return failed(ErrorKind::config, std::string(what) + " " + path + ": " + std::strerror(errno),
                "give the path of a PEM file that this user may read");
}

Result<Certificate> read_certificate(const std::string& path, std::string_view what) {
  auto file = open(path, what);
  if (!file) return std::unexpected(file.error());
  Certificate certificate(PEM_read_X509(file->get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  if (certificate) return certificate;
  return failed(ErrorKind::config, std::string(what) + " " + path + " holds no PEM certificate",
                "it begins with -----BEGIN CERTIFICATE-----");
}

std::string date(const ASN1_TIME* time) {
  Text text(BIO_new(BIO_s_mem()));
  ASN1_TIME_print(text.get(), time);
  char* bytes = nullptr;
  const long n = BIO_get_mem_data(text.get(), &bytes);
  return std::string(bytes, static_cast<std::size_t>(n));
}

Result<void> check_dates(const X509& certificate, const std::string& path, std::string_view what) {
  if (X509_cmp_current_time(X509_get0_notAfter(&certificate)) < 0)
    return failed(ErrorKind::config, std::string(what) + " " + path + " expired on " + date(X509_get0_notAfter(&certificate)),
                  "put a renewed one in its place");
  if (X509_cmp_current_time(X509_get0_notBefore(&certificate)) > 0)
    return failed(ErrorKind::config, std::string(what) + " " + path + " is not valid before " + date(X509_get0_notBefore(&certificate)),
                  "check this computer's clock");
  return {};
}

/// A key behind a pass phrase cannot be used by a program that nobody sits at.
int no_pass_phrase(char*, int, int, void*) { return -1; }

Result<void> check_key(X509& certificate, const TlsFiles& files) {
  if (files.key.empty())
    return failed(ErrorKind::config, "client certificate " + files.certificate + " has no key", "set tls.key beside tls.certificate");
  auto file = open(files.key, "client key");
  if (!file) return std::unexpected(file.error());
  const Key key(PEM_read_PrivateKey(file->get(), nullptr, no_pass_phrase, nullptr));
  ERR_clear_error();
  if (!key) return failed(ErrorKind::config, "client key " + files.key + " holds no PEM private key without pass phrase");
  if (X509_check_private_key(&certificate, key.get()) == 1) return {};
  ERR_clear_error();
  return failed(ErrorKind::config, "client key " + files.key + " does not belong to certificate " + files.certificate);
}
}  // namespace

Result<void> check_tls_files(const TlsFiles& files) {
  if (!files.ca.empty()) {
    auto authority = read_certificate(files.ca, "certificate authority");
    if (!authority) return std::unexpected(authority.error());
  }
  if (files.certificate.empty()) {
    if (files.key.empty()) return {};
    return failed(ErrorKind::config, "client key " + files.key + " has no certificate", "set tls.certificate beside tls.key");
  }
  auto certificate = read_certificate(files.certificate, "client certificate");
  if (!certificate) return std::unexpected(certificate.error());
  if (auto dates = check_dates(**certificate, files.certificate, "client certificate"); !dates) return dates;
  return check_key(**certificate, files);
}

}  // namespace telltale::clients
