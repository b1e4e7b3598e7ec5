#!/bin/sh
# The servers do what README.md promises: who may connect and who may not, and data that outlives a restart.
set -eu
tls=$TELLTALE_TEST_TLS
port() { echo "${1##*:}"; }
refused() { if "$@" 2>/dev/null; then echo "should have been refused: $*" && exit 1; fi; }

over_tls() {  # over_tls CERTIFICATE PASSWORD
  mosquitto_pub -h localhost -p "$(port "$TELLTALE_TEST_MQTT_TLS_URL")" --cafile "$tls/ca.pem" --cert "$tls/$1.pem" --key "$tls/$1.key" \
    -u "$TELLTALE_TEST_MQTT_USER" -P "$2" -t servers_test/tls -m 1 -q 1
}
over_tls client "$TELLTALE_TEST_MQTT_PASSWORD"
refused over_tls client wrong
refused over_tls stranger "$TELLTALE_TEST_MQTT_PASSWORD"
refused mosquitto_pub -h 127.0.0.1 -p "$(port "$TELLTALE_TEST_MQTT_PASSWORD_URL")" -t servers_test/anonymous -m 1 -q 1

# a persistent session: what is published while nobody listens arrives later, even after the broker was down
plain="-h 127.0.0.1 -p $(port "$TELLTALE_TEST_MQTT_URL") -t servers_test/kept -q 1"
# shellcheck disable=SC2086
{
  mosquitto_sub $plain -i servers_test -c -E
  mosquitto_pub $plain -m 'while away'
  "$TELLTALE_TEST_CONTROL" stop mosquitto
  refused mosquitto_pub $plain -m 'into the void'
  "$TELLTALE_TEST_CONTROL" start mosquitto
  test "$(mosquitto_sub $plain -i servers_test -c -C 1 -W 20)" = 'while away'
}

test "$(psql "$TELLTALE_TEST_POSTGRES_DSN" -XAtc 'select 6 * 7')" = 42
refused psql "$(echo "$TELLTALE_TEST_POSTGRES_DSN" | sed 's/:[^:@]*@/:wrong@/')" -XAtc 'select 1'
mysql_port=$(echo "$TELLTALE_TEST_MYSQL_DSN" | sed -E 's#.*:([0-9]+)/.*#\1#')
test "$(mariadb --no-defaults --skip-ssl -h 127.0.0.1 -P "$mysql_port" -u telltale -psecret -D telltale -Ne 'select 6 * 7')" = 42
"$TELLTALE_TEST_CONTROL" restart postgres
test "$(psql "$TELLTALE_TEST_POSTGRES_DSN" -XAtc 'select 6 * 7')" = 42
